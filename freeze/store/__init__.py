"""The store: what was seen, declared, held and logged. Nothing outside this package imports SQLAlchemy.

`rows` describes every table once. Through sessions on those classes go accepted findings, agreements, events, what
feeds published, and requests for information: whole rows in and out, by commands that may take a moment to start.
Plain tables (`tables`, made from the classes) stay where a command must start at once (`status`, `declare` and the
keeper read accounts, posts, holds, pauses, permissions, tasks, jobs, turns, the log and whose settings count), where
one statement changes many rows, and where posts are joined with what became of them (mornings, the calendar). Bank
holidays are read without either (`peek`).
"""
