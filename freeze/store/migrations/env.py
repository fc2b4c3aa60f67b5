"""Runs the migrations on the connection handed over by `freeze.store.database.migrate`."""

from alembic import context

from freeze.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
