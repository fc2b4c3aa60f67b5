"""The one description of every table: SQLModel classes, each column with its unit, whose personal data, and how long.

What starts at once reads the same tables as plain SQLAlchemy (`freeze.store.tables`), which `python -m
benchmarks.described` makes from these classes: importing them costs `freeze status` a third of its start (measured).
"""
