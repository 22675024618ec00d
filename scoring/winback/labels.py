"""What came of a mail, or of its absence: did the member come back within the window, and when first."""

from __future__ import annotations

import polars as pl

from scoring.lake.schema import TIME


def comebacks(asked: pl.DataFrame, plays: pl.LazyFrame, outcomes: pl.LazyFrame) -> pl.DataFrame:
    """The first play or resubscription in [since, until) of each row asked, or null.

    Args:
        asked: member_id, since, until and whatever else; kept as it is, in order.
        plays: member_id, played_at.
        outcomes: member_id, kind, at.

    Returns:
        `asked` with `came_at`, in microseconds as the lake's times are; those asked may have any unit.
    """
    rows = asked.with_row_index("row")
    keys = rows.lazy().select("row", "member_id", pl.col("since", "until").cast(TIME))
    told = outcomes.filter(pl.col("kind") == "resubscribed").select("member_id", "at")
    events = pl.concat([_timed(plays.select("member_id", at="played_at")), _timed(told)])
    recent = events.filter(pl.col("at") >= pl.lit(rows["since"].cast(TIME).min(), TIME))  # older parts stay shut
    wanted = recent.join(keys.select("member_id").unique(), on="member_id", how="semi")
    within = keys.join(wanted, on="member_id").filter(pl.col("at") >= pl.col("since"), pl.col("at") < pl.col("until"))
    first = within.group_by("row").agg(came_at=pl.col("at").min()).collect()
    return rows.join(first, on="row", how="left", maintain_order="left").drop("row")


def _timed(events: pl.LazyFrame) -> pl.LazyFrame:
    return events.with_columns(pl.col("at").cast(TIME))
