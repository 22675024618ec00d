"""The clock that members live by: rhythm days, which run fast in their evening and slowly in their night.

Rates a rhythm day are constant, so that a play is as likely at any moment of this clock; turned back into local time,
plays show the daily and weekly rhythm. A rhythm week is 7 rhythm days and 7 days; both begin on a Monday.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np

from campaigns.sandbox.constants import CONSTANTS as C
from campaigns.sandbox.draws import Floats, Ints
from campaigns.sandbox.places import ZONES

HOUR = 3_600_000_000  # µs
DAY = 24 * HOUR
_MONDAY = 3  # 1970-01-01 was a Thursday
_FIRST_DAY, _DAYS = 16_800, 8_800  # days since 1970 for which offsets are known: 2016 to 2040

PEAKS = np.repeat(C.peak_hours, C.peaks)
"""The hours at which members like best to watch, as often as they are theirs."""


def elapsed(local: Ints, peak: Ints) -> Floats:
    """Rhythm days since the Monday before 1970, of local times in µs, for members with these best hours."""
    days, within = np.divmod(local, DAY)
    weeks, weekday = np.divmod(days + _MONDAY, 7)
    hour, rest = np.divmod(within, HOUR)
    row = _rows(weekday, peak)
    share = _ENDS[row, hour] + _SHARES[row, hour] * (rest / HOUR)
    moment: Floats = 7.0 * weeks + _WEEK_ENDS[weekday] + _WEEK[weekday] * share
    return moment


def local_time(moment: Floats, peak: Ints) -> Ints:
    """The inverse of `elapsed`: local times in µs."""
    weeks, within = np.divmod(moment, 7.0)
    weekday = np.clip(np.searchsorted(_WEEK_ENDS, within, side="right") - 1, 0, 6)
    share = np.clip((within - _WEEK_ENDS[weekday]) / _WEEK[weekday], 0, 1 - 1e-12)
    row = _rows(weekday, peak)
    hour = np.clip(np.searchsorted(_FLAT, row + share, side="right") - 1 - 24 * row, 0, 23)
    rest = np.clip((share - _ENDS[row, hour]) / _SHARES[row, hour], 0, 1 - 1e-9)
    days = 7 * weeks.astype(np.int64) + weekday - _MONDAY
    local: Ints = days * DAY + hour * HOUR + (rest * HOUR).astype(np.int64)
    return local


def liking(local: Ints, peak: Ints) -> Floats:
    """How much members like the hour, from above 0 to 1, their best that day."""
    days, within = np.divmod(local, DAY)
    row = _rows((days + _MONDAY) % 7, peak)
    shares: Floats = _SHARES[row, within // HOUR] / _SHARES[row].max(axis=1)
    return shares


def offsets(zone: Ints, day: Ints | int) -> Ints:
    """Local time less UTC in µs, at noon of each day (since 1970); `zone` counts in `places.ZONES`.

    Days before those that are known of have the first one's, later ones the last one's.
    """
    found: Ints = _offsets()[zone, np.clip(np.asarray(day) - _FIRST_DAY, 0, _DAYS - 1)]
    return found


def _rows(weekday: Ints, peak: Ints) -> Ints:
    rows: Ints = np.where(weekday >= 5, 24, 0) + peak
    return rows


def _profiles() -> Floats:
    """What each hour weighs: rows 0–23 for the best hours on weekdays, 24–47 at weekends."""
    hours = np.arange(24)
    away = np.minimum((hours - hours[:, None]) % 24, (hours[:, None] - hours) % 24)
    late = np.abs(hours - C.evening_at)
    evening = np.exp(-0.5 * (np.minimum(late, 24 - late) / C.evening_width) ** 2)
    afternoon = np.exp(-0.5 * ((hours - C.afternoon_at) / C.afternoon_width) ** 2)
    awake = np.where((hours >= 1) & (hours < 6), C.night_weight, C.day_weight)
    weekday = np.exp(-0.5 * (away / C.peak_width) ** 2) + C.evening_weight * evening + awake
    weights = np.concatenate([weekday, weekday + C.afternoon_weight * afternoon])
    shares: Floats = weights / weights.sum(axis=1, keepdims=True)
    return shares


@cache
def _offsets() -> Ints:
    noon = datetime(1970, 1, 1, 12, tzinfo=UTC) + timedelta(days=_FIRST_DAY)
    table = [[_offset(ZoneInfo(zone), noon + timedelta(days=n)) for n in range(_DAYS)] for zone in ZONES]
    return np.array(table, dtype=np.int64)


def _offset(zone: ZoneInfo, moment: datetime) -> int:
    return (moment.astimezone(zone).utcoffset() or timedelta()) // timedelta(microseconds=1)


_SHARES = _profiles()
_ENDS = np.concatenate([np.zeros((48, 1)), np.cumsum(_SHARES, axis=1)], axis=1)
_FLAT = (np.arange(48)[:, None] + _ENDS[:, :-1]).ravel()
_WEEK = np.array(C.weekdays) * 7 / sum(C.weekdays)
_WEEK_ENDS = np.concatenate([[0.0], np.cumsum(_WEEK)[:-1]])
