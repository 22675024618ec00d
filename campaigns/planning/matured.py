"""Entries whose window has closed: what trains, and what shares are learnt from."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from campaigns.planning.runs import SQL
from scoring.lake.schema import TIME

if TYPE_CHECKING:
    from campaigns.stores import Stores

MATURED: dict[str, Any] = {
    "member_id": pl.String,
    "campaign": pl.String,
    "run_date": pl.Date,
    "arm": pl.String,
    "propensity": pl.Float64,
    "since": TIME,
    "within_days": pl.Int64,
    "at": TIME,
}


def matured(stores: Stores, as_of: datetime) -> pl.DataFrame:
    """First entries whose window has closed by `as_of`: `MATURED` and `until`, when it did."""
    found = stores.database.frame(SQL["matured"], {"as_of": as_of}, MATURED)
    return found.with_columns(until=pl.col("since") + pl.duration(days="within_days"))
