"""What tests of sending and of feedback share; the rows are made in making.py."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from psycopg import sql

from campaigns.db import Database
from campaigns.delivery import Rules, outbox
from tests.campaigns.making import NOW, House


@pytest.fixture
def house(database):
    """The test's database, to be filled."""
    return House(database)


@pytest.fixture
def box(database):
    """A worker's outbox at `NOW`, under the default rules."""
    with outbox(database, Rules(2, timedelta(days=7), 23, 7), lambda: NOW) as made:
        yield made


@pytest.fixture(scope="session")
def kept_database(postgres: Database) -> Iterator[Database]:
    """One database for many small tests, for those folders whose conftest.py says so: making one takes a while."""
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE kept TEMPLATE encore STRATEGY file_copy")
    yield Database(psycopg.conninfo.make_conninfo(postgres.url, dbname="kept"))
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("DROP DATABASE kept WITH (FORCE)")


@pytest.fixture
def emptied(kept_database: Database) -> Iterator[Database]:
    """That database, without a row in it."""
    yield kept_database
    with kept_database.connect() as connection:
        connection.execute("SET session_replication_role = replica")  # foreign keys do not ask for an order
        for (table,) in connection.execute(TABLES).fetchall():
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))


TABLES = """
SELECT relname::text FROM pg_class
 WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace
   AND relname <> 'alembic_version'
"""
