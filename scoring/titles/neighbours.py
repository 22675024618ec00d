"""Scores from titles played to titles near them: a sparse matrix, titles played × titles scored, few entries a column.

Steck: "Embarrassingly shallow autoencoders for sparse data" (WWW 2019), solved among each title's nearest alone: so
neither time nor memory grows with the square of the catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from scoring.titles.history import Codes, Floats

NEAREST = 100  # titles that explain another, at most
FEWEST, PER_PLAY = 10, 5  # what a title played little is explained by: 10, or 5 a play
HEAD = 8192  # the most played titles, whose counts are looked up in a dense square: 270 MB at most
BATCH = 256  # titles solved at once


@dataclass(frozen=True)
class Together:
    """How many members played both of two titles. Titles are numbered by falling popularity; `order` tells which."""

    counts: sparse.csr_matrix
    head: Floats  # the same among the first titles, dense
    near: Codes  # each title's nearest by cosine [titles × nearest], -1 where there are fewer
    order: Codes

    @classmethod
    def of(cls, plays: sparse.csr_matrix, nearest: int = NEAREST) -> Together:
        """From members × titles, 0 or 1."""
        order = np.argsort(-np.asarray(plays.sum(axis=0)).ravel(), kind="stable")
        sorted_plays = plays[:, order]
        counts = (sorted_plays.T @ sorted_plays).tocsr()
        counts.sort_indices()
        return cls(counts, counts[:HEAD, :HEAD].toarray(), _nearest(counts, nearest), order)

    def pairs(self, first: Codes, second: Codes) -> Floats:
        """The counts of pairs of titles. The less popular one's row is the shorter, so that is where we look."""
        rare, common = np.maximum(first, second), np.minimum(first, second)
        last = len(self.head) - 1
        found: Floats = self.head[np.minimum(rare, last), np.minimum(common, last)]
        tail = rare > last
        if tail.any():
            found[tail] = np.asarray(self.counts[rare[tail], common[tail]]).ravel()
        return found


def local_ease(together: Together, penalty: float) -> sparse.csr_matrix:
    """EASE with each title explained by its nearest alone."""
    weights = np.zeros(together.near.shape, dtype=np.float32)
    for begin in range(0, len(weights), BATCH):
        near = together.near[begin : begin + BATCH]
        width = max(int((near >= 0).sum(axis=1).max()), 1)
        weights[begin : begin + BATCH, :width] = _solved(together, begin, near[:, :width], penalty)
    real = together.near >= 0
    played, scored = together.order[together.near[real]], together.order[np.nonzero(real)[0]]
    return sparse.csr_matrix((weights[real], (played, scored)), shape=together.counts.shape)


def _solved(together: Together, begin: int, near: Codes, penalty: float) -> Floats:
    """The ridge of titles `begin` and following, each on its nearest [titles × nearest]."""
    real = near >= 0
    known, size = np.where(real, near, 0), np.arange(near.shape[1])
    gram = together.pairs(known[:, :, None], known[:, None, :]) * (real[:, :, None] & real[:, None, :])
    gram[:, size, size] += penalty
    aim = together.pairs(np.arange(begin, begin + len(near))[:, None], known) * real
    solved: Floats = np.linalg.solve(gram, aim[:, :, None])[:, :, 0]
    return solved


def _nearest(counts: sparse.csr_matrix, nearest: int) -> Codes:
    """The titles of each row's largest cosines, itself left out."""
    plays = counts.diagonal()
    most = np.clip(PER_PLAY * plays, FEWEST, nearest).astype(int)
    shrink = 1 / np.sqrt(np.maximum(plays, 1))
    found = np.full((counts.shape[0], nearest), -1, dtype=np.int64)
    for title in range(counts.shape[0]):
        inside = slice(counts.indptr[title], counts.indptr[title + 1])
        others = counts.indices[inside]
        cosine = np.where(others == title, -1, counts.data[inside] * shrink[others])
        few = most[title]
        best = np.argpartition(-cosine, few)[:few] if len(others) > few else np.arange(len(others))
        best = best[cosine[best] > 0]
        found[title, : len(best)] = others[best]
    return found
