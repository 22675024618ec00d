import psycopg
import pytest
from alembic import command

from campaigns.db import Database
from campaigns.db.migrate import HEAD, config, upgrade, version


@pytest.fixture
def first(postgres):
    """A database of the first version's schema."""
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE first TEMPLATE template0")
    database = Database(psycopg.conninfo.make_conninfo(postgres.url, dbname="first"))
    command.upgrade(config(database), "0001")
    yield database
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("DROP DATABASE first WITH (FORCE)")


def test_a_new_database_has_this_versions_schema(database):
    with database.connect() as connection:
        assert version(connection) == HEAD


def test_migrating_twice_changes_nothing(database):
    upgrade(database)
    with database.connect() as connection:
        assert version(connection) == HEAD


def test_an_older_database_keeps_its_rows_and_gets_what_it_lacks(first):
    with first.connect() as connection:
        connection.execute("INSERT INTO clicks VALUES (gen_random_uuid(), '2026-12-01', 0, now())")
    upgrade(first)
    with first.connect() as connection:
        assert version(connection) == HEAD
        assert connection.execute("SELECT count(*) FROM clicks").fetchone() == (1,)
        for table in ("views", "searches", "openings", "pictures"):
            connection.execute(f"SELECT FROM {table}")
