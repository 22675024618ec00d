"""The titles that a run may show at all: those that its campaign does not rule out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from campaigns.planning.runs import Run
    from campaigns.stores import Stores

AHEAD = 20  # ranks that a boosted title goes up: to the top where the member would like it, not where not


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
