"""One run: collect, hold or put back, verify, and the queue of each connection."""
