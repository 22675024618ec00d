"""The rows of a mail: which titles, under which heading, in which order; no title twice."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

WIDTH = 3  # titles in a row; a row that cannot be filled is left out
RECENT = timedelta(days=90)
CANDIDATES = 60  # popular titles a country to look for unseen ones among
HERO, FOR_YOU, POPULAR = "hero", "for_you", "popular"
PERSONAL = 1 + WIDTH  # titles that are the member's own: the hero, and the row below it


def rows(ranked: pl.DataFrame, popular: pl.DataFrame, members: pl.DataFrame, played: pl.DataFrame) -> pl.DataFrame:
    """The picks of each member's mail.

    Args:
        ranked: member_id, title_id, rank (1 the best), score: what the title model recommends.
        popular: country, title_id, place: what is played most, among what may be shown there.
        members: member_id, country.
        played: member_id, title_id.

    Returns:
        member_id, row (0 the hero), kind, slot (0 the first), title_id, score; sorted.
    """
    own = ranked.filter(pl.col("rank") <= PERSONAL).select(
        "member_id",
        row=pl.when(pl.col("rank") == 1).then(0).otherwise(1),
        kind=pl.when(pl.col("rank") == 1).then(pl.lit(HERO)).otherwise(pl.lit(FOR_YOU)),
        slot=pl.when(pl.col("rank") == 1).then(0).otherwise(pl.col("rank").cast(pl.Int64) - 2),
        title_id="title_id",
        score="score",
    )
    used = pl.concat([played.select("member_id", "title_id"), own.select("member_id", "title_id")])
    fresh = members.join(popular, on="country", nulls_equal=True).join(used, on=["member_id", "title_id"], how="anti")
    place = pl.col("place").rank("ordinal").over("member_id").cast(pl.Int64) - 1
    crowd = fresh.select(
        "member_id",
        row=pl.lit(2),
        kind=pl.lit(POPULAR),
        slot=place,
        title_id="title_id",
        score=pl.lit(None, pl.Float64),
    ).filter(pl.col("slot") < WIDTH)
    picks = pl.concat([own.cast({"row": pl.Int32}), crowd.cast({"row": pl.Int32})])
    full = (pl.col("row") == 0) | (pl.len().over("member_id", "row") == WIDTH)
    return picks.filter(full).sort("member_id", "row", "slot")


def popular(plays: pl.LazyFrame, allowed: pl.DataFrame, members: pl.LazyFrame, at: datetime) -> pl.DataFrame:
    """What a country's members play most among what may be shown there: country, title_id, place (1 the most played).

    Plays of the last 90 days count ten times as much as older ones: few plays make old favourites show through.
    `plays` end before `at`; `members` has member_id and country.
    """
    weight = pl.when(pl.col("played_at") >= at - RECENT).then(10).otherwise(1)
    wanted = allowed.lazy()
    own = plays.join(members, on="member_id").group_by("country", "title_id").agg(own=weight.sum())
    all_ = plays.group_by("title_id").agg(all=weight.sum())
    joined = wanted.join(own, on=["country", "title_id"], how="left", nulls_equal=True).join(
        all_, on="title_id", how="left"
    )
    score = pl.col("own").fill_null(0) + pl.col("all").fill_null(0) * 1e-3  # the whole service breaks a country's ties
    ranked = joined.with_columns(score=score).collect().sort(-pl.col("score"), "title_id")
    place = pl.int_range(1, pl.len() + 1).over("country")
    return ranked.with_columns(place=place).filter(pl.col("place") <= CANDIDATES).select("country", "title_id", "place")
