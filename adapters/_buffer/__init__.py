"""Parts of the Buffer adapter."""
