"""What the guard promises about speed and memory, measured: `python -m benchmarks.bench`."""
