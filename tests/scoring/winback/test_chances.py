"""Can logged chances be those by which members were drawn?"""

import numpy as np
import pytest
from scipy.stats import binom

from scoring.errors import BadData
from scoring.winback.chances import RARE, check_chances, surely_false


@pytest.mark.parametrize("chance", [0.02, 0.1, 0.5, 0.9])
def test_by_luck_alone_hardly_any_chance_is_called_false(chance):
    n = 500
    mailed = np.arange(n + 1)
    false = surely_false(mailed / n, np.full(n + 1, chance), np.full(n + 1, float(n)))
    assert binom.pmf(mailed[false], n, chance).sum() <= RARE


@pytest.mark.parametrize("apart", [0.2, 0.1, 0.05, 0.02])
def test_the_more_members_the_smaller_the_error_that_is_seen(apart):
    n = 30 / apart**2
    assert surely_false(*np.array([[0.5 + apart], [0.5], [n]])).all()
    assert not surely_false(*np.array([[0.5 + apart], [0.5], [n / 50]])).any()


def test_a_tenth_too_many_among_many_is_refused():
    mailed = np.arange(40_000) % 10 < 6
    with pytest.raises(BadData, match=r"propensity: it is 0.5 on average, where 0.6 were mailed"):
        check_chances(np.full(40_000, 0.5), mailed, np.arange(40_000))


def test_true_chances_that_differ_are_taken():
    draw = np.random.default_rng(1)
    chance = draw.uniform(0.05, 0.95, 40_000)
    check_chances(chance, draw.random(40_000) < chance, np.arange(40_000))


def test_rows_of_one_draw_are_one_piece_of_evidence():
    mailed, members = np.repeat([True, True, True, False], 5_000), np.repeat(np.arange(4), 5_000)
    check_chances(np.full(20_000, 0.5), mailed, members)
