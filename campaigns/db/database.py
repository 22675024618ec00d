"""One PostgreSQL, reached two ways: psycopg for what is bulk or must be exact SQL, SQLModel for single records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import dict_row

from campaigns.db.server import server
from campaigns.errors import Unavailable

if TYPE_CHECKING:
    import polars as pl
    from sqlalchemy import Engine
    from sqlmodel import Session

    from campaigns.settings import Settings

CHUNK = 50_000  # rows that are Python objects at a time


class Database:
    """Where the state is kept. Cheap to make; opens connections as they are asked for."""

    def __init__(self, url: str) -> None:
        self.url = url

    @contextmanager
    def connect(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection whose transaction commits when the block ends well, and rolls back when it does not."""
        try:
            connection = psycopg.connect(self.url)
        except psycopg.OperationalError as error:
            raise unreachable(error) from error
        with connection:
            yield connection

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A SQLModel session, committed when the block ends well."""
        from sqlmodel import Session  # noqa: PLC0415 - SQLAlchemy takes .3 s to import; most commands need none of it

        with Session(self.engine, expire_on_commit=False) as session:
            yield session
            session.commit()

    @cached_property
    def engine(self) -> Engine:
        """SQLAlchemy's engine over the same database."""
        from sqlalchemy import NullPool, create_engine  # noqa: PLC0415 - as above

        return create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(self.url), poolclass=NullPool)

    def frame(self, query: str, values: dict[str, Any], schema: dict[str, Any]) -> pl.DataFrame:
        """The rows of a SELECT as a polars frame with the columns and types of `schema`, fetched some at a time."""
        import polars as pl  # noqa: PLC0415 - as above

        with self.connect() as connection, connection.cursor(name="frame") as cursor:
            connection.execute("SET LOCAL cursor_tuple_fraction = 1")  # all rows are wanted, not the first ones soon
            cursor.execute(query, values)
            chunks = iter(lambda: cursor.fetchmany(CHUNK), [])
            frames = [pl.DataFrame(rows, schema=schema, orient="row") for rows in chunks]
        return pl.concat(frames) if frames else pl.DataFrame(schema=schema)

    def rows(self, query: str, values: dict[str, Any]) -> list[dict[str, Any]]:
        """The rows of a SELECT as dicts: for few."""
        with self.connect() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query, values).fetchall()


def copy_rows(
    connection: psycopg.Connection[Any], table: str, columns: Sequence[str], rows: Iterator[Sequence[Any]]
) -> int:
    """Write `rows` by COPY, PostgreSQL's fastest way in; returns how many."""
    count = 0
    with connection.cursor().copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """The database of `settings`, started if it is the bundled one, and migrated to this version.

    Raises:
        Unavailable: it cannot be started or reached.
    """
    from campaigns.db.migrate import upgrade  # noqa: PLC0415 - Alembic is needed only when the schema is not the newest

    with server(settings) as url:
        database = Database(url)
        upgrade(database)
        yield database


def unreachable(error: psycopg.OperationalError) -> Unavailable:
    """What PostgreSQL's client said, as one line without the URL (it may hold a password)."""
    said = str(error).strip().splitlines()[0] if str(error).strip() else "no answer"
    return Unavailable("the database", said, "check ENCORE_DATABASE_URL and that PostgreSQL is running")
