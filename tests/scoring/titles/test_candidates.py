"""Which titles are worth ordering."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.titles.candidates import GROUP, largest


@settings(max_examples=60, deadline=None)
@given(width=st.integers(1, 40 * GROUP), most=st.integers(1, 40), kinds=st.integers(1, 10_000), seed=st.integers(0, 99))
def test_the_largest_are_those_of_a_whole_sort_in_long_rows_and_short_ones_with_equals_too(width, most, kinds, seed):
    scores = np.random.default_rng(seed).integers(0, kinds, (3, width)).astype(np.float32)
    scores[0, : width // 2] = -np.inf
    found = largest(scores, most)
    assert all(len(set(row)) == min(most, width) for row in found)
    assert (np.take_along_axis(scores, found, axis=1) == -np.sort(-scores, axis=1)[:, :most]).all()


@pytest.mark.parametrize("width", [50, 5_000])
def test_of_equals_the_first_place_comes_first(width):
    scores = np.zeros((1, width), dtype=np.float32)
    assert (np.diff(largest(scores, 10)[0]) > 0).all()
