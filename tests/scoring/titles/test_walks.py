"""Walks of three steps, against a second way of reckoning them."""

import numpy as np
import pytest
from scipy import sparse

from scoring.titles import walks as module
from scoring.titles.walks import POPULAR, walks


@pytest.fixture
def plays():
    return sparse.csr_matrix((np.random.default_rng(0).random((40, 12)) < 0.3).astype(np.float32))


def test_a_walk_goes_from_a_title_by_a_member_to_another_popular_ones_penalised(plays):
    dense = plays.toarray()
    by_member = dense.T / dense.sum(axis=0)[:, None]
    ends = by_member @ (dense / np.maximum(dense.sum(axis=1, keepdims=True), 1)) * dense.sum(axis=0) ** -POPULAR
    np.fill_diagonal(ends, 0)
    assert walks(plays).toarray() == pytest.approx(ends, abs=1e-6)


def test_each_title_keeps_its_likeliest_ends(plays, monkeypatch):
    whole = walks(plays).toarray()
    monkeypatch.setattr(module, "KEPT", 3)
    kept = walks(plays).toarray()
    assert ((kept > 0).sum(axis=1) == 3).all()
    assert kept.max(axis=1) == pytest.approx(whole.max(axis=1))


def test_titles_that_nobody_played_are_no_ends():
    assert walks(sparse.csr_matrix((5, 4), dtype=np.float32)).nnz == 0
