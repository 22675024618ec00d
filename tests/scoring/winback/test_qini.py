"""What a ranking is worth, and how sure that is, on trials whose true effects are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.winback import qini
from scoring.winback.qini import Outcomes, Ranking, estimates, resamples

TRIALS = 120
LEAST = 106  # of 120 intervals that must hold the truth: with a chance of 95% each, fewer come once in 300 times


def area(score, outcomes, seed=0):
    """The Qini area with its interval."""
    ranking = Ranking(score, outcomes.effect)
    return estimates(lambda weight: ranking.qini(weight)[:, None], np.arange(len(score)), seed)[0]


def drawn(seed, members=800, share=0.8, known=True):
    """A trial whose effect has one driver, and a score that knows it in part, or nothing; and the true effects."""
    draw = np.random.default_rng(seed)
    driver = draw.normal(size=members)
    effect = np.clip(0.05 * (1 + driver), -0.05, 0.3)
    mailed = draw.random(members) < share
    won = draw.random(members) < np.clip(0.08 + mailed * effect, 0, 1)
    score = (driver if known else 0) + 0.5 * draw.normal(size=members)
    return score, Outcomes(mailed, won.astype(float), np.full(members, share)), effect


def one(members):
    return np.ones((1, members))


def true_area(known):
    """Of a large population, by its true effects."""
    score, _, effect = drawn(99, members=400_000, known=known)
    return Ranking(score, effect).qini(one(len(score)))[0]


def test_the_interval_holds_the_true_area_as_often_as_it_says():
    truth = true_area(known=True)
    found = [area(*drawn(seed)[:2], seed) for seed in range(TRIALS)]
    assert sum(each.low <= truth <= each.high for each in found) >= LEAST


def test_a_score_that_knows_nothing_is_not_told_from_chance():
    assert abs(true_area(known=False)) < 1e-4
    found = [area(*drawn(seed, known=False)[:2], seed) for seed in range(TRIALS)]
    assert sum(each.low <= 0 <= each.high for each in found) >= LEAST


def test_the_bootstrap_is_as_wide_as_the_closed_form():
    score, outcomes, _ = drawn(1, members=6000)
    effect, rank = outcomes.effect, (np.argsort(np.argsort(-score)) + 0.5) / len(score)
    error = ((effect - effect.mean()) * (0.5 - rank)).std() / len(score) ** 0.5
    found = area(score, outcomes)
    assert (found.high - found.low) / (2 * 1.96) == pytest.approx(error, rel=0.12)


def test_the_area_is_that_between_the_gains_and_those_of_chance():
    score, outcomes, _ = drawn(2, members=400)
    ranking = Ranking(score, outcomes.effect)
    shares = np.linspace(0, 1, 401)
    gains = ranking.gains(one(400), shares)[0]
    assert gains[-1] == pytest.approx(outcomes.effect.mean())
    above = gains - shares * gains[-1]
    assert ranking.qini(one(400))[0] == pytest.approx((above[1:] + above[:-1]).sum() / 800)


def test_a_resample_is_worth_what_its_members_are():
    score, outcomes, _ = drawn(3, members=300)
    weight = np.random.default_rng(0).poisson(1.0, 300)
    again = np.repeat(np.arange(300), weight)
    repeated = Ranking(score[again], outcomes.effect[again])
    weighted = Ranking(score, outcomes.effect)
    shares = np.array([0.1, 0.5, 1.0])
    assert weighted.qini(weight[None, :].astype(float))[0] == pytest.approx(repeated.qini(one(len(again)))[0])
    assert weighted.gains(weight[None, :].astype(float), shares)[0] == pytest.approx(
        repeated.gains(one(len(again)), shares)[0]
    )


def test_members_of_equal_scores_share_a_place_so_that_a_constant_score_is_worth_nothing():
    _, outcomes, _ = drawn(4)
    found = area(np.zeros(800), outcomes)
    assert (found.value, found.low, found.high) == pytest.approx((0, 0, 0), abs=1e-12)


@settings(max_examples=30)
@given(seed=st.integers(0, 1000), tied=st.booleans())
def test_the_order_of_rows_makes_no_difference(seed, tied):
    score, outcomes, _ = drawn(seed, members=200)
    score = np.round(score) if tied else score
    other = np.random.default_rng(seed).permutation(200)
    shuffled = Ranking(score[other], outcomes.effect[other])
    ranking = Ranking(score, outcomes.effect)
    assert shuffled.qini(one(200))[0] == pytest.approx(ranking.qini(one(200))[0], abs=1e-12)
    assert shuffled.gains(one(200), np.array([0.3]))[0, 0] == pytest.approx(
        ranking.gains(one(200), np.array([0.3]))[0, 0]
    )


def test_unequal_chances_of_a_mail_do_not_bias_the_effect():
    draw = np.random.default_rng(5)
    often = draw.random(200_000) < 0.5
    chance = np.where(often, 0.9, 0.3)
    mailed = draw.random(len(often)) < chance
    won = draw.random(len(often)) < 0.05 + 0.2 * often + 0.04 * mailed
    assert Outcomes(mailed, won.astype(float), chance).effect.mean() == pytest.approx(0.04, abs=0.008)


def test_chances_near_zero_do_not_count_without_bound():
    outcomes = Outcomes(np.array([True, False]), np.array([1.0, 1.0]), np.array([1e-9, 1 - 1e-9]))
    assert np.abs(outcomes.effect).max() == pytest.approx(100)


def test_two_rankings_meet_the_same_resamples():
    score, outcomes, _ = drawn(6)
    rankings = [Ranking(score, outcomes.effect), Ranking(2 * score + 1, outcomes.effect)]
    found = estimates(lambda w: np.column_stack([rankings[0].qini(w) - rankings[1].qini(w)]), np.arange(800), 0)[0]
    assert (found.value, found.low, found.high) == (0, 0, 0)


def test_the_same_seed_gives_the_same_interval_and_memory_stays_bounded(monkeypatch):
    score, outcomes, _ = drawn(7)
    assert area(score, outcomes, 1) == area(score, outcomes, 1) != area(score, outcomes, 2)
    monkeypatch.setattr(qini, "CELLS", 8_000)
    parts = list(resamples(np.arange(800), 0))
    assert max(map(len, parts)) == 10
    assert sum(map(len, parts)) == qini.RESAMPLES


def test_a_members_rows_come_and_go_together():
    members = np.arange(300) % 100
    [weights] = resamples(members, 0)
    assert (weights[:, :100] == weights[:, 100:200]).all()
    assert (weights[:, :100] == weights[:, 200:]).all()
