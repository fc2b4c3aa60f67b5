"""Runs the migrations on the connection handed over by `freeze.store.database.migrate`."""

from alembic import context

from freeze.store.describe import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
