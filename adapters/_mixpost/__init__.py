"""Parts of the Mixpost adapter."""
