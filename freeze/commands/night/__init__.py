"""What is paused now, and what reads the platforms."""
