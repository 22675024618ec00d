from math import exp, log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import lambertw
from scipy.stats import norm

from scoring.evidence import Measure, Tally, half_width, interval, planned_u, relative

MAILED, HOLDOUT = Tally(100_000, 3450).measure, Tally(11_111, 333).measure  # the lift of a usual campaign: 15% on 3%
alphas = st.floats(0.001, 0.5)


def test_a_known_comparison():
    now = interval(MAILED - HOLDOUT, planned_u(111_111, 111_111))
    assert (MAILED - HOLDOUT).standard_error == pytest.approx(0.001717, abs=5e-7)
    assert now.estimate == pytest.approx(0.004530, abs=5e-7)
    assert (now.low, now.high) == pytest.approx((-0.000683, 0.009742), abs=5e-7)
    assert log(now.e_value) == pytest.approx(1.990300, abs=5e-7)
    assert now.p_always_valid == pytest.approx(0.136654, abs=5e-7)


def test_halfway_the_interval_is_wider():
    error = (MAILED - HOLDOUT).standard_error * sqrt(2)
    assert half_width(error, planned_u(1, 2)) == pytest.approx(0.007478, abs=5e-7)


@given(alphas)
def test_the_tuning_is_lamberts(alpha):
    assert planned_u(1, 1, alpha=alpha) == pytest.approx(-lambertw(-(alpha**2) / np.e, -1).real - 1, rel=1e-9)


@given(alphas, st.floats(0.01, 100))
def test_the_interval_is_narrowest_at_the_plan(alpha, times):
    best = planned_u(1, 1, alpha=alpha)
    assert half_width(1.0, best, alpha=alpha) <= half_width(1.0, best * times, alpha=alpha) * (1 + 1e-12)


def test_looking_daily_costs_half_a_width():
    fixed = norm.ppf(0.975)
    assert half_width(1.0, planned_u(1, 1)) / fixed == pytest.approx(1.5486, abs=1e-4)


@given(st.floats(-10, 10), st.floats(0.01, 5), st.floats(0.01, 100), alphas)
def test_0_is_outside_just_where_the_evidence_is_decisive(estimate, error, u, alpha):
    now = interval(Measure(estimate, error), u, alpha=alpha)
    if now.e_value * alpha == pytest.approx(1, rel=1e-9):
        return
    assert (now.low > 0 or now.high < 0) == (now.e_value > 1 / alpha) == (now.p_always_valid < alpha)


def test_evidence_beyond_measure_stays_finite():
    now = interval(Measure(1.0, 1e-6), 8.2)
    assert now.e_value == exp(700)
    assert now.p_always_valid == 0


def test_a_known_relative_lift():
    lift = relative(Measure(1.384615, 0.195535), Measure(0.818182, 0.220275), u=planned_u(1, 1))
    assert lift.estimate == pytest.approx(0.692307, abs=1e-6)
    width = log(1 + lift.high) - log(1 + lift.low)
    assert width == pytest.approx(2 * 3.035122 * 0.304015, abs=1e-5)
