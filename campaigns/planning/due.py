"""When a message is due: a local hour on the run's day, as UTC, out of quiet hours."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from campaigns.settings import QuietHours

AT_ONCE = timedelta(hours=3)  # past by no more than this: at once; by more: that hour next day


def due_times(members: pl.DataFrame, day: date, now: datetime, quiet: QuietHours) -> pl.DataFrame:
    """When each member's message of `day` is due.

    Args:
        members: member_id, zone (IANA), minute (of the local day, 0–1439).
        day: the run's.
        now: the business clock, in UTC.
        quiet: local hours in which nothing is due.

    Returns:
        member_id, due_at (UTC), utc_offset (minutes, at that time).
    """
    parts = [
        _in_zone(part, zone, day, now, quiet) for (zone,), part in members.partition_by("zone", as_dict=True).items()
    ]
    schema: dict[str, Any] = {"member_id": pl.String, "due_at": pl.Datetime("us", "UTC"), "utc_offset": pl.Int32}
    return pl.concat(parts) if parts else pl.DataFrame(schema=schema)


def _in_zone(members: pl.DataFrame, zone: str, day: date, now: datetime, quiet: QuietHours) -> pl.DataFrame:
    midnight = pl.lit(day).cast(pl.Datetime("us"))
    wanted = _utc(midnight + pl.duration(minutes=pl.col("minute")), zone)
    next_day = _utc(midnight + pl.duration(days=1, minutes=pl.col("minute")), zone)
    late = pl.lit(now).cast(pl.Datetime("us", "UTC")) - wanted
    due = pl.when(late <= timedelta()).then(wanted).when(late <= AT_ONCE).then(pl.lit(now)).otherwise(next_day)
    moved = members.with_columns(due_at=_out_of(due.cast(pl.Datetime("us", "UTC")), zone, quiet))
    local = pl.col("due_at").dt.convert_time_zone(zone).dt.replace_time_zone(None)
    offset = (local - pl.col("due_at").dt.replace_time_zone(None)).dt.total_minutes().cast(pl.Int32)
    return moved.select("member_id", "due_at", utc_offset=offset)


def _out_of(due: pl.Expr, zone: str, quiet: QuietHours) -> pl.Expr:
    """A due time in quiet hours moves to the hour at which they end."""
    if quiet.start == quiet.end:
        return due
    local = due.dt.convert_time_zone(zone)
    hour = local.dt.hour()
    within = hour.is_between(quiet.start, quiet.end, closed="left")
    if quiet.start > quiet.end:
        within = (hour >= quiet.start) | (hour < quiet.end)
    days = pl.when(hour >= quiet.end).then(1).otherwise(0)
    ends = local.dt.replace_time_zone(None).dt.truncate("1d") + pl.duration(days=days, hours=quiet.end)
    return pl.when(within).then(_utc(ends, zone)).otherwise(due)


def _utc(local: pl.Expr, zone: str) -> pl.Expr:
    """Local wall time as UTC: of two such times the earlier; one that a clock change leaves out by the old clock."""
    there = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
    day_before = local - pl.duration(days=1)
    before = day_before.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    old_clock = before.dt.convert_time_zone("UTC") + pl.duration(days=1)
    return pl.coalesce(there, old_clock)
