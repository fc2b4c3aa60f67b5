"""Parts of the Orlo adapter."""
