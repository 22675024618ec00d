"""What a run knows of viewing: plays before its cut-off, of everyone or of some."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from campaigns.planning.runs import Run
    from campaigns.stores import Stores


def plays(stores: Stores, run: Run) -> pl.LazyFrame:
    """Everyone's plays."""
    return stores.lake.scan("plays").filter(pl.col("played_at") < run.cutoff)


def plays_of(stores: Stores, run: Run, members: pl.DataFrame) -> pl.LazyFrame:
    """The plays of these members (member_id): by a filter, which reaches into the scan as no join does."""
    return plays(stores, run).filter(pl.col("member_id").is_in(members["member_id"].implode()))
