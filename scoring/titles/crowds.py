"""What the crowd plays that a member belongs to: all there is to go by before the member has a history.

A crowd is everyone who named a genre, or lives in a country. What it plays is shrunk towards what everybody plays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import sparse

from scoring.titles.catalogue import listed
from scoring.titles.history import Codes, Floats, History

SHRINK = 1000.0  # plays' worth of "as everybody"
ENOUGH = 10  # plays of a member, from which the crowd has no more say
MIX = 16.0  # plays that weigh as much as the crowd


@dataclass(frozen=True)
class Crowds:
    """The share of each crowd's plays that goes to each title; the last row is everybody's."""

    names: dict[str, int]
    shares: Floats  # [crowds + 1 × titles]

    @classmethod
    def of(cls, history: History, people: pl.DataFrame) -> Crowds:
        """From the plays of members, and `people`: country and favourite_genres of each, in the same order."""
        words = memberships(people)
        names = {name: place for place, name in enumerate(sorted(set(words.explode().drop_nulls())))}
        counts = (_rows(words, names).T @ history.matrix()).toarray()
        everybody = history.popularity / max(float(history.popularity.sum()), 1.0)
        shares = (counts + SHRINK * everybody) / (counts.sum(axis=1, keepdims=True) + SHRINK)
        return cls(names, np.vstack([shares, everybody]).astype(np.float32))

    def of_each(self, people: pl.DataFrame) -> sparse.csr_matrix:
        """How much each crowd counts with each member [members × crowds + 1]; everybody, where there is no other."""
        rows = _rows(memberships(people), self.names)
        alone = np.asarray(rows.sum(axis=1) == 0, dtype=np.float32)
        member = sparse.hstack([rows, alone]).tocsr()
        return (sparse.diags(1 / np.asarray(member.sum(axis=1)).ravel()) @ member).tocsr()

    def scores(self, theirs: sparse.csr_matrix) -> Floats:
        """The logarithm of what each member's crowds, as `of_each` has them, play on average [members × titles]."""
        scores: Floats = np.log(np.maximum(theirs @ self.shares, 1e-9)).astype(np.float32)
        return scores


def weight(lengths: Codes) -> Floats:
    """How much a member's own history weighs against the crowd, by how many titles there are in it."""
    own: Floats = np.where(lengths < ENOUGH, lengths / (lengths + MIX), 1.0).astype(np.float32)
    return own


def memberships(people: pl.DataFrame) -> pl.Series:
    """The crowds that each member belongs to: those of the genres named, else that of the country, else none."""
    genres = listed(people, "favourite_genres").list.eval(pl.lit("genre ") + pl.element())
    country = pl.when(pl.col("country").fill_null("") != "").then(
        pl.concat_list(pl.lit("country ") + pl.col("country"))
    )
    frame = people.select(genres=genres, country=country.otherwise(pl.lit([], dtype=pl.List(pl.String))))
    return frame.select(pl.when(pl.col("genres").list.len() > 0).then("genres").otherwise("country")).to_series()


def _rows(words: pl.Series, names: dict[str, int]) -> sparse.csr_matrix:
    """Members × crowds, 1 where the member belongs."""
    row = np.repeat(np.arange(len(words)), words.list.len().to_numpy())
    flat = words.filter(words.list.len() > 0).explode()
    column = np.array([names.get(name, -1) for name in flat], dtype=np.int64)
    known = column >= 0
    ones = np.ones(int(known.sum()), dtype=np.float32)
    return sparse.csr_matrix((ones, (row[known], column[known])), shape=(len(words), len(names)))
