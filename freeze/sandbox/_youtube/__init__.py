"""Parts of the YouTube simulator."""
