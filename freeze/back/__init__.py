"""The way back after a pause: the morning after, what to decide first, what can be promised."""
