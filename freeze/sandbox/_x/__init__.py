"""Parts of the X simulator."""
