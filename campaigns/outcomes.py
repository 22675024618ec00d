"""Who came back: told to what waits, and to what is judged; and the logs from which anyone can recompute it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from campaigns.db import statements
from campaigns.db.database import copy_rows
from campaigns.delivery.outbox import SQL as OUTBOX
from campaigns.planning.matured import matured
from campaigns.planning.runs import SQL as PLANNING
from scoring.lake.schema import TIME
from scoring.winback.labels import comebacks
from scoring.winback.trials import TRIAL, imported_trials

if TYPE_CHECKING:
    from campaigns.stores import Stores

SQL = statements("campaigns", "outcomes.sql")
FAR = datetime(9000, 1, 1, tzinfo=UTC)
MAILED = {"member_id": pl.String, "mailed_at": TIME}
DECISIONS = {
    "member_id": pl.String,
    "kind": pl.String,
    "title_id": pl.String,
    "choice": pl.String,
    "propensity": pl.Float64,
    "candidates": pl.String,
    "campaign": pl.String,
    "run_date": pl.Date,
}
ENTRIES = {
    "campaign": pl.String,
    "member_id": pl.String,
    "arm": pl.String,
    "propensity": pl.Float64,
    "explored": pl.Boolean,
    "first_run": pl.Date,
    "due_at": TIME,
    "arms": pl.String,
    "within_days": pl.Int64,
}
SIGNALS: dict[str, dict[str, Any]] = {
    "views": {"message_id": pl.String, "run_date": pl.Date, "at": TIME},
    "searches": {
        "member_id": pl.String,
        "message_id": pl.String,
        "run_date": pl.Date,
        "query": pl.String,
        "titles": pl.String,
        "at": TIME,
    },
    "openings": {
        "member_id": pl.String,
        "message_id": pl.String,
        "run_date": pl.Date,
        "title_id": pl.String,
        "at": TIME,
    },
    "pictures": {
        "member_id": pl.String,
        "day": pl.Date,
        "title_id": pl.String,
        "artwork_id": pl.String,
        "propensity": pl.Float64,
        "candidates": pl.String,
        "at": TIME,
    },
}


def mark_returned(stores: Stores) -> int:
    """Tell waiting messages, and shadows, of comebacks since their day began; returns how many members came back.

    Nobody reads "we miss you" the day after watching: what is due later than the comeback will be suppressed.
    """
    waiting = stores.database.frame(OUTBOX["waiting"], {}, {"member_id": pl.String, "since": TIME})
    if not waiting.height:
        return 0
    asked = waiting.with_columns(until=pl.lit(FAR))
    back = comebacks(asked, stores.lake.scan("plays"), stores.lake.scan("outcomes")).filter(
        pl.col("came_at").is_not_null()
    )
    with stores.database.connect() as connection:
        connection.execute(SQL["stage"])
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
    own = matured(stores, as_of)
    return pl.concat([own.select(list(TRIAL)), imported_trials(stores.lake, within, as_of)])


def entries(stores: Stores) -> pl.DataFrame:
    """Every entry with its first comeback within the window: what any report can be recomputed from."""
    found = stores.database.frame(SQL["entries"], {}, ENTRIES)
    asked = found.with_columns(since="due_at", until=pl.col("due_at") + pl.duration(days=pl.col("within_days")))
    judged = comebacks(asked, stores.lake.scan("plays"), stores.lake.scan("outcomes"))
    return judged.drop("since").rename({"until": "window_closes_at", "came_at": "came_back_at"})


def decisions(stores: Stores) -> pl.DataFrame:
    """Every random choice with its probability, as logged."""
    if stores.lake.is_empty("decisions"):
        return pl.DataFrame(schema=DECISIONS)
    found = stores.lake.scan("decisions").collect()
    listed = pl.col("candidates").list.join("|")
    return found.with_columns(candidates=listed).sort("campaign", "run_date", "member_id", "kind", "title_id")


def signals(stores: Stores, table: str) -> pl.DataFrame:
    """What members did on the way back, as it is kept, the oldest first. `table`: one of `SIGNALS`; lists by `|`."""
    return stores.database.frame(SQL[table], {}, SIGNALS[table])
