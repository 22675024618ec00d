"""A member's best hour: when they used to watch, in their own local time, shrunk to their country's."""

from __future__ import annotations

import polars as pl

PRIOR = 10.0  # plays that the country's hours weigh: about what it takes to know an evening from an afternoon
FALLBACK = 19  # where nobody's plays say anything


def best_hours(members: pl.DataFrame, plays: pl.DataFrame, habits: pl.DataFrame) -> pl.DataFrame:
    """The local hour (0–23) at which each member is likeliest to watch.

    Args:
        members: member_id, country, zone (IANA; no nulls).
        plays: member_id, played_at (UTC), of these members or more.
        habits: country, hour, share: what `habits` says of everyone.

    Returns:
        member_id, hour, own (did the member's own plays say so, or only the country's), in the order of `members`.
    """
    counted = plays.group_by("member_id", pl.col("played_at").dt.truncate("15m")).agg(n=pl.len())  # zones' offsets
    own = local_hours(counted.join(members, on="member_id")).group_by("member_id", "hour").agg(pl.col("n").sum())
    asked = members.select("member_id", "country").join(pl.DataFrame({"hour": range(24)}), how="cross")
    known = asked.join(own, on=["member_id", "hour"], how="left").join(
        habits, on=["country", "hour"], how="left", nulls_equal=True
    )
    weight = pl.col("n").fill_null(0) + PRIOR * pl.col("share").fill_null(0.0)
    scored = known.with_columns(weight=weight).sort(-pl.col("weight").round(6), "hour")
    best = scored.group_by("member_id", maintain_order=True).agg(
        hour=pl.col("hour").first(), weight=pl.col("weight").first(), own=pl.col("n").sum() > 0
    )
    hour = pl.when(pl.col("weight") > 0).then(pl.col("hour")).otherwise(FALLBACK).cast(pl.Int32)
    told = best.with_columns(hour=hour).drop("weight")
    return members.select("member_id").join(told, on="member_id", how="left", maintain_order="left")


def habits(members: pl.LazyFrame, plays: pl.LazyFrame) -> pl.DataFrame:
    """When the members of each country watch, in their own local time: country, hour (0–23), share.

    It is asked of everyone, not of a shard: else a member's hour would depend on who else is in theirs.
    `members`: member_id, country, zone (IANA; no nulls); `plays`: member_id, played_at.
    """
    counted = (
        plays.join(members, on="member_id")
        .group_by("country", "zone", pl.col("played_at").dt.truncate("15m"))
        .agg(n=pl.len())
        .collect()
    )
    hours = local_hours(counted).group_by("country", "hour").agg(pl.col("n").sum())
    share = pl.col("n") / pl.col("n").sum().over("country")
    return hours.select("country", "hour", share=share).sort("country", "hour")


def local_hours(plays: pl.DataFrame) -> pl.DataFrame:
    """`plays` (played_at UTC, zone) with the local `hour`: zone by zone, since a column of times has one zone."""
    parts = [
        part.with_columns(hour=pl.col("played_at").dt.convert_time_zone(zone).dt.hour().cast(pl.Int64))
        for (zone,), part in plays.partition_by("zone", as_dict=True).items()
    ]
    return pl.concat(parts) if parts else plays.with_columns(hour=pl.lit(0, pl.Int64))
