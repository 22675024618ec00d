"""Connections to the database that requests take turns with: opening one takes longer than what is asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, Full, LifoQueue
from typing import TYPE_CHECKING, Any

import psycopg

from campaigns.db.database import unreachable

if TYPE_CHECKING:
    from campaigns.db import Database

IDLE = 8  # are kept open


class Connections:
    """Connections to one database. Each statement is a transaction by itself."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._idle: LifoQueue[psycopg.Connection[Any]] = LifoQueue(IDLE)

    @contextmanager
    def use(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection that is this caller's alone while the block runs; kept for the next if the block ends well.

        Raises:
            Unavailable: the database cannot be reached.
        """
        connection = self._kept() or self._opened()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        try:
            self._idle.put_nowait(connection)
        except Full:
            connection.close()

    def close(self) -> None:
        """Close those that nobody uses."""
        while (connection := self._next()) is not None:
            connection.close()

    def _kept(self) -> psycopg.Connection[Any] | None:
        """One that is idle and still leads somewhere; those that do not any more are closed."""
        while (connection := self._next()) is not None:
            with suppress(psycopg.Error):
                connection.execute("SELECT")
                return connection
            connection.close()
        return None

    def _next(self) -> psycopg.Connection[Any] | None:
        try:
            return self._idle.get_nowait()
        except Empty:
            return None

    def _opened(self) -> psycopg.Connection[Any]:
        try:
            return psycopg.connect(self.database.url, autocommit=True)
        except psycopg.OperationalError as error:
            raise unreachable(error) from error
