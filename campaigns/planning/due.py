"""When a message is due: a local hour on the run's day, as UTC, out of quiet hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import polars as pl

from scoring.lake.schema import TIME

if TYPE_CHECKING:
    from campaigns.settings import QuietHours

AT_ONCE = timedelta(hours=3)  # past by no more than this: at once; by more: that hour next day
DUE: dict[str, Any] = {
    "zone": pl.String,
    "minute": pl.Int64,
    "due_at": TIME,
    "utc_offset": pl.Int32,
}


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
    wanted = members.select("zone", pl.col("minute").cast(pl.Int64)).unique()
    told = [(zone, minute, *_due(ZoneInfo(zone), minute, day, now, quiet)) for zone, minute in wanted.iter_rows()]
    known = pl.DataFrame(told, schema=DUE, orient="row")
    asked = members.select("member_id", "zone", pl.col("minute").cast(pl.Int64))
    return asked.join(known, on=["zone", "minute"], maintain_order="left").drop("zone", "minute")


def _due(zone: ZoneInfo, minute: int, day: date, now: datetime, quiet: QuietHours) -> tuple[datetime, int]:
    """When a message wanted at a minute of the local day is due, and how far the zone is from UTC then, in minutes."""
    wanted = _utc(_at(day, minute), zone)
    late = now - wanted
    if late > AT_ONCE:
        wanted = _utc(_at(day + timedelta(days=1), minute), zone)
    due = _out_of(now if timedelta() < late <= AT_ONCE else wanted, zone, quiet)
    return due, round((due.astimezone(zone).utcoffset() or timedelta()) / timedelta(minutes=1))


def _at(day: date, minute: int) -> datetime:
    """A minute of a day on the wall clock."""
    return datetime.combine(day, time(minute // 60, minute % 60))


def _utc(local: datetime, zone: ZoneInfo) -> datetime:
    """Local wall time as UTC: of two such times the earlier; one that a clock change leaves out by the old clock."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _out_of(due: datetime, zone: ZoneInfo, quiet: QuietHours) -> datetime:
    """A due time in quiet hours moves to the hour at which they end."""
    local = due.astimezone(zone)
    if local.hour not in quiet:
        return due
    ends = local.date() + timedelta(days=local.hour >= quiet.end)
    return _utc(_at(ends, 60 * quiet.end), zone)
