"""What clocks show in each zone, as a table: so that every engine reads the same zones, whichever it brings.

A row is a week of a zone, in which its clock is put forward or back once at most.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

WEEK = 7 * 86_400  # seconds
CLOCKS = pl.Schema(
    {"zone": pl.String(), "week": pl.Int64(), "before": pl.Int64(), "change": pl.Int64(), "after": pl.Int64()}
)


def clocks(zones: Iterable[str], first: datetime, last: datetime) -> pl.DataFrame:
    """How far the zones' clocks are ahead of UTC, from `first` to `last`.

    Returns:
        zone (IANA), week (since 1970), and the seconds ahead of UTC `before` the second `change` (since 1970) and
        `after` it began. A zone that this machine does not know has no rows.
    """
    return _of_weeks(tuple(sorted(zones)), int(first.timestamp()) // WEEK, int(last.timestamp()) // WEEK)


@lru_cache(maxsize=8)
def _of_weeks(zones: tuple[str, ...], first: int, last: int) -> pl.DataFrame:
    rows = [row for zone in zones for row in _weeks_of(zone, first, last)]
    return pl.DataFrame(rows, schema=CLOCKS, orient="row")


def _weeks_of(name: str, first: int, last: int) -> list[tuple[str, int, int, int, int]]:
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return []
    ahead = pairwise(_ahead(zone, week * WEEK) for week in range(first, last + 2))
    return [
        (name, week, before, _change(zone, week * WEEK, before, after), after)
        for week, (before, after) in enumerate(ahead, first)
    ]


def _change(zone: ZoneInfo, start: int, before: int, after: int) -> int:
    """The second of the week from `start` at which the clock is put forward or back; else its first."""
    low, high = start, start + WEEK
    while before != after and high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _ahead(zone, middle) == before else (low, middle)
    return high if before != after else start


def _ahead(zone: ZoneInfo, second: int) -> int:
    ahead = datetime.fromtimestamp(second, UTC).astimezone(zone).utcoffset()
    return int(ahead.total_seconds()) if ahead else 0
