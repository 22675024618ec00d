"""Numbers and days as pages say them: 8,400; 7.9%; +2.0 points; 1 member; 28 Nov 2026."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime


def number(value: float | None, digits: int = 0) -> str:
    """A number; nothing is less than nothing.

    >>> number(8400), number(-0.3), number(-1.25, 1), number(None)
    ('8,400', '0', '−1.2', '–')
    """
    if value is None:
        return "–"
    return f"{value:,.{digits}f}".replace("-", "−") if round(value, digits) else f"{0:.{digits}f}"


def noun(count: float, one: str = "member") -> str:
    """The word for so many of something.

    >>> noun(1), noun(-1), noun(0), noun(2, "day")
    ('member', 'member', 'members', 'days')
    """
    return one if abs(round(count)) == 1 else f"{one}s"


def counted(count: float, one: str) -> str:
    """So many of something.

    >>> counted(1, "member"), counted(2180, "member"), counted(0.7, "day")
    ('1 member', '2,180 members', '1 day')
    """
    return f"{number(count)} {noun(count, one)}"


def percent(value: float | None, digits: int = 1) -> str:
    """A share.

    >>> percent(0.0786), percent(0.2, 0)
    ('7.9%', '20%')
    """
    return "–" if value is None else f"{number(100 * value, digits)}%"


def signed(value: float | None, factor: int = 100) -> str:
    """A difference of shares, in points, or in as many as `factor`.

    >>> signed(0.0196), signed(-0.0196), signed(-0.0001), signed(0.0196, 1000)
    ('+2.0', '−2.0', '0.0', '+19.6')
    """
    sign = "+" if value is not None and round(factor * value, 1) > 0 else ""
    return sign + number(None if value is None else factor * value, 1)


def points(value: float | None) -> str:
    """The same with its unit."""
    return "–" if value is None else f"{signed(value)} points"


def day(text: str) -> str:
    """A day, of its ISO form.

    >>> day("2026-11-28")
    '28 Nov 2026'
    """
    found = date.fromisoformat(text[:10])
    return f"{found.day} {found:%b %Y}"


def moment(text: str) -> str:
    """A day and its time, of their ISO form."""
    at = datetime.fromisoformat(text)
    return f"{at.day} {at:%b %Y, %H:%M}"


FILTERS: dict[str, Callable[..., str]] = {
    "number": number,
    "counted": counted,
    "percent": percent,
    "signed": signed,
    "points": points,
    "day": day,
    "moment": moment,
}
