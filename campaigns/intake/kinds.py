"""What a cell of each kind may hold, and what it becomes.

A rule reads a whole column: of text as in CSV, or already of the kind's type as in Parquet. Its answer is null where
the cell is empty or not of the kind; which of the two it was, `checks` tells.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import polars as pl

from campaigns.intake.places import COUNTRIES, is_language, is_zone, tidy_language
from campaigns.intake.times import dates, times
from scoring.contracts import Kind

LONGEST_TEXT, LONGEST_URL, LONGEST_EMAIL = 20_000, 2_048, 254  # characters
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x{9f}]"  # what no text has; tab and line ends are judged apart

_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)"
_EMAIL = rf"(?i)^{_ATOM}(?:\.{_ATOM})*@{_LABEL}+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])$"


class Rule(NamedTuple):
    """`read` turns a column into the kind's type; `expected` says what it wanted."""

    read: Callable[[pl.Series], pl.Series]
    expected: str


Rules = dict[Kind, Rule]


def text(column: pl.Series) -> pl.Series:
    """Text of one line or more."""
    odd = column.str.contains(CONTROL) | (column.str.len_chars() > LONGEST_TEXT)
    return _where(column, ~odd)


def numbers(column: pl.Series) -> pl.Series:
    """Finite numbers."""
    values = column.cast(pl.Float64, strict=False)
    return _where(values, values.is_finite())


def shares(column: pl.Series) -> pl.Series:
    """Numbers between 0 and 1, both excluded."""
    values = numbers(column)
    return _where(values, (values > 0) & (values < 1))


def flags(column: pl.Series) -> pl.Series:
    """True and false, in the words that files have for them."""
    if column.dtype == pl.Boolean:
        return column
    return _each(column.str.to_lowercase(), _FLAGS.get, pl.Boolean())


def lists(column: pl.Series) -> pl.Series:
    """Texts joined with `|`; empty ones and repeats fall away."""
    split = column if isinstance(column.dtype, pl.List) else column.str.split("|")
    tidy = split.list.eval(pl.element().str.strip_chars()).list.eval(pl.element().filter(pl.element() != ""))
    odd = tidy.list.eval(pl.element().str.contains(r"[\x00-\x1f\x7f-\x{9f}]")).list.any()
    return _where(tidy.list.unique(maintain_order=True), ~odd)


def countries(column: pl.Series) -> pl.Series:
    """Lists of countries."""
    codes = lists(column).list.eval(pl.element().str.to_uppercase())
    return _where(codes, codes.list.eval(pl.element().is_in(sorted(COUNTRIES))).list.all())


def country(column: pl.Series) -> pl.Series:
    """A country's code in upper case."""
    return _each(column, lambda code: code.upper() if code.upper() in COUNTRIES else None)


def language(column: pl.Series) -> pl.Series:
    """A language tag, written as RFC 5646 recommends: `pt-BR`, `zh-Hant-TW`."""
    return _each(column, lambda tag: tidy_language(tag) if is_language(tag) else None)


def zone(column: pl.Series) -> pl.Series:
    """A time zone's name."""
    return _each(column, lambda name: name if is_zone(name) else None)


def email(column: pl.Series) -> pl.Series:
    """One address that SES takes: its local part in ASCII; a domain in other letters becomes punycode."""
    plain = column
    if column.str.contains(r"[^\x00-\x7f]").any():
        plain = _each(column, _punycode, pl.String())
    fits = plain.str.contains(_EMAIL) & plain.str.contains("^[^@]{1,64}@") & (plain.str.len_bytes() <= LONGEST_EMAIL)
    return _where(plain, fits)


def url(column: pl.Series) -> pl.Series:
    """An address of http or https."""
    fits = column.str.contains(r'(?i)^https?://[^\s/?#"<>\\^`{|}\x00-\x20]+[^\s"<>\\^`{|}\x00-\x20]*$')
    return _where(column, fits & (column.str.len_chars() <= LONGEST_URL))


def arm(column: pl.Series) -> pl.Series:
    """Which arm of an experiment."""
    return _where(column, column.is_in(["mailed", "holdout"]))


def _where(column: pl.Series, fits: pl.Series) -> pl.Series:
    return pl.select(pl.when(fits).then(column)).to_series()


def _each(column: pl.Series, judge: Callable[[str], object], dtype: pl.DataType | None = None) -> pl.Series:
    """Judge each distinct text once: there are few."""
    told = column.drop_nulls().unique()
    dtype = dtype or pl.String()
    judged = pl.Series([judge(one) for one in told], dtype=dtype)
    return column.replace_strict(told, judged, default=None, return_dtype=dtype)


def _punycode(address: str) -> str | None:
    """The address in ASCII; None where the older IDNA that Python knows would lead to another domain."""
    if address.isascii():
        return address
    local, _, domain = address.rpartition("@")
    try:
        plain = domain.encode("idna")
        same = plain.decode("idna") == domain.lower()
    except UnicodeError:
        return None
    return f"{local}@{plain.decode()}" if same else None


ENCORE: Rules = {
    Kind.TEXT: Rule(text, f"text without control characters, of at most {LONGEST_TEXT} characters"),
    Kind.TIME: Rule(times, "a time such as 2026-12-01T09:30:00Z"),
    Kind.DATE: Rule(dates, "a date such as 2026-12-01"),
    Kind.NUMBER: Rule(numbers, "a finite number"),
    Kind.SHARE: Rule(shares, "a number between 0 and 1, both excluded"),
    Kind.FLAG: Rule(flags, "true or false"),
    Kind.LIST: Rule(lists, "texts joined with |"),
    Kind.COUNTRY: Rule(country, "a country of ISO 3166 such as BR"),
    Kind.COUNTRIES: Rule(countries, "countries of ISO 3166 joined with | such as BR|PT"),
    Kind.LANGUAGE: Rule(language, "a language tag such as pt-BR"),
    Kind.ZONE: Rule(zone, "a time zone such as America/Sao_Paulo"),
    Kind.EMAIL: Rule(email, "one email address"),
    Kind.URL: Rule(url, "an address that begins with https:// or http://"),
    Kind.ARM: Rule(arm, "mailed or holdout"),
}
