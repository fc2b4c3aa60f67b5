"""Parts of the Mastodon adapter."""
