"""Alembic runs this file; the connection comes from `connector.jobs.migrate`."""

from alembic import context

from connector.jobs.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by making it anew
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
