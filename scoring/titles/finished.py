"""What a member has finished of what they played, and what they only began."""

from __future__ import annotations

import polars as pl

HALF = 0.5  # of a title's minutes; from here on it counts as finished


def unfinished(plays: pl.DataFrame, titles: pl.DataFrame) -> pl.DataFrame:
    """Titles that were begun and not finished: member_id, title_id, last (when they were last played).

    A title of which half was watched in one go is finished; so is one of which nobody knows how long it is, or how long
    it was watched. A series counts by its episode.

    Args:
        plays: member_id, title_id, played_at, minutes (null: not told).
        titles: title_id, minutes (null: not known).
    """
    longest = plays.group_by("member_id", "title_id").agg(
        last=pl.col("played_at").max(), seen=pl.col("minutes").max(), told=pl.col("minutes").is_not_null().all()
    )
    known = longest.join(titles.select("title_id", pl.col("minutes").alias("length")), on="title_id")
    begun = pl.col("told") & (pl.col("seen") < HALF * pl.col("length"))
    return known.filter(begun.fill_null(value=False)).select("member_id", "title_id", "last")
