"""Dates that the law counts."""
