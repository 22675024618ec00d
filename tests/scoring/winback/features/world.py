"""A small lake for the tests of the features, and one member's row of them."""

from datetime import UTC, datetime, timedelta

import polars as pl

from scoring.contracts import MEMBERS, PLAYS
from scoring.lake.schema import file_schema
from scoring.lake.store import Lake
from scoring.winback.snapshot import MAILS, snapshot_of

AT = datetime(2026, 6, 1, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
EARLY = AT - 1000 * DAY


class World:
    """A lake to fill, and the member `a`, who signed up 400 days before `AT`."""

    def __init__(self, folder, **about):
        self.lake = Lake(folder)
        self.put(MEMBERS, {"member_id": "a", "signed_up_at": AT - 400 * DAY} | about)

    def put(self, table, *told, as_of=EARLY):
        self.lake.put(table, pl.DataFrame(list(told), schema=file_schema(table)), as_of=as_of)
        return self

    def played(self, *times, title="t", minutes=None, device=None):
        about = {"member_id": "a", "title_id": title, "minutes": minutes, "device": device}
        return self.put(PLAYS, *({**about, "played_at": time} for time in times))

    def row(self, at=AT, mailed=()):
        mails = pl.DataFrame({"member_id": ["a"] * len(mailed), "mailed_at": list(mailed)}, schema=MAILS)
        return snapshot_of(self.lake, pl.DataFrame({"member_id": ["a"], "at": [at]}), mails).row(0, named=True)

    def told(self, *names, at=AT, mailed=()):
        row = self.row(at, mailed)
        return tuple(row[name] for name in names)
