from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter
from lifelines.utils import restricted_mean_survival_time

from scoring.evidence import (
    LifeTable,
    days_earlier,
    followed,
    life_table,
    planned_u,
    survival,
    time_lost,
    weekly_retention,
)

MAILED = ([1, 2, 2, 4, 5, 7, 9, 12, 14, 14], [1, 1, 1, 0, 1, 1, 0, 1, 0, 0])
HOLDOUT = ([3, 6, 8, 10, 13, 14, 14, 14], [1, 0, 1, 0, 1, 0, 0, 0])
members = st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=60)


def table(people, horizon=14):
    return life_table([day for day, _ in people], [played for _, played in people], horizon=horizon)


def test_known_arms():
    mailed, holdout = life_table(*MAILED, horizon=14), life_table(*HOLDOUT, horizon=14)
    assert (survival(mailed)[14], survival(holdout)[14]) == pytest.approx((0.311111, 0.546875), abs=5e-7)
    assert time_lost(mailed, days=14) == pytest.approx((5.877778, 1.691278), abs=5e-7)
    assert time_lost(holdout, days=14) == pytest.approx((2.432292, 1.386253), abs=5e-7)
    difference = time_lost(mailed, days=14) - time_lost(holdout, days=14)
    assert difference == pytest.approx((3.445486, 2.186805), abs=5e-7)
    assert difference.estimate / difference.standard_error == pytest.approx(1.575580, abs=5e-7)


@given(members)
def test_the_curve_and_its_mean_are_those_of_lifelines(people):
    fitter = KaplanMeierFitter().fit([day for day, _ in people], [played for _, played in people])
    made = table(people, horizon=20)
    assert survival(made) == pytest.approx(fitter.survival_function_at_times(range(21)).to_numpy())
    if window := followed(made):
        mean = restricted_mean_survival_time(fitter, t=window)
        assert time_lost(made, days=window).estimate == pytest.approx(window - mean, abs=1e-9)


@given(members, members)
def test_tables_of_shards_add_up(some, others):
    added, whole = table(some) + table(others), table(some + others)
    assert added.at_risk.tolist() == whole.at_risk.tolist()
    assert added.plays.tolist() == whole.plays.tolist()


@given(members)
def test_nothing_is_ever_nan(people):
    made = table(people)
    for window in range(1, followed(made) + 1):
        lost = time_lost(made, days=window)
        assert 0 <= lost.estimate <= window
        assert 0 <= lost.standard_error < np.inf


def test_a_window_that_nobody_was_followed_through_is_refused():
    young = life_table([3, 5, 6], [1, 0, 0], horizon=14)
    assert followed(young) == 6
    with pytest.raises(ValueError, match="days: 14, but followed for 6; take a shorter window until then"):
        time_lost(young, days=14)
    assert followed(life_table([], [], horizon=14)) == 0
    assert followed(life_table([2, 3], [1, 1], horizon=14)) == 14  # all played: nothing more to follow


def test_few_plays_give_no_interval():
    now = days_earlier(life_table(*MAILED, horizon=14), life_table(*HOLDOUT, horizon=14), days=14, u=8.2)
    assert now == (pytest.approx(3.445486, abs=5e-7), None, None, 1.0, 1.0)


def test_days_that_are_none_are_refused():
    for days in ([-1], [1.5]):
        with pytest.raises(ValueError, match="days: not all whole numbers"):
            life_table(days, [True], horizon=14)
    with pytest.raises(ValueError, match="played: 1 values for 2 days"):
        life_table([1, 2], [True], horizon=14)


def looks(rng, cohorts, size, hazard, window=14):
    """Cohorts, one a day, of `size` members who play with `hazard` a day: the table of all each day."""
    left, plays = np.full(cohorts, size), np.zeros((cohorts, window + 1), dtype=int)
    for day in range(1, window + 1):
        plays[:, day] = rng.binomial(left, hazard)
        left = left - plays[:, day]
    first_risk = size - np.hstack([np.zeros((cohorts, 1), dtype=int), plays.cumsum(axis=1)[:, :-1]])
    for today in range(window, window + cohorts):
        seen = np.arange(window + 1) <= (today - np.arange(cohorts))[:, None]
        yield LifeTable((first_risk * seen).sum(axis=0), (plays * seen).sum(axis=0))


def campaign(rng, ratio=1.0):
    hazard = 1 - (1 - 0.03) ** (1 / 14)
    pairs = zip(looks(rng, 30, 3333, hazard * ratio), looks(rng, 30, 370, hazard), strict=True)
    return [
        days_earlier(mailed, holdout, days=14, u=planned_u(mailed.at_risk[0] + holdout.at_risk[0], 30 * 3703))
        for mailed, holdout in pairs
    ]


def test_daily_looks_at_days_earlier_seldom_mislead():
    rng = np.random.default_rng(7)
    runs = [campaign(rng) for _ in range(300)]
    assert np.mean([any(look.p_always_valid < 0.05 for look in run) for run in runs]) <= 0.04


def test_the_error_of_days_earlier_is_its_spread():
    rng = np.random.default_rng(11)
    hazard = 1 - (1 - 0.03) ** (1 / 14)
    finals = [[list(looks(rng, 4, size, hazard))[-1] for size in (25_000, 2_775)] for _ in range(4000)]
    differences = [time_lost(mailed, days=14) - time_lost(holdout, days=14) for mailed, holdout in finals]
    spread = np.std([d.estimate for d in differences])
    assert np.mean([d.standard_error for d in differences]) == pytest.approx(spread, rel=0.03 + 2 / sqrt(2 * 4000))


def test_a_member_counts_once_a_week_and_only_in_weeks_that_are_over():
    weeks = weekly_retention([21, 13, 6], member=[0, 0, 0, 1, 1, 2, 2], day=[0, 6, 20, 7, 3, 2, 30])
    assert weeks == [(1, 2, 2), (2, 1, 0), (3, 1, 1)]


def test_without_plays_nobody_is_retained():
    assert weekly_retention([7, 7], [], []) == [(1, 2, 0)]
    assert weekly_retention([], [], []) == []
