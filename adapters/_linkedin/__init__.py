"""Parts of the LinkedIn adapter."""
