"""Times in ISO 8601 as files have them: with an offset, or in UTC where they have none."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from scoring.lake.schema import TIME

EARLIEST, LATEST = 1900, 9999  # years

_CLOCK = r"[T ]\d{2}:\d{2}(?::[0-5]\d(?:[.,]\d{1,9})?)?"
_OFFSET = r" ?(?:Z|z|UTC|[+-]\d{2}(?::?\d{2})?)"
_SHAPE = rf"^(?:19|[2-9]\d)\d{{2}}-\d{{2}}-\d{{2}}(?:{_CLOCK}(?:{_OFFSET})?)?$"
_COMMON = (
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%.f%#z",
    "%Y-%m-%dT%H:%M:%S%.f",
)


def times(column: pl.Series) -> pl.Series:
    """Moments in UTC; a day alone is its first moment. Null where it is none, or none between 1900 and 9999."""
    return _within_years(column if column.dtype == TIME else _from_text(column))


def dates(column: pl.Series) -> pl.Series:
    """Days. A moment is one only at midnight."""
    if column.dtype == pl.Date:
        return _within_years(column)
    if column.dtype == pl.String:
        plain = pl.when(column.str.contains(r"^(?:19|[2-9]\d)\d{2}-\d{2}-\d{2}$")).then(column)
        return pl.select(plain).to_series().str.to_date("%Y-%m-%d", strict=False)
    days = column.dt.date()
    return pl.select(pl.when(days.cast(column.dtype) == column).then(days)).to_series()


def seconds(column: pl.Series) -> pl.Series:
    """Moments from whole seconds since 1970."""
    whole = pl.select(pl.when(column.str.contains(r"^\d{1,10}$")).then(column)).to_series().cast(pl.Int64)
    return _within_years((whole * 1_000_000).cast(TIME))


def _from_text(column: pl.Series) -> pl.Series:
    """The common shapes all at once, one shape after the other; what is left one by one."""
    left = pl.select(pl.when(column.str.contains(_SHAPE)).then(column)).to_series()
    found = pl.Series(pl.repeat(None, len(column), dtype=TIME, eager=True))
    for shape in _COMMON:
        if left.null_count() == len(left):
            return found
        read = left.str.to_datetime(shape, time_unit="us", strict=False)
        read = read.dt.convert_time_zone("UTC") if "z" in shape else read.dt.replace_time_zone("UTC")
        found = pl.select(pl.coalesce(found, read)).to_series()
        left = pl.select(pl.when(found.is_null()).then(left)).to_series()
    others = left.drop_nulls().unique()
    moments = pl.Series([_moment(text) for text in others], dtype=TIME)
    rest = left.replace_strict(others, moments, default=None, return_dtype=TIME)
    return pl.select(pl.coalesce(found, rest)).to_series()


def _moment(text: str) -> datetime | None:
    plain = text.replace("UTC", "Z").replace("z", "Z")
    plain = plain[:11] + plain[11:].replace(" ", "")
    try:
        moment = datetime.fromisoformat(plain)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _within_years(column: pl.Series) -> pl.Series:
    return pl.select(pl.when(column.dt.year().is_between(EARLIEST, LATEST)).then(column)).to_series()
