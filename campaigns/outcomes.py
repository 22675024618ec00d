"""Who came back: told to what waits, and to what is judged."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from campaigns.db.database import copy_rows
from campaigns.delivery.outbox import SQL as OUTBOX
from campaigns.planning.runs import SQL as PLANNING
from scoring.winback.labels import comebacks
from scoring.winback.training import TRIAL, imported_trials

if TYPE_CHECKING:
    from campaigns.stores import Stores

TIME = pl.Datetime("us", "UTC")
FAR = datetime.max.replace(year=9000)
MAILED = {"member_id": pl.String, "mailed_at": TIME}
MATURED = {
    "member_id": pl.String,
    "campaign": pl.String,
    "run_date": pl.Date,
    "arm": pl.String,
    "propensity": pl.Float64,
    "since": TIME,
    "within_days": pl.Int64,
    "at": TIME,
}


def mark_returned(stores: Stores) -> int:
    """Tell waiting messages, and shadows, of comebacks since their day began; returns how many members came back.

    Nobody reads "we miss you" the day after watching: what is due later than the comeback will be suppressed.
    """
    waiting = stores.database.frame(OUTBOX["waiting"], {}, {"member_id": pl.String, "since": TIME})
    if not waiting.height:
        return 0
    asked = waiting.with_columns(until=pl.lit(FAR).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"))
    back = comebacks(asked, stores.lake.scan("plays"), stores.lake.scan("outcomes")).filter(
        pl.col("came_at").is_not_null()
    )
    with stores.database.connect() as connection:
        connection.execute(
            "CREATE TEMPORARY TABLE returned (member_id text, cutoff timestamptz, at timestamptz) ON COMMIT DROP"
        )
        rows = back.select("member_id", "since", "came_at").iter_rows()
        copy_rows(connection, "returned", ["member_id", "cutoff", "at"], rows)
        connection.execute(OUTBOX["returned"])
    return back.height


def mails(stores: Stores) -> pl.DataFrame:
    """The win-back mails that Encore sent: member_id, mailed_at."""
    return stores.database.frame(PLANNING["mailed"], {}, MAILED)


def trials(stores: Stores, as_of: datetime, within: timedelta) -> pl.DataFrame:
    """All trials that have matured by `as_of`, in the columns that training takes: entries, and imported mailings.

    `within` is the window of imported ones, which have none of their own.
    """
    found = stores.database.frame(PLANNING["matured"], {"as_of": as_of}, MATURED)
    own = found.with_columns(until=pl.col("since") + pl.duration(days=pl.col("within_days")))
    return pl.concat([own.select(list(TRIAL)), imported_trials(stores.lake, within, as_of)])
