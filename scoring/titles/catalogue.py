"""Titles as the service describes them: where and when each may be shown, and which are alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import numpy as np
import polars as pl
from scipy import sparse

from scoring.errors import BadData
from scoring.titles.history import DAY, Codes, Flags, Floats

ALIKE = 30  # titles that speak for a new one
LATE, SETTLED = 90 * DAY, 16  # so long a title is new, until so many members have played it
BLOCK = 512  # new titles compared at once
TEXT = (pl.String, pl.Categorical, pl.Enum)
FOREVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Catalogue:
    """The titles, numbered by id: their rights and their genres."""

    ids: pl.Series
    countries: dict[
        str, Flags
    ]  # where a title may be shown [titles], by country; one named nowhere has the `everywhere` ones
    everywhere: Flags  # [titles]
    added: Codes  # [titles], microseconds since 1970
    leaves: Codes
    content: sparse.csr_matrix  # titles × genres, rows of length 1, or 0 where nothing is known

    @classmethod
    def of(cls, ids: pl.Series, titles: pl.DataFrame | None) -> Catalogue:
        """The titles of these ids, sorted; what `titles` does not describe may be shown everywhere, always."""
        described = pl.DataFrame({"title_id": ids}) if titles is None else _described(ids, titles)
        countries = listed(described, "countries")
        named = {country: _holding(countries, country) for country in sorted(set(countries.explode().drop_nulls()))}
        everywhere = (countries.list.len() == 0).to_numpy()
        allowed = {country: flags | everywhere for country, flags in named.items()}
        added, leaves = (
            moments(described, "added_at").fill_null(-FOREVER),
            moments(described, "leaves_at").fill_null(FOREVER),
        )
        return cls(ids, allowed, everywhere, added.to_numpy(), leaves.to_numpy(), _content(described))

    def rights(self, countries: Sequence[str | None]) -> Flags:
        """Which titles may be shown in each of these countries [countries × titles]; all, where the country is ''.

        Where the country is None, only those that may be shown everywhere.
        """
        every = np.ones(len(self.ids), dtype=bool)
        rows = [every if country == "" else self.countries.get(country or "", self.everywhere) for country in countries]
        return np.stack(rows) if rows else np.empty((0, len(self.ids)), dtype=bool)

    def on_show(self, at: int | None) -> Flags:
        """Which titles are there at a moment [titles]; all of them, at None."""
        if at is None:
            return np.ones(len(self.ids), dtype=bool)
        flags: Flags = (self.added <= at) & (self.leaves > at)
        return flags

    def alike(self, popularity: Floats, at: int) -> sparse.csr_matrix:
        """What each title is scored as: weights of titles that add up to 1, as titles × titles, by columns.

        Most stand for themselves. For one that nobody has played the 30 most alike among the others do; and for one
        that came in the 90 days before `at` and was played by few, both do: else its first play would throw it back.
        """
        played = popularity > 0
        known, late = np.flatnonzero(played), played & (popularity < SETTLED) & (self.added > at - LATE)
        if not len(known):
            return sparse.eye(len(played), format="csr", dtype=np.float32)
        own = np.where(late, popularity / (popularity + SETTLED), played).astype(np.float32)
        fresh = np.flatnonzero(~played | late)
        blocks = np.split(fresh, range(BLOCK, len(fresh), BLOCK))
        weights = sparse.diags(own) + sum(self._voices(block, known) for block in blocks) @ sparse.diags(1 - own)
        return sparse.csr_matrix(weights, dtype=np.float32)

    def _voices(self, fresh: Codes, known: Codes) -> sparse.csr_matrix:
        """The columns of `alike` that belong to some new titles."""
        cosine = (self.content[fresh] @ self.content[known].T).toarray()
        best = np.argsort(-cosine, axis=1, kind="stable")[:, :ALIKE]
        near = np.take_along_axis(cosine, best, axis=1) ** 2
        total = near.sum(axis=1, keepdims=True)
        like, alone = (total > 0).ravel(), fresh[total.ravel() <= 0]
        share = (near / np.maximum(total, 1e-9))[like].ravel()
        rows, columns = known[best[like]].ravel(), np.repeat(fresh[like], best.shape[1])
        where = (np.concatenate([rows, alone]), np.concatenate([columns, alone]))
        values = np.concatenate([share, np.ones(len(alone))]).astype(np.float32)
        return sparse.csr_matrix((values, where), shape=(len(self.ids), len(self.ids)))


def listed(frame: pl.DataFrame, name: str) -> pl.Series:
    """A column of lists; text is split at `|`, and what is missing is an empty list. BadData where it is neither."""
    if name not in frame.columns:
        return pl.Series(name, [[]], dtype=pl.List(pl.String)).new_from_index(0, frame.height)
    column = frame[name]
    if not (isinstance(column.dtype, pl.List | pl.Array) or column.dtype in (*TEXT, pl.Null)):
        raise BadData(name, f"{column.dtype} is no list", "give lists, or text with | between the words")
    texts = column.dtype in TEXT
    lists = column.cast(pl.String).str.split("|") if texts else column.cast(pl.List(pl.String))
    filled = lists.fill_null(pl.Series([[]], dtype=pl.List(pl.String)))
    return filled.list.eval(pl.element().filter(pl.element() != ""))


def moments(frame: pl.DataFrame, name: str) -> pl.Series:
    """A column of times in microseconds since 1970, UTC where they name no zone; nulls where there is none.

    BadData where it holds something else: a right that ends at a time nobody can read must not last for ever.
    """
    if name not in frame.columns:
        return pl.Series(name, [None], dtype=pl.Int64).new_from_index(0, frame.height)
    column = frame[name]
    if column.dtype == pl.String:
        column = _from_text(column)
    if column.dtype == pl.Null:
        return column.cast(pl.Int64)
    if not (column.dtype == pl.Date or isinstance(column.dtype, pl.Datetime)):
        raise BadData(name, f"{column.dtype} is no time", "give dates or times")
    return column.cast(pl.Datetime("us")).dt.epoch("us") if column.dtype == pl.Date else column.dt.epoch("us")


def _from_text(column: pl.Series) -> pl.Series:
    """Times from text: all that is written as the first is at once, the rest one by one."""
    told = column.replace("", None)
    found = told.str.to_datetime(time_unit="us", time_zone="UTC", strict=False)
    left = told.filter(found.is_null() & told.is_not_null()).unique(maintain_order=True)
    others = pl.Series([_iso(column.name, text) for text in left], dtype=found.dtype)
    return found.fill_null(told.replace_strict(left, others, default=None, return_dtype=found.dtype))


def _iso(name: str, text: str) -> datetime:
    try:
        whole = datetime.fromisoformat(text)
    except ValueError:
        raise BadData(name, f"{text!r} is no time", "give dates or times as ISO 8601") from None
    return whole if whole.tzinfo else whole.replace(tzinfo=UTC)


def moment(at: date | None) -> int | None:
    """A moment in microseconds since 1970; a day is its first moment, UTC."""
    if at is None:
        return None
    if not isinstance(at, date):
        raise BadData("at", f"{at!r} is no moment", "give a date or a datetime")
    whole = at if isinstance(at, datetime) else datetime.combine(at, time())
    return int((whole if whole.tzinfo else whole.replace(tzinfo=UTC)).timestamp() * 1e6)


def _described(ids: pl.Series, titles: pl.DataFrame) -> pl.DataFrame:
    known = titles.with_columns(pl.col("title_id").cast(pl.String)).unique("title_id", keep="last")
    return pl.DataFrame({"title_id": ids}).join(known, on="title_id", how="left", maintain_order="left")


def _holding(lists: pl.Series, word: str) -> Flags:
    return lists.list.contains(word).fill_null(value=False).to_numpy()


def _content(described: pl.DataFrame) -> sparse.csr_matrix:
    """Each title's genres as a row of length 1."""
    words = listed(described, "genres")
    row = np.repeat(np.arange(len(words)), words.list.len().to_numpy())
    flat = words.filter(words.list.len() > 0).explode()
    column = flat.rank("dense").to_numpy().astype(np.int64) - 1 if len(flat) else np.empty(0, dtype=np.int64)
    shape = (len(words), int(column.max(initial=-1)) + 1 or 1)
    matrix = sparse.csr_matrix((np.ones(len(row), dtype=np.float32), (row, column)), shape=shape)
    norm = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return (sparse.diags(1 / np.maximum(norm, 1e-9)) @ matrix).tocsr().astype(np.float32)
