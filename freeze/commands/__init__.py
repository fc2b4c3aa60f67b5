"""Commands: each takes an `App`, asks the rest of the house, and prints. No rule lives here."""
