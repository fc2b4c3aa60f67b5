"""When the guard works by itself: the nightly clock and the watch. What it then does is an act."""
