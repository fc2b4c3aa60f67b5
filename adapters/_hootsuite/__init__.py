"""Parts of the Hootsuite adapter."""
