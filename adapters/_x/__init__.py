"""Parts of the X adapter."""
