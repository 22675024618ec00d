"""Scores from titles played to titles like them: sparse matrices, titles × titles, a few entries a column.

Steck: "Embarrassingly shallow autoencoders for sparse data" (WWW 2019), solved among each title's nearest alone, so that
neither time nor memory grows with the square of the catalogue.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from scoring.titles.history import Codes, Floats

NEAREST = 100
BATCH = 64  # titles solved at once


def local_ease(plays: sparse.csr_matrix, penalty: float, nearest: int = NEAREST) -> sparse.csr_matrix:
    """EASE with each title explained by its `nearest` titles by cosine alone. `plays` is members × titles, 0 or 1."""
    return solve(*neighbourhood(plays, nearest), penalty)


def neighbourhood(plays: sparse.csr_matrix, nearest: int) -> tuple[sparse.csr_matrix, Codes]:
    """How often titles were played by the same members, and each title's nearest [titles × nearest], -1 where too few."""
    together = (plays.T @ plays).tocsr()
    together.sort_indices()
    norm = np.sqrt(np.maximum(together.diagonal(), 1))
    cosine = together.copy()
    cosine.data /= np.repeat(norm, np.diff(together.indptr)) * norm[together.indices]
    cosine.setdiag(0)
    return together, top(cosine, nearest)


def top(matrix: sparse.csr_matrix, most: int) -> Codes:
    """The columns of each row's largest positive entries [rows × most], -1 where there are fewer."""
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    order = np.lexsort((matrix.indices, -matrix.data, row))
    place = np.arange(len(order)) - np.repeat(matrix.indptr[:-1], np.diff(matrix.indptr))
    kept = (place < most) & (matrix.data[order] > 0)
    columns = np.full((matrix.shape[0], most), -1, dtype=np.int64)
    columns[row[kept], place[kept]] = matrix.indices[order][kept]
    return columns


def solve(together: sparse.csr_matrix, near: Codes, penalty: float) -> sparse.csr_matrix:
    """The weights from each title's nearest to it, as titles played × titles scored."""
    weights = np.zeros(near.shape, dtype=np.float32)
    for begin in range(0, len(near), BATCH):
        rows = slice(begin, begin + BATCH)
        weights[rows] = _solved(together, np.arange(len(near))[rows], near[rows], penalty)
    real = near >= 0
    scored = np.nonzero(real)[0]
    return sparse.csr_matrix((weights[real], (near[real], scored)), shape=together.shape)


def _solved(together: sparse.csr_matrix, titles: Codes, near: Codes, penalty: float) -> Floats:
    """The ridge of each title on its nearest [titles × nearest]."""
    real = near >= 0
    known = np.where(real, near, 0)
    every, places = np.unique(known, return_inverse=True)
    places = places.reshape(known.shape)
    dense = together[every][:, every].toarray()
    gram = dense[places[:, :, None], places[:, None, :]] * (real[:, :, None] & real[:, None, :])
    size = np.arange(near.shape[1])
    gram[:, size, size] += penalty
    aim = np.asarray(together[np.repeat(titles, near.shape[1]), known.ravel()]).reshape(near.shape) * real
    solved: Floats = np.linalg.solve(gram, aim[:, :, None])[:, :, 0]
    return solved
