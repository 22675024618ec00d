import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.sandbox.draws import Draws

NUMBERS = np.arange(200_000)


@given(seed=st.integers(0, 2**40), member=st.integers(0, 10**8), day=st.integers(-(10**6), 10**6))
def test_a_draw_belongs_to_its_counters_alone(seed, member, day):
    among_others = Draws(seed).uniform("return", np.array([5, member, 7]), day)[1]
    assert among_others == Draws(seed).uniform("return", member, day)
    assert 0 <= among_others < 1


def test_draws_of_neighbours_days_names_and_seeds_know_nothing_of_each_other():
    base = Draws(0).uniform("return", NUMBERS, 1)
    others = [
        Draws(0).uniform("return", NUMBERS + 1, 1),
        Draws(0).uniform("return", NUMBERS, 2),
        Draws(0).uniform("lapse", NUMBERS, 1),
        Draws(1).uniform("return", NUMBERS, 1),
    ]
    assert max(abs(np.corrcoef(base, other)[0, 1]) for other in others) < 4 / np.sqrt(len(NUMBERS))


def test_draws_are_even_normal_and_poisson():
    draws = Draws(3)
    counts, _ = np.histogram(draws.uniform("even", NUMBERS), bins=50)
    assert ((counts - 4_000) ** 2 / 4_000).sum() < 90  # chi-square, 49 degrees of freedom
    normal = draws.normal("normal", NUMBERS)
    assert (normal.mean(), normal.std()) == pytest.approx((0, 1), abs=0.01)
    poisson = draws.poisson("counts", np.full(len(NUMBERS), 0.7), NUMBERS)
    assert (poisson.mean(), poisson.var()) == pytest.approx((0.7, 0.7), abs=0.01)


def test_a_choice_is_as_likely_as_its_share():
    chosen = Draws(0).choice("plan", np.array([0.2, 0.0, 0.8]), NUMBERS)
    assert np.bincount(chosen, minlength=3) / len(NUMBERS) == pytest.approx([0.2, 0, 0.8], abs=0.005)
