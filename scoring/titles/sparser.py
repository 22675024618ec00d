"""Sparse matrices made sparser."""

from __future__ import annotations

import numpy as np
from scipy import sparse


def largest(matrix: sparse.csr_matrix, most: int) -> sparse.csr_matrix:
    """The matrix with each row's `most` largest entries alone."""
    kept = np.ones(matrix.nnz, dtype=bool)
    for row in np.flatnonzero(np.diff(matrix.indptr) > most):
        inside = slice(matrix.indptr[row], matrix.indptr[row + 1])
        kept[inside] = False
        kept[matrix.indptr[row] + np.argpartition(-matrix.data[inside], most)[:most]] = True
    start = np.concatenate([[0], np.cumsum(kept)])[matrix.indptr]
    return sparse.csr_matrix((matrix.data[kept].astype(np.float32), matrix.indices[kept], start), shape=matrix.shape)
