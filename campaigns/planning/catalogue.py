"""The titles that a run may show at all: those that its campaign does not rule out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from campaigns.db import statements

if TYPE_CHECKING:
    from campaigns.planning.runs import Run
    from campaigns.stores import Stores

SQL = statements("campaigns.planning", "catalogue.sql")
AHEAD = 20  # ranks that a boosted title goes up: to the top where the member would like it, not where not
FIRST = 1_000  # ranks that a title goes up which the member looked for: farther than any boost
LATELY = timedelta(days=14)  # so long what a member opened or searched for counts
LOOKED_FOR = {"member_id": pl.String, "title_id": pl.String}


def titles_of(stores: Stores, run: Run) -> pl.DataFrame:
    """The titles known at the run's cut-off, but for those blocked, and those of another maturity than is allowed.

    Where a campaign says which maturities it allows, a title of which nobody knows it is left out.
    """
    titles = stores.lake.at("titles", run.cutoff).collect()
    rules = run.asked.titles
    left = titles.filter(~pl.col("title_id").is_in(list(rules.block)))
    return left.filter(pl.col("maturity").is_in(list(rules.maturity))) if rules.maturity else left


def boosted(run: Run, ranked: pl.DataFrame) -> pl.DataFrame:
    """`ranked` (title_id, rank, …) with the campaign's boosted titles moved up; they stay in their order."""
    ahead = pl.when(pl.col("title_id").is_in(list(run.asked.titles.boost))).then(AHEAD).otherwise(0)
    return ranked.with_columns(rank=pl.col("rank") - ahead)


def looked_for(stores: Stores, run: Run, members: pl.DataFrame) -> pl.DataFrame:
    """What members (member_id) searched for or opened on the way back in the two weeks before: `LOOKED_FOR`.

    A trial asks nobody: only runs that write may know what members did.
    """
    if not run.opened or not members.height:
        return pl.DataFrame(schema=LOOKED_FOR)
    asked = {"members": members["member_id"].to_list(), "since": run.cutoff - LATELY, "until": run.cutoff}
    return stores.database.frame(SQL["looked_for"], asked, LOOKED_FOR)


def first_of_all(ranked: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    """`ranked` (member_id, title_id, rank, …) with the titles `wanted` before all others; they stay in their order."""
    theirs = wanted.unique().with_columns(ahead=pl.lit(FIRST))
    both = ranked.join(theirs, on=list(LOOKED_FOR), how="left", maintain_order="left")
    return both.with_columns(rank=pl.col("rank") - pl.col("ahead").fill_null(0)).drop("ahead")
