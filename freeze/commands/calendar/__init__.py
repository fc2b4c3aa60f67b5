"""The month, and the shared calendar."""
