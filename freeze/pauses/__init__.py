"""The pauses people declare: their state, the dates that come by themselves, what is let through, and previews."""
