"""Alembic's entry: migrations run in one transaction on the engine that `migrate` hands in."""

from __future__ import annotations

from alembic import context

with context.config.attributes["engine"].begin() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
