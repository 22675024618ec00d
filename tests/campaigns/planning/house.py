"""One database for a file of tests, emptied between them: making one takes a second, and these tests need no new one.

A file takes it up with `from tests.campaigns.planning.house import emptied, one_database`.
"""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from campaigns.db import Database

TABLES = (
    "events",
    "attempts",
    "probes",
    "spools",
    "messages",
    "entries",
    "planned_shards",
    "runs",
    "campaign_versions",
    "campaigns",
    "audit",
    "users",
    "suppressions",
    "contacts",
    "searches",
    "openings",
)
EMPTY = ";".join(f"DELETE FROM {table}" for table in TABLES)
_made: list[str] = []


@pytest.fixture(scope="module")
def one_database(postgres: Database) -> Iterator[Database]:
    """A database for all tests of a file."""
    _made.append(f"house_{len(_made)}")
    name = sql.Identifier(_made[-1])
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE encore STRATEGY file_copy").format(name))
    yield Database(psycopg.conninfo.make_conninfo(postgres.url, dbname=_made[-1]))
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@pytest.fixture(name="database")
def emptied(one_database: Database) -> Iterator[Database]:
    """An empty database of this version's schema."""
    yield one_database
    with one_database.connect() as connection:
        connection.execute(EMPTY)
