"""HTTP for every adapter: one client, its deadlines, budgets, tokens and redaction."""
