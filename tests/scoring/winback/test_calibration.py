"""Levels that mean what they say, and how large an uplift could be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from scoring.winback.calibration import Ceiling, Levels, Platt


def drawn(seed, members, bend=lambda odds: odds):
    """True chances, raw ones that are bent in log-odds, and who came back."""
    random = np.random.default_rng(seed)
    true = expit(random.normal(-2, 1, members))
    return true, expit(bend(logit(true))), (random.random(members) < true).astype(float)


def off(levels, raw, true):
    """How far calibrated chances lie from the true ones, on average."""
    return np.abs(levels(raw) - true).mean()


def test_platt_undoes_probabilities_that_are_too_sure_of_themselves():
    random = np.random.default_rng(3)
    true = 1 / (1 + np.exp(-random.normal(-3, 0.7, 50_000)))
    raw = 1 / (1 + np.exp(-(2 * np.log(true / (1 - true)) + 1)))
    platt = Platt.fitted(raw, (random.random(50_000) < true).astype(float), np.ones(50_000))
    assert platt(raw) == pytest.approx(true, abs=0.04)


def test_levels_undo_what_one_line_in_log_odds_cannot():
    true, raw, won = drawn(0, 100_000, bend=lambda odds: np.where(odds < -2, odds, -2 + 3 * (odds + 2)))
    levels = Levels.fitted(raw, won, np.ones(len(raw)))
    assert off(levels, raw, true) < 0.008
    assert off(levels.platt, raw, true) > 0.015


def test_where_comebacks_are_few_the_line_stands():
    _, raw, won = drawn(1, 200)
    levels = Levels.fitted(raw, won, np.ones(200))
    assert levels(raw) == pytest.approx(levels.platt(raw), rel=0.1)


def test_members_count_by_their_weight():
    true, raw, won = drawn(2, 100_000)
    kept = np.where(won == 1, 0.2, 0.8)  # of those who came back a fifth is seen
    seen = np.random.default_rng(0).random(len(won)) < kept
    levels = Levels.fitted(raw[seen], won[seen], 0.5 / kept[seen])
    assert off(levels, raw, true) < 0.01


@given(
    raw=st.lists(st.floats(0, 1), min_size=1, max_size=60),
    seed=st.integers(0, 99),
    asked=st.lists(st.floats(1e-6, 1 - 1e-6), max_size=20),
)
def test_a_larger_raw_chance_always_gives_a_larger_one_within_bounds(raw, seed, asked):
    won = (np.random.default_rng(seed).random(len(raw)) < 0.3).astype(float)
    levels = Levels.fitted(np.array(raw), won, np.ones(len(raw)))
    told = levels(np.unique(np.round(asked, 6)))
    assert (np.diff(told) > 0).all()
    assert ((told > 0) & (told < 1)).all()


def test_levels_are_read_back_as_they_were():
    _, raw, won = drawn(4, 1000)
    levels = Levels.fitted(raw, won, np.ones(1000))
    assert Levels.from_json(levels.to_json()) == levels


def test_members_of_one_chance_all_have_the_rate():
    won = (np.arange(5000) % 10 == 0).astype(float)
    levels = Levels.fitted(np.full(5000, 0.3), won, np.ones(5000))
    assert levels(np.array([0.3])) == pytest.approx([0.1], abs=0.002)


def test_the_bounds_cover_the_true_means_of_their_bins_about_95_times_in_100_whatever_was_predicted():
    covered = []
    for seed in range(60):
        random = np.random.default_rng(seed)
        predicted = random.normal(-0.03, 0.03, 2000)  # of members whose true uplift is 0
        ceiling = Ceiling.fitted(predicted, random.normal(0, 0.5, 2000), np.ones(2000))
        covered.extend(high >= 0 for high in set(ceiling.highs))
    assert 0.9 <= np.mean(covered) <= 0.99
