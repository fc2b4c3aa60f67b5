"""Parts of the WordPress adapter."""
