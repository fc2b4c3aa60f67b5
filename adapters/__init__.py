"""One file per platform. A public module here is an adapter; names starting with `_` are shared tools."""
