"""The tables Encore reads and writes: columns, types, units.

`IMPORT` is the import contract: what a streaming service hands over, one file a table.
Times are UTC; lists are joined with `|` in files and lists of text in the lake.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What a column holds, beyond its storage type."""

    TEXT = "text"
    TIME = "time"  # timestamp[us, UTC]
    DATE = "date"
    NUMBER = "number"  # float64, finite
    SHARE = "share"  # float64 in (0, 1)
    FLAG = "flag"  # bool
    LIST = "list"  # list[text]
    COUNTRY = "country"  # ISO 3166-1 alpha-2, upper case
    COUNTRIES = "countries"  # list[country]
    LANGUAGE = "language"  # BCP 47
    ZONE = "zone"  # IANA
    EMAIL = "email"  # ASCII local part, one address
    URL = "url"  # http or https
    ARM = "arm"  # mailed or holdout


class Column(NamedTuple):
    """One column of the contract. `required`: the file needs the column and each row a value."""

    name: str
    kind: Kind
    required: bool = False


class Table(NamedTuple):
    """One file of the contract. Rows with equal `key` are the same thing."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    versioned_from: str | None = None  # the column from which a first version holds; None: from the beginning of time

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """The columns that a file must have."""
        return tuple(column.name for column in self.columns if column.required)


PERSONAL = ("email", "given_name")  # of `members`: PostgreSQL alone, never the lake
CONSENT = ("email_consent", "email_consent_at", "email_consent_expires_at", "pixel_consent")  # PostgreSQL alone


def _table(name: str, key: str, columns: str, versioned_from: str | None = None) -> Table:
    """A table from its columns as `name:kind`, with `!` behind those that are required."""
    made = []
    for word in columns.split():
        column, _, kind = word.partition(":")
        made.append(Column(column, Kind(kind.rstrip("!") or "text"), word.endswith("!")))
    return Table(name, tuple(key.split()), tuple(made), versioned_from)


MEMBERS = _table(
    "members",
    "member_id",
    "member_id:text! email:email given_name:text country:country language:language timezone:zone plan:text "
    "signed_up_at:time! cancelled_at:time favourite_genres:list email_consent:flag email_consent_at:time "
    "email_consent_expires_at:time pixel_consent:flag",
    "signed_up_at",
)
TITLES = _table(
    "titles",
    "title_id",
    "title_id:text! name:text! kind:text genres:list synopsis:text languages:list countries:countries added_at:time "
    "leaves_at:time maturity:text url:url minutes:number tags:list",
    "added_at",
)
TITLE_NAMES = _table("title_names", "title_id language", "title_id:text! language:language! name:text! synopsis:text")
ARTWORKS = _table(
    "artworks", "artwork_id", "artwork_id:text! title_id:text! url:url! alt:text! style:text language:language"
)
PLAYS = _table(
    "plays", "member_id title_id played_at", "member_id:text! title_id:text! played_at:time! minutes:number device:text"
)
OUTCOMES = _table("outcomes", "member_id kind at", "member_id:text! kind:text! at:time!")
MAILINGS = _table(
    "mailings",
    "member_id campaign run_date",
    "member_id:text! campaign:text! run_date:date! arm:arm! propensity:share! sent_at:time",
)
IMPORT = (MEMBERS, TITLES, TITLE_NAMES, ARTWORKS, PLAYS, OUTCOMES, MAILINGS)
