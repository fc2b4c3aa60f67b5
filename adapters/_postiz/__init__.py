"""Parts of the Postiz adapter."""
