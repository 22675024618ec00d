"""What is played after what: a Markov chain whose steps may skip titles, and count for less the more they skip."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from scoring.titles.history import Codes, History

SKIPS = 100  # titles later at most
SKIPPED = 0.5  # a step over d titles counts d ** -SKIPPED
FROM, TO = 0.5, 0.3  # how much a title's popularity is divided out, as the step's beginning and its end
RECENT = 20  # titles of a member from which steps begin
RECENCY = 0.6  # they count (1 + titles played since) ** -RECENCY
KEPT = 500  # entries of a title's row
TOGETHER = 10  # lengths of steps counted at once


def transitions(history: History) -> sparse.csr_matrix:
    """Weights of steps, as titles played × titles scored, the largest of each row."""
    popularity = np.maximum(history.popularity, 1)
    longest = min(SKIPS, int(history.lengths.max(initial=1)) - 1)
    steps = sparse.csr_matrix((history.titles, history.titles), dtype=np.float32)
    for skips in np.split(np.arange(1, longest + 1), range(TOGETHER, longest, TOGETHER)):
        steps = steps + _steps(history, skips)
    scaled = sparse.diags(popularity**-FROM) @ steps @ sparse.diags(popularity**-TO)
    return largest(scaled.tocsr(), KEPT)


def _steps(history: History, skips: Codes) -> sparse.csr_matrix:
    """The weighted steps over so many titles each."""
    back, shape = history.back, (history.titles, history.titles)
    begins = [np.flatnonzero(back >= skip) for skip in skips]
    begin, skip = np.concatenate([*begins, []]).astype(np.int64), np.repeat(skips, [len(rows) for rows in begins])
    where = (history.title[begin], history.title[begin + skip])
    return sparse.csr_matrix((skip.astype(np.float32) ** -SKIPPED, where), shape=shape)


def recent(history: History) -> sparse.csr_matrix:
    """Members × titles: the plays from which steps begin, the later the heavier."""
    return history.keep(history.back < RECENT).matrix(RECENCY)


def largest(matrix: sparse.csr_matrix, most: int) -> sparse.csr_matrix:
    """The matrix with each row's `most` largest entries alone."""
    kept = np.ones(matrix.nnz, dtype=bool)
    for row in np.flatnonzero(np.diff(matrix.indptr) > most):
        inside = slice(matrix.indptr[row], matrix.indptr[row + 1])
        kept[inside] = False
        kept[matrix.indptr[row] + np.argpartition(-matrix.data[inside], most)[:most]] = True
    start = np.concatenate([[0], np.cumsum(kept)])[matrix.indptr]
    return sparse.csr_matrix((matrix.data[kept].astype(np.float32), matrix.indices[kept], start), shape=matrix.shape)
