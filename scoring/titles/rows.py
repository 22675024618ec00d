"""The rows of a mail: which titles, under which heading, in which order; no title twice."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

WIDTH = 3  # titles in a row; a row that cannot be filled is left out
RECENT = timedelta(days=90)
CANDIDATES = 60  # popular titles a country to look for unseen ones among
HERO, FOR_YOU, POPULAR = "hero", "for_you", "popular"
PERSONAL = 1 + WIDTH  # titles that are the member's own: the hero, and the row below it
ORDERED = ("member_id", "title_id", "order")


def rows(ranked: pl.DataFrame, popular: pl.DataFrame, members: pl.DataFrame, played: pl.DataFrame) -> pl.DataFrame:
    """The picks of each member's mail. Nobody gets a title that they have played, or one that is not theirs to play.

    Args:
        ranked: member_id, title_id, rank (1 the best), score: what the title model recommends.
        popular: country, title_id, place: what is played most, among what may be shown there.
        members: member_id, country.
        played: member_id, title_id.

    Returns:
        member_id, row (0 the hero), kind, slot (0 the first), title_id, score; sorted. Where the model knows nothing
        for a member the hero is the most popular; a member to whom nothing can be shown has no rows.
    """
    crowd = _in_order(members.join(popular, on="country", nulls_equal=True), "place", played)
    own = _in_order(ranked, "rank", played).filter(pl.col("order") < PERSONAL)
    strange = crowd.join(own, on="member_id", how="anti").filter(pl.col("order") == 0)
    personal = pl.concat([own.select(*ORDERED, "score"), strange.select(*ORDERED, score=pl.lit(None, pl.Float64))])
    used = personal.select("member_id", "title_id")
    others = _in_order(crowd, "order", used).filter(pl.col("order") < WIDTH)
    hero = pl.col("order") == 0
    picks = pl.concat(
        [
            personal.select(
                "member_id",
                row=pl.when(hero).then(0).otherwise(1),
                kind=pl.when(hero).then(pl.lit(HERO)).otherwise(pl.lit(FOR_YOU)),
                slot=pl.when(hero).then(0).otherwise(pl.col("order") - 1),
                title_id="title_id",
                score="score",
            ),
            others.select(
                "member_id",
                row=pl.lit(2),
                kind=pl.lit(POPULAR),
                slot="order",
                title_id="title_id",
                score=pl.lit(None, pl.Float64),
            ),
        ]
    )
    full = (pl.col("row") == 0) | (pl.len().over("member_id", "row") == WIDTH)
    return picks.filter(full).sort("member_id", "row", "slot")


def _in_order(titles: pl.DataFrame, by: str, but: pl.DataFrame) -> pl.DataFrame:
    """Each member's titles but those, with their `order` (0 the first) among what is left."""
    left = titles.join(but, on=["member_id", "title_id"], how="anti")
    return left.with_columns(order=pl.col(by).rank("ordinal").over("member_id").cast(pl.Int64) - 1)


def allowed_of(ranked: pl.DataFrame, members: pl.DataFrame, allowed: pl.DataFrame) -> pl.DataFrame:
    """`ranked` (member_id, title_id, …) without titles that may not be shown in the member's country.

    `members`: member_id, country; `allowed`: country, title_id.
    """
    there = ranked.join(members.select("member_id", "country"), on="member_id")
    return there.join(allowed, on=["country", "title_id"], how="semi", nulls_equal=True).drop("country")


def popular(plays: pl.LazyFrame, allowed: pl.DataFrame, members: pl.LazyFrame, at: datetime) -> pl.DataFrame:
    """What a country's members play most among what may be shown there: country, title_id, place (1 the most played).

    Plays of the last 90 days count ten times as much as older ones: few plays make old favourites show through. The
    whole service breaks a country's ties. `plays` end before `at`; `members` has member_id and country.
    """
    weight = pl.when(pl.col("played_at") >= at - RECENT).then(10).otherwise(1).sum()
    known = plays.group_by("member_id", "title_id").agg(weight=weight)
    own = known.join(members, on="member_id").group_by("country", "title_id").agg(own=pl.col("weight").sum())
    all_ = known.group_by("title_id").agg(all=pl.col("weight").sum())
    shown = (
        allowed.lazy()
        .join(own, on=["country", "title_id"], how="left", nulls_equal=True)
        .join(all_, on="title_id", how="left")
        .with_columns(pl.col("own", "all").fill_null(0))
        .collect()
    )
    ranked = shown.sort("own", "all", "title_id", descending=[True, True, False])
    place = pl.int_range(1, pl.len() + 1).over("country")
    return ranked.with_columns(place=place).filter(pl.col("place") <= CANDIDATES).select("country", "title_id", "place")
