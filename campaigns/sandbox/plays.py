"""What members watch: counts, moments and titles of plays, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from campaigns.sandbox.constants import CONSTANTS as C
from campaigns.sandbox.constants import DEVICES
from campaigns.sandbox.draws import Draws, Flags, Floats, Ints
from campaigns.sandbox.members import Members
from campaigns.sandbox.titles import Catalogue

SCHEMA = pa.schema(
    [
        ("member_id", pa.string()),
        ("title_id", pa.string()),
        ("played_at", pa.timestamp("us", "UTC")),
        ("minutes", pa.float64()),
        ("device", pa.string()),
    ]
)
_AGAIN = 3  # draws for a title that may be shown; a play without one did not happen


@dataclass(frozen=True)
class Plays:
    """Plays, an element each: `row` counts in the members at hand, `key` makes each draw of a member its own."""

    row: Ints
    key: Ints
    played_at: Ints  # µs since 1970, UTC
    title: Ints

    def __len__(self) -> int:
        return len(self.row)

    def where(self, keep: Flags) -> Plays:
        """Those to keep."""
        return Plays(self.row[keep], self.key[keep], self.played_at[keep], self.title[keep])


def watched(
    draws: Draws, titles: Catalogue, who: Members, row: Ints, key: Ints, played_at: Ints, *, sure: bool = False
) -> Plays:
    """Plays of the members at `row` with titles by their taste, of those that may be shown there and then.

    Where none is found after some tries there is no play; where it must be `sure`, it is of the evergreen.
    """
    title = np.full(len(row), titles.evergreen if sure else -1, dtype=np.int64)
    left = np.arange(len(row))
    for turn in range(_AGAIN):
        mine, keys = row[left], key[left] * _AGAIN + turn
        drawn = _titles(draws, titles, who, mine, keys)
        fits = titles.shown(drawn, who.country[mine], played_at[left])
        title[left[fits]] = drawn[fits]
        left = left[~fits]
    return Plays(row, key, played_at, title).where(title >= 0)


def joined(parts: list[Plays]) -> Plays:
    """All plays of several."""
    return Plays(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("row", "key", "played_at", "title"))
    )


def table(draws: Draws, titles: Catalogue, who: Members, plays: Plays, ids: pl.Series) -> pa.Table:
    """The import contract's `plays`; `ids` are those of `who`."""
    numbers = who.numbers[plays.row]
    seen = C.played_least + C.played_more * draws.uniform("seen", numbers, plays.key)
    minutes = np.maximum(1.0, np.round(titles.minutes[plays.title] * seen, 1))
    columns = [
        pa.DictionaryArray.from_arrays(
            plays.row.astype(np.int32), ids.to_arrow().cast(pa.string())
        ).dictionary_decode(),
        pa.DictionaryArray.from_arrays(
            plays.title.astype(np.int32), titles.ids().to_arrow().cast(pa.string())
        ).dictionary_decode(),
        pa.array(plays.played_at // 1000 * 1000).cast(SCHEMA.field("played_at").type),
        pa.array(minutes),
        pa.DictionaryArray.from_arrays(_devices(draws, who, plays, numbers), pa.array(DEVICES)).dictionary_decode(),
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _titles(draws: Draws, titles: Catalogue, who: Members, row: Ints, keys: Ints) -> Ints:
    """A genre by the member's taste, and a title by its popularity within the genre."""
    ends = who.taste_ends[row, :-1]
    genre = (draws.uniform("genre", who.numbers[row], keys)[:, None] >= ends).sum(axis=1)
    within: Floats = genre + draws.uniform("title", who.numbers[row], keys)
    place = np.searchsorted(titles.ends, within, side="right") - genre * len(titles)
    found: Ints = np.clip(place, 0, len(titles) - 1)
    return found


def _devices(draws: Draws, who: Members, plays: Plays, numbers: Ints) -> Ints:
    unit = draws.uniform("played on", numbers, plays.key)
    other = ((unit - C.own_device) / (1 - C.own_device) * len(DEVICES)).astype(np.int64).clip(0, len(DEVICES) - 1)
    devices: Ints = np.where(unit < C.own_device, who.device[plays.row], other).astype(np.int32)
    return devices
