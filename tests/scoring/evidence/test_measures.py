import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.evidence import Measure, Tally, tally

tallies = st.builds(lambda members, share: Tally(members, int(members * share)), st.integers(0, 10**9), st.floats(0, 1))


@given(st.lists(tallies, max_size=6))
def test_shards_add_up_to_the_whole(shards):
    assert sum(shards, Tally()) == (sum(s.members for s in shards), sum(s.won_back for s in shards))


def test_nobody_has_no_rate():
    assert Tally().rate is None
    assert Tally(10, 0).rate == 0


def test_the_error_of_a_rate_is_walds():
    assert Tally(100, 20).measure == Measure(0.2, pytest.approx(0.04))


def test_counts_of_numpy_are_counts():
    assert tally("mailed", (np.int64(5), np.int32(2))) == Tally(5, 2)


@pytest.mark.parametrize(
    ("counts", "why"),
    [
        ((5, 6), "mailed: 6 won back of 5 members; count each member once"),
        ((-5, 0), "mailed members: -5 is negative"),
        ((5, -1), "mailed won_back: -1 is negative"),
        ((5.5, 1), "mailed members: 5.5 is not a whole number"),
        ((5, None), "mailed won_back: None is not a whole number"),
        ((5, float("nan")), "mailed won_back: nan is not a whole number"),
        ((5,), r"mailed: \(5,\) is no pair; give \(members, won_back\)"),
        (5, "mailed: 5 is no pair"),
    ],
)
def test_what_are_no_counts_is_refused_by_name(counts, why):
    with pytest.raises(ValueError, match=why):
        tally("mailed", counts)
