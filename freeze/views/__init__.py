"""What a screen needs to know, made from values: how each post stands, the month, feeds and the digest."""
