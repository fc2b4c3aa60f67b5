"""What people write for the public, read as text: bios and the hours they state, words that grow stale."""
