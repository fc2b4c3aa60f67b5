"""Rows as objects, in a transaction that somebody else began and ends; for what need not start at once."""

from __future__ import annotations

from sqlalchemy import Connection
from sqlmodel import Session


def session(c: Connection) -> Session:
    """A session that takes part in the caller's transaction: closing it ends nothing, and it never commits."""
    return Session(c, join_transaction_mode="rollback_only", expire_on_commit=False)
