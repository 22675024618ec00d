"""Which titles may be shown where, on a day."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

WAIT = timedelta(days=3)  # from a day's beginning until its last mail, put off to the next day's hour, has expired
STAY = timedelta(days=2)  # a title that leaves sooner than this after it is seen is not worth showing


def playable(titles: pl.DataFrame, countries: pl.Series, at: datetime, *, wait: timedelta = WAIT) -> pl.DataFrame:
    """The titles that may be shown in each of `countries` (null: nobody knows which): country, title_id.

    Those that are there at a moment, and still will be two days after they may last be seen: a `wait` later, which is
    as long as mails are on their way, or none on a screen.

    `titles` has title_id and, where known, countries (empty: everywhere), added_at and leaves_at.
    """
    there = titles.filter(
        pl.col("added_at").is_null() | (pl.col("added_at") <= at),
        pl.col("leaves_at").is_null() | (pl.col("leaves_at") > at + wait + STAY),
    ).select("title_id", "countries")
    where = pl.DataFrame({"country": countries.unique()})
    pairs = where.join(there, how="cross")
    everywhere = pl.col("countries").is_null() | (pl.col("countries").list.len() == 0)
    allowed = pairs.filter(everywhere | pl.col("countries").list.contains(pl.col("country")))
    return allowed.select("country", "title_id")


def left_to_show(members: pl.DataFrame, played: pl.DataFrame, allowed: pl.DataFrame) -> pl.DataFrame:
    """How many titles each member may be shown: those allowed in their country, less those played.

    Args:
        members: member_id, country, titles_lifetime (how many titles they have played).
        played: member_id, title_id, of these members or more.
        allowed: country, title_id.

    Returns:
        member_id, titles.
    """
    per_country = allowed.group_by("country").agg(titles=pl.len().cast(pl.Int64))
    counted = members.select("member_id", "country", "titles_lifetime").join(
        per_country, on="country", how="left", nulls_equal=True
    )
    seen = (
        played.join(members.select("member_id", "country"), on="member_id")
        .unique(["member_id", "title_id"])
        .join(allowed, on=["country", "title_id"], how="semi", nulls_equal=True)
        .group_by("member_id")
        .agg(seen=pl.len().cast(pl.Int64))
    )
    left = pl.col("titles").fill_null(0) - pl.col("seen").fill_null(0)
    return counted.join(seen, on="member_id", how="left").select("member_id", titles=left)
