"""What a country's members play most, among what may be shown there."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

RECENT = timedelta(days=90)
CANDIDATES = 60  # titles a country: enough to find some that a member has not played


def popular(plays: pl.LazyFrame, allowed: pl.DataFrame, members: pl.LazyFrame, at: datetime) -> pl.DataFrame:
    """What is played most in each country: country, title_id, place (1 the most played).

    Plays of the last 90 days count ten times as much as older ones: few plays make old favourites show through. The
    whole service breaks a country's ties. `plays` end before `at`; `members` has member_id and country; `allowed`
    country and title_id.
    """
    weight = pl.when(pl.col("played_at") >= at - RECENT).then(10).otherwise(1).sum()
    there = plays.join(members, on="member_id", how="left")
    counted = there.group_by("country", "title_id").agg(own=weight).collect()
    everywhere = counted.group_by("title_id").agg(all=pl.col("own").sum())
    shown = (
        allowed.join(counted, on=["country", "title_id"], how="left", nulls_equal=True)
        .join(everywhere, on="title_id", how="left")
        .with_columns(pl.col("own", "all").fill_null(0))
    )
    ranked = shown.sort("own", "all", "title_id", descending=[True, True, False])
    place = pl.int_range(1, pl.len() + 1).over("country")
    return ranked.with_columns(place=place).filter(pl.col("place") <= CANDIDATES).select("country", "title_id", "place")
