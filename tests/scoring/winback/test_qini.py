"""What a ranking is worth, and how sure that is, on trials whose true effects are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.winback.qini import SURE, Outcomes, Ranking

TRIALS = 120
LEAST = 106  # of 120 intervals that must hold the truth: with a chance of 95% each, fewer come once in 300 times


def area(score, outcomes):
    """The Qini area with its interval."""
    return Ranking(score, outcomes.effect).qini().estimate(np.arange(len(score)))


def error(estimate):
    """The standard error that its range tells."""
    return (estimate.high - estimate.low) / (2 * SURE)


def resampled(statistic, members, draws=400):
    """The standard deviations of statistics of rows, over samples of members with replacement."""
    random = np.random.default_rng(0)
    rows = [np.flatnonzero(members == member) for member in np.unique(members)]
    again = [np.concatenate([rows[n] for n in random.integers(0, len(rows), len(rows))]) for _ in range(draws)]
    return np.std([statistic(sample) for sample in again], axis=0)


def drawn(seed, members=800, share=0.8, known=True):
    """A trial whose effect has one driver, and a score that knows it in part, or nothing; and the true effects."""
    draw = np.random.default_rng(seed)
    driver = draw.normal(size=members)
    effect = np.clip(0.05 * (1 + driver), -0.05, 0.3)
    mailed = draw.random(members) < share
    won = draw.random(members) < np.clip(0.08 + mailed * effect, 0, 1)
    score = (driver if known else 0) + 0.5 * draw.normal(size=members)
    return score, Outcomes(mailed, won.astype(float), np.full(members, share)), effect


def true_area(known):
    """Of a large population, by its true effects."""
    score, _, effect = drawn(99, members=400_000, known=known)
    return Ranking(score, effect).qini().value


def test_the_interval_holds_the_true_area_as_often_as_it_says():
    truth = true_area(known=True)
    found = [area(*drawn(seed)[:2]) for seed in range(TRIALS)]
    assert sum(each.low <= truth <= each.high for each in found) >= LEAST


def test_a_score_that_knows_nothing_is_not_told_from_chance():
    assert abs(true_area(known=False)) < 1e-4
    found = [area(*drawn(seed, known=False)[:2]) for seed in range(TRIALS)]
    assert sum(each.low <= 0 <= each.high for each in found) >= LEAST


def test_the_value_of_a_share_lies_in_its_interval_as_often_as_it_says():
    score, _, effect = drawn(99, members=400_000)
    truth = Ranking(score, effect).gains([0.2])[0].value
    trials = (drawn(seed)[:2] for seed in range(TRIALS))
    found = [Ranking(score, known.effect).gains([0.2])[0].estimate(np.arange(800)) for score, known in trials]
    assert sum(each.low <= truth <= each.high for each in found) >= LEAST


def figures(score, other, effect):
    """The area, the value of a share, and both against another ranking's."""
    one, two = Ranking(score, effect), Ranking(other, effect)
    areas, values = (one.qini(), two.qini()), (one.gains([0.2])[0] / 0.2, two.gains([0.2])[0] / 0.2)
    return areas[0], values[0], areas[0] - areas[1], values[0] - values[1]


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("rows", [1, 3], ids=["one row a member", "three"])
def test_intervals_are_as_wide_as_samples_of_members_differ(tied, rows):
    score, outcomes, _ = drawn(1, members=1500)
    score, effect, members = np.round(score, 0 if tied else 9), outcomes.effect, np.arange(1500) // rows
    other = score + np.random.default_rng(2).normal(size=1500)
    told = [error(each.estimate(members)) for each in figures(score, other, effect)]
    again = resampled(lambda some: [each.value for each in figures(score[some], other[some], effect[some])], members)
    assert told == pytest.approx(again, rel=0.15)


def test_a_row_moves_a_figure_as_its_influence_says():
    score, outcomes, _ = drawn(8, members=500)
    whole = Ranking(score, outcomes.effect).qini()
    for row in range(0, 500, 25):
        without = Ranking(np.delete(score, row), np.delete(outcomes.effect, row)).qini()
        assert 499 * (whole.value - without.value) == pytest.approx(whole.influence[row], abs=0.02)
    assert whole.influence.mean() == pytest.approx(0, abs=1e-12)
    for gain in Ranking(score, outcomes.effect).gains([0.0, 0.3, 1.0]):
        assert gain.influence.mean() == pytest.approx(0, abs=1e-12)


def test_the_area_is_that_between_the_gains_and_those_of_chance():
    score, outcomes, _ = drawn(2, members=400)
    ranking = Ranking(score, outcomes.effect)
    shares = np.linspace(0, 1, 401)
    gains = np.array([gain.value for gain in ranking.gains(shares)])
    assert gains[-1] == pytest.approx(outcomes.effect.mean())
    above = gains - shares * gains[-1]
    assert ranking.qini().value == pytest.approx((above[1:] + above[:-1]).sum() / 800)


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
    for told, same in ((shuffled.qini(), ranking.qini()), (shuffled.gains([0.3])[0], ranking.gains([0.3])[0])):
        assert told.value == pytest.approx(same.value, abs=1e-12)
        assert told.influence == pytest.approx(same.influence[other], abs=1e-12)


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


def test_two_rankings_that_agree_differ_by_nothing():
    score, outcomes, _ = drawn(6)
    one, other = (Ranking(told, outcomes.effect).qini() for told in (score, 2 * score + 1))
    found = (one - other).estimate(np.arange(800))
    assert (found.value, found.low, found.high) == (0, 0, 0)


def test_a_members_rows_come_together():
    score, outcomes, _ = drawn(7, members=900)
    score, effect = np.tile(score, 4), np.tile(outcomes.effect, 4)
    found = Ranking(score, effect).qini()
    together, apart = found.estimate(np.tile(np.arange(900), 4)), found.estimate(np.arange(3600))
    assert error(together) == pytest.approx(2 * error(apart))
