"""Members and titles as points of which the inner product says how well they go together: iALS.

Hu, Koren, Volinsky: "Collaborative filtering for implicit feedback datasets" (ICDM 2008), in the form and with the advice of
Rendle, Krichene, Zhang, Koren: "Revisiting the performance of iALS on item recommendation benchmarks" (RecSys 2022).
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from scoring.titles.history import Codes, Floats

WIDTH = 64
SWEEPS = 10
UNSEEN = 0.2  # weight of a title not played, where one played weighs 1
PENALTY = 0.005
BATCH = 512


def factors(plays: sparse.csr_matrix, seed: int) -> Floats:
    """The titles' points [titles × width]. `plays` is members × titles, 0 or 1."""
    columns = plays.T.tocsr()
    width = min(WIDTH, *plays.shape)
    titles = (np.random.default_rng(seed).normal(size=(plays.shape[1], width)) * 0.1 / width**0.5).astype(np.float32)
    for _ in range(SWEEPS):
        titles = solved(columns, solved(plays, titles))
    return titles


def solved(plays: sparse.csr_matrix, others: Floats) -> Floats:
    """The points of the rows of `plays`, given those of its columns [rows × width]. A row without plays is at 0."""
    common = UNSEEN * (others.T @ others)
    lengths = np.diff(plays.indptr)
    points = np.zeros((plays.shape[0], others.shape[1]), dtype=np.float32)
    order = np.argsort(lengths, kind="stable")  # rows of like length together, so that little is padded
    order = order[lengths[order] > 0]
    begin = 0
    while begin < len(order):
        longest = lengths[order[min(begin + BATCH, len(order)) - 1]]
        rows = order[begin : begin + max(1, min(BATCH, int(1e6) // int(longest)))]
        points[rows] = _batch(plays, rows, others, common)
        begin += len(rows)
    return points


def _batch(plays: sparse.csr_matrix, rows: Codes, others: Floats, common: Floats) -> Floats:
    """One ridge a row [rows × width]; the penalty grows with the row's plays and the number of columns."""
    lengths = np.diff(plays.indptr)[rows]
    place = np.arange(lengths.max())
    inside = place < lengths[:, None]
    columns = plays.indices[np.where(inside, plays.indptr[rows][:, None] + place, 0)]
    seen = others[columns] * inside[:, :, None]
    gram = common + seen.transpose(0, 2, 1) @ seen
    size = np.arange(others.shape[1])
    gram[:, size, size] += (PENALTY * (lengths + UNSEEN * plays.shape[1]))[:, None]
    found: Floats = np.linalg.solve(gram, seen.sum(axis=1)[:, :, None])[:, :, 0]
    return found
