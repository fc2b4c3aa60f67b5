"""Setting up, looking after and practising."""
