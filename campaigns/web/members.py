"""Members as requests ask for them, one at a time: who they are and what they played, found in microseconds.

The lake keeps plays by time, which suits a day's run. Asked for one member, it would read them all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.lake.schema import TIME
from scoring.lake.store import Lake

if TYPE_CHECKING:
    from collections.abc import Sequence

Schema: TypeAlias = dict[str, Any]  # names to types, as polars takes

ABOUT: Schema = {
    "member_id": pl.String,
    "country": pl.String,
    "language": pl.String,
    "favourite_genres": pl.List(pl.String),
}
PLAYED: Schema = {
    "title_id": pl.String,
    "played_at": TIME,
    "minutes": pl.Float64,
    "device": pl.String,
}
FEW = [pl.col("title_id", "device").cast(pl.Categorical), pl.col("minutes").cast(pl.Float32)]  # 24 bytes a play


@dataclass(frozen=True)
class Member:
    """One member at a moment. `known` False: nobody by that id was imported, so there is nothing but the id.

    `opened`: titles that they opened from mails or on the welcome page of late, the latest first.
    """

    id: str
    at: datetime
    known: bool = False
    country: str | None = None
    language: str | None = None
    genres: Sequence[str] = ()
    plays: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PLAYED))
    opened: Sequence[str] = ()

    @property
    def frame(self) -> pl.DataFrame:
        """The member as one row: `ABOUT`."""
        return pl.DataFrame([(self.id, self.country, self.language, list(self.genres))], schema=ABOUT, orient="row")


@dataclass(frozen=True)
class Members:
    """Everyone, sorted by id, and their plays in the same order."""

    people: pl.DataFrame
    players: pl.Series  # those who have played [players], sorted
    start: npt.NDArray[np.int64]  # [players + 1]: player p's plays are start[p]:start[p + 1]
    plays: pl.DataFrame

    @classmethod
    def of(cls, people: pl.DataFrame, plays: pl.LazyFrame) -> Members:
        """From members as they are and all that was played."""
        ordered = plays.select("member_id", *PLAYED).with_columns(FEW).sort("member_id").collect()
        counted = ordered.group_by("member_id", maintain_order=True).len()
        start = np.concatenate([[0], np.cumsum(counted["len"].to_numpy())]).astype(np.int64)
        told = people.select(list(ABOUT)).drop_nulls("member_id").sort("member_id")
        return cls(told.rechunk(), counted["member_id"].rechunk(), start, ordered.drop("member_id").rechunk())

    def find(self, member_id: str, at: datetime, opened: Sequence[str] = ()) -> Member:
        """A member as of a moment."""
        place = _place(self.people["member_id"], member_id)
        if place is None:
            return Member(member_id, at, plays=self._plays(member_id, at), opened=opened)
        _, country, language, genres = self.people.row(place)
        return Member(member_id, at, True, country, language, genres or (), self._plays(member_id, at), opened)

    def _plays(self, member_id: str, at: datetime) -> pl.DataFrame:
        place = _place(self.players, member_id)
        first, last = (0, 0) if place is None else self.start[place : place + 2].tolist()
        theirs = self.plays.slice(first, last - first).select(pl.col(name).cast(kind) for name, kind in PLAYED.items())
        return theirs.filter(pl.col("played_at") < at)


class OneMembersLake(Lake):
    """The lake as far as it concerns one member: what reads a lake for many reads this one for them alone."""

    def __init__(self, member: Member, titles: pl.DataFrame) -> None:
        self._told = {"plays": member.plays.with_columns(member_id=pl.lit(member.id)), "members": member.frame}
        self._told["titles"] = titles

    def scan(self, table: str) -> pl.LazyFrame:
        """The member's rows of plays and members; of titles all."""
        return self._told[table].lazy()

    def at(self, table: str, when: datetime) -> pl.LazyFrame:  # noqa: ARG002 - what is held is of one moment
        """The same: what is held is what is in force."""
        return self.scan(table)


def _place(ids: pl.Series, wanted: str) -> int | None:
    """Where an id stands among sorted ones; None: nowhere."""
    place = int(ids.search_sorted(wanted)) if len(ids) else 0
    return place if place < len(ids) and ids[place] == wanted else None
