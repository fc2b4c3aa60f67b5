"""What adapters share besides HTTP: offers, parking dates, instants, platforms that are only watched."""
