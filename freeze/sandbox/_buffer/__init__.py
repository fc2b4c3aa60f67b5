"""Parts of the Buffer simulator."""
