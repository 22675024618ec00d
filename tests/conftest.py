"""What all tests share: a real PostgreSQL, a database of its own for each test that wants one, and a home."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql

from campaigns.db import Database, open_database
from campaigns.settings import Settings
from campaigns.stores import Stores, stores_at

# A busy machine is no failure; and a change is judged by the same examples each time, while people look for new ones.
settings.register_profile("encore", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("encore")

_names = count(1)


def _settings(home: Path, **values: object) -> Settings:
    return Settings(home=home, _env_file=None, **values)


@pytest.fixture(scope="session")
def server_home() -> Iterator[Path]:
    """The home of the session's servers; short, since a socket's path is."""
    home = Path(tempfile.mkdtemp(prefix="encore-"))
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(server_home: Path) -> Iterator[Database]:
    """The bundled PostgreSQL, migrated; its database is the pattern for those of the tests."""
    with open_database(_settings(server_home)) as database:
        yield database


@contextmanager
def new_database(postgres: Database) -> Iterator[Database]:
    """An empty database of this version's schema, as long as the block lasts."""
    name = f"test_{next(_names)}"
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        made = sql.SQL("CREATE DATABASE {} TEMPLATE encore STRATEGY file_copy")
        connection.execute(made.format(sql.Identifier(name)))
    yield Database(psycopg.conninfo.make_conninfo(postgres.url, dbname=name))
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def database(postgres: Database) -> Iterator[Database]:
    """An empty database for this test alone."""
    with new_database(postgres) as made:
        yield made


@pytest.fixture(scope="module")
def module_database(postgres: Database) -> Iterator[Database]:
    """A database for the tests of one file that only read what was made for all of them."""
    with new_database(postgres) as made:
        yield made


@pytest.fixture(scope="session")
def kept_database(postgres: Database) -> Iterator[Database]:
    """One database for many small tests: making one takes a while."""
    with new_database(postgres) as made:
        yield made


@pytest.fixture
def emptied(kept_database: Database) -> Iterator[Database]:
    """That database, without a row in it: `from tests.kept import kept` takes it up."""
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


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An Encore home for this test alone."""
    return tmp_path / "home"


@pytest.fixture
def stores(database: Database, home: Path) -> Stores:
    """The stores of this test: its own database, its own lake."""
    return stores_at(_settings(home, database_url=database.url), database.url)
