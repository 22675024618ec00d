"""Members and titles as points of which the inner product says how well they go together: iALS.

Hu, Koren, Volinsky: "Collaborative filtering for implicit feedback datasets" (ICDM 2008), in the form of
Rendle, Krichene, Zhang, Koren: "Revisiting the performance of iALS on item recommendation benchmarks" (RecSys 2022).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy import sparse

from scoring.titles.history import Codes, Floats

WIDTH, TITLES_A_FACTOR = 64, 16  # as many factors at most, and one for so many titles: few titles need few
SWEEPS = 10
UNSEEN = 0.2  # weight of a title not played, where one played weighs 1
PENALTY = 0.005
FEW = 24  # plays of a row, up to which solving for them is cheaper than for its point
LONGER = 1.25  # than the shortest row may the longest of a batch be: it is all zeros from there
BATCH, CELLS = 2048, 200_000  # rows at once, and plays of all of them


def factors(plays: sparse.csr_matrix, seed: int) -> Floats:
    """The titles' points [titles × width]. `plays` is members × titles, 0 or 1."""
    columns = plays.T.tocsr()
    width = max(1, min(WIDTH, plays.shape[0], -(-plays.shape[1] // TITLES_A_FACTOR)))
    start = np.random.default_rng(seed).normal(size=(plays.shape[1], width))
    titles: Floats = (0.1 / width**0.5 * start).astype(np.float32)
    for _ in range(SWEEPS):
        titles = solved(columns, solved(plays, titles))
    return titles


def solved(plays: sparse.csr_matrix, others: Floats) -> Floats:
    """The points of the rows of `plays`, given those of its columns [rows × width]. A row without plays is at 0."""
    common = UNSEEN * (others.T @ others)
    points = np.zeros((plays.shape[0], others.shape[1]), dtype=np.float32)

    def solve(batch: tuple[Codes, Codes]) -> None:
        rows, columns = batch
        penalty = PENALTY * ((columns >= 0).sum(axis=1) + UNSEEN * plays.shape[1])
        one = _few if columns.shape[1] <= FEW else _many
        points[rows] = one(others, columns, common, penalty.astype(np.float32))

    with ThreadPoolExecutor(os.cpu_count()) as threads:  # NumPy solves outside the interpreter's lock
        list(threads.map(solve, _batches(plays)))
    return points


def _batches(plays: sparse.csr_matrix) -> Iterator[tuple[Codes, Codes]]:
    """Rows of like length, and their columns [rows × longest], -1 behind the last; short ones are of one length."""
    lengths = np.diff(plays.indptr)
    order = np.argsort(lengths, kind="stable")
    order = order[lengths[order] > 0]
    begin = 0
    while begin < len(order):
        rows = order[begin : begin + BATCH]
        shortest = lengths[rows[0]]
        longest = int(shortest if shortest <= FEW else min(lengths[rows[-1]], LONGER * shortest))
        rows = rows[lengths[rows] <= longest][: max(1, CELLS // longest)]
        place = np.arange(lengths[rows].max())
        inside = place < lengths[rows][:, None]
        yield rows, np.where(inside, plays.indices[np.where(inside, plays.indptr[rows][:, None] + place, 0)], -1)
        begin += len(rows)


def _many(others: Floats, columns: Codes, common: Floats, penalty: Floats) -> Floats:
    """One ridge a row [rows × width]."""
    seen = others[columns] * (columns >= 0)[:, :, None]
    gram = common + seen.transpose(0, 2, 1) @ seen
    size = np.arange(others.shape[1])
    gram[:, size, size] += penalty[:, None]
    found: Floats = np.linalg.solve(gram, seen.sum(axis=1)[:, :, None])[:, :, 0]
    return found


def _few(others: Floats, columns: Codes, common: Floats, penalty: Floats) -> Floats:
    """The same for rows of one and the same length, shorter than points are wide (Woodbury's identity)."""
    seen = others[columns]
    along = seen @ np.linalg.inv(common + penalty[0] * np.eye(len(common), dtype=np.float32))
    small = along @ seen.transpose(0, 2, 1) + np.eye(columns.shape[1], dtype=np.float32)
    share = np.linalg.solve(small, np.ones((*columns.shape, 1), dtype=np.float32))
    found: Floats = (along * share).sum(axis=1)
    return found
