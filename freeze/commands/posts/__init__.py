"""Judging posts, deciding on them, putting them back."""
