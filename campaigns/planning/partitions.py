"""Messages are partitioned by month of `run_date`: a month is one table, made when its first run plans."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from psycopg import sql

if TYPE_CHECKING:
    from campaigns.db import Database

LOCK = 7_300_002  # an advisory lock's key: two planners must not make one month twice


def ensure_month(database: Database, day: date) -> None:
    """Make the partition that `day` falls into, if it is not there; in a transaction of its own, which is short.

    PostgreSQL locks all messages while a partition is made: workers and readers must not wait for a whole shard.
    """
    start = day.replace(day=1)
    end = date(start.year + start.month // 12, start.month % 12 + 1, 1)
    name = f"messages_{start:%Y_%m}"
    with database.connect() as connection:
        if connection.execute("SELECT to_regclass(%s)", [name]).fetchone() != (None,):
            return
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        connection.execute(
            sql.SQL("CREATE TABLE IF NOT EXISTS {} PARTITION OF messages FOR VALUES FROM ({}) TO ({})").format(
                sql.Identifier(name), sql.Literal(start), sql.Literal(end)
            )
        )
