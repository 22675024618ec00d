"""Shares of arms, learnt from what was drawn before."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.arms import FLOOR, chances_of_best, learnt_shares

HALF = {"a": 0.5, "b": 0.5}


def log(rates, days=((0.5, 1.0),), members=4_000, seed=0):
    """Days of draws: arm a's share, and a factor on everyone's chance of coming back."""
    draw = np.random.default_rng(seed)
    parts = []
    for share, factor in days:
        a = draw.random(members) < share
        won = draw.random(members) < np.where(a, *rates) * factor
        arm, chance = np.where(a, "a", "b"), np.where(a, share, 1 - share)
        parts.append(pl.DataFrame({"arm": arm, "propensity": chance, "reward": won.astype(float)}))
    return pl.concat(parts)


def test_shares_stay_as_they_began_until_every_arm_has_brought_some_back():
    assert learnt_shares(log((0.1, 0.1)).head(0), HALF) == HALF
    assert learnt_shares(log((0.1, 0.0)), {"a": 0.3, "b": 0.7}) == {"a": 0.3, "b": 0.7}


def test_the_better_arm_gets_more_and_the_other_keeps_its_floor():
    found = learnt_shares(log((0.16, 0.08)), HALF)
    assert found["a"] == pytest.approx(1 - FLOOR / 2, abs=1e-6)
    assert found["b"] == pytest.approx(FLOOR / 2, abs=1e-6)


def test_arms_as_good_as_each_other_share_within_what_chance_does():
    found = [learnt_shares(log((0.1, 0.1), seed=seed), HALF)["a"] for seed in range(200)]
    assert 0.42 < np.mean(found) < 0.58


def test_an_arm_is_not_credited_with_the_days_on_which_it_had_most_members():
    shares = [learnt_shares(log((0.1, 0.1), days=((0.9, 1.6), (0.1, 0.4)), seed=s), HALF)["a"] for s in range(100)]
    assert 0.4 < np.mean(shares) < 0.6
    naive = log((0.1, 0.1), days=((0.9, 1.6), (0.1, 0.4))).group_by("arm").agg(pl.col("reward").mean()).sort("arm")
    assert naive["reward"][0] > 2 * naive["reward"][1]


def test_an_arm_whose_members_all_came_back_is_taken_for_the_best():
    assert learnt_shares(log((1.0, 0.5), members=200), HALF)["a"] == pytest.approx(1 - FLOOR / 2, abs=1e-6)
    assert learnt_shares(log((1.0, 1.0), members=200), HALF)["a"] == pytest.approx(0.5)


def test_an_arm_that_is_no_longer_drawn_counts_for_nothing():
    both = log((0.16, 0.08))
    more = pl.concat([both, both.with_columns(arm=pl.lit("gone"), reward=1.0)])
    assert learnt_shares(more, HALF) == learnt_shares(both, HALF)


@given(
    st.lists(st.tuples(st.floats(-1, 1), st.floats(0.01, 1)), min_size=2, max_size=5),
)
def test_the_chances_of_being_best_add_up_and_agree_with_drawing(arms):
    means, errors = np.array(arms).T
    found = chances_of_best(means, errors)
    drawn = np.random.default_rng(0).normal(means, errors, (20_000, len(means))).argmax(axis=1)
    assert found.sum() == pytest.approx(1)
    assert np.abs(found - np.bincount(drawn, minlength=len(means)) / 20_000).max() < 0.03
