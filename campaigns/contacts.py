"""Contacts: the personal half of the members, kept in PostgreSQL alone; consent, unsubscribing."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from campaigns.db.database import copy_rows
from scoring.lake.schema import TIME

if TYPE_CHECKING:
    from campaigns.db import Database

COLUMNS = (
    "member_id",
    "email",
    "given_name",
    "country",
    "language",
    "timezone",
    "signed_up_at",
    "email_consent",
    "email_consent_at",
    "email_consent_expires_at",
    "pixel_consent",
)
NEVER_NULL = ("email_consent", "pixel_consent")
TOLD = COLUMNS[1:]

_names = ", ".join(COLUMNS)
_set = ", ".join(f"{name} = excluded.{name}" for name in TOLD)
_stands, _told = (", ".join(f"{table}.{name}" for name in TOLD) for table in ("contacts", "excluded"))
STAGE = f"CREATE TEMPORARY TABLE told ON COMMIT DROP AS SELECT {_names} FROM contacts WITH NO DATA"  # noqa: S608 - as below
# What was erased stays erased, and an unsubscribe is no column that an import could change. xmax is 0 of a new row.
MERGE = f"""
INSERT INTO contacts ({_names}) SELECT DISTINCT ON (member_id) {_names} FROM told
ON CONFLICT (member_id) DO UPDATE SET {_set}
 WHERE contacts.erased_at IS NULL AND ({_stands}) IS DISTINCT FROM ({_told})
RETURNING xmax = 0
"""  # noqa: S608 - the names are those above
# Whoever reads the mails of an address has had enough of them, whichever of its members they were for.
UNSUBSCRIBE = """
UPDATE contacts SET unsubscribed_at = greatest(unsubscribed_at, %(wall)s)
 WHERE member_id = %(member_id)s OR address_hash = (SELECT address_hash FROM contacts WHERE member_id = %(member_id)s)
"""


class Counts(NamedTuple):
    """What became of contacts handed over; the rest was there already."""

    new: int
    changed: int


def put(database: Database, members: pl.DataFrame) -> Counts:
    """Take contacts in by member: what differs replaces what stood. Columns: `COLUMNS`."""
    filled = members.select(COLUMNS).with_columns(pl.col(name).fill_null(value=False) for name in NEVER_NULL)
    with database.connect() as connection:
        connection.execute(STAGE)
        copy_rows(connection, "told", COLUMNS, filled.iter_rows())
        new = [was_new for (was_new,) in connection.execute(MERGE)]
    return Counts(sum(new), len(new) - sum(new))


def unsubscribe(database: Database, member_id: str, wall: datetime) -> bool:
    """No mail to a member any more, nor to others at their address, until they agree anew; False: no such member."""
    with database.connect() as connection:
        return connection.execute(UNSUBSCRIBE, {"member_id": member_id, "wall": wall}).rowcount > 0


def unsubscribed(database: Database) -> pl.DataFrame:
    """Everyone who unsubscribed: member_id, unsubscribed_at."""
    query = "SELECT member_id, unsubscribed_at FROM contacts WHERE unsubscribed_at IS NOT NULL ORDER BY member_id"
    return database.frame(query, {}, {"member_id": pl.String, "unsubscribed_at": TIME})
