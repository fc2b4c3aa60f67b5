"""Parts of the YouTube adapter."""
