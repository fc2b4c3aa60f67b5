"""Kills, lost locks, colleagues, stale readings and a dying database, at random moments of every command that writes.

    python -m benchmarks.torture [--rounds 40] [--database sqlite|postgresql|both] [--seed N] [--only N] [--state FILE]
                                [--act put-back --stage ended --trouble "lost lock"]

A round: a small council with an account on every platform of the sandbox; one command as a process of its own; one or
two troubles at random moments; then, with everything mended, the same command once more and one look. Judged by the
witness (benchmarks/witness.py), by `log verify`, and by the store's own invariants: one open hold a post, no purpose
left open, nothing half sent. Each round can be had again by its seed and number (`--only`), but for what the operating
system decides. `--state` keeps what was done, so that a run that was stopped goes on where it was.
"""
