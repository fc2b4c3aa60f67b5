"""Declaring, announcing, ending and letting through."""
