"""Bring a database's schema to this version, by Alembic; one process at a time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from alembic.config import Config

    from campaigns.db.database import Database

HERE = Path(__file__).parent / "migrations"
HEAD = "0002"
LOCK = 7_300_001  # an advisory lock's key; any number that nothing else uses


def upgrade(database: Database) -> None:
    """Apply the migrations that are missing."""
    with database.connect() as connection:
        if version(connection) == HEAD:
            return
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        if version(connection) != HEAD:
            _run_alembic(database)


def version(connection: psycopg.Connection[tuple[str | None]]) -> str | None:
    """The schema's version; None for an empty database."""
    with connection.transaction(force_rollback=True):
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except psycopg.errors.UndefinedTable:
            return None
    return row[0] if row else None


def _run_alembic(database: Database) -> None:
    from alembic import command  # noqa: PLC0415 - takes .4 s, and a database is migrated once

    command.upgrade(config(database), "head")


def config(database: Database) -> Config:
    """Alembic's configuration, without a file."""
    from alembic.config import Config  # noqa: PLC0415 - as above

    made = Config()
    made.set_main_option("script_location", str(HERE))
    made.attributes["engine"] = database.engine
    return made
