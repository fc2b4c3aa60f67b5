"""Runs the migrations on the connection handed over by `freeze.store.database.migrate`."""

from alembic import context
from sqlmodel import SQLModel

import freeze.store.tables  # noqa: F401 - fills the metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
