"""Alembic's environment: runs on the connection that storage/migrate.py hands over."""

from __future__ import annotations

from alembic import context

from sharethings.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
