import subprocess
import sys
from math import isfinite, log

import numpy as np
import polars as pl
import pytest
import tea_tasting as tt
from hypothesis import given
from hypothesis import strategies as st

from campaigns.reports.statistics import EXACT, NORMAL_MIXTURE, Tally, compare, sample_ratio
from scoring.evidence import half_width, planned_u

arms = st.builds(
    lambda members, share: Tally(members, int(members * share)),
    st.integers(0, 10**8),
    st.floats(0, 1) | st.sampled_from([0, 1]),
)


def test_a_known_campaign():
    effect = compare(mailed=(100_000, 3450), holdout=(11_111, 333), planned_members=111_111)
    assert (effect.difference, effect.low, effect.high) == pytest.approx((0.004530, -0.000683, 0.009742), abs=5e-7)
    assert log(effect.e_value) == pytest.approx(1.990300, abs=5e-7)
    assert effect.p_always_valid == pytest.approx(0.136654, abs=5e-7)
    assert effect.relative == pytest.approx(3450 / 100_000 / (333 / 11_111) - 1)
    assert effect.relative_low < effect.relative < effect.relative_high
    assert effect.method == NORMAL_MIXTURE


def test_halfway_to_the_plan_the_interval_is_tuned_to_the_end():
    now = compare(mailed=(100_000, 3450), holdout=(11_111, 333), planned_members=222_222)
    later = compare(mailed=(200_000, 6900), holdout=(22_222, 666), planned_members=222_222)
    error = (later.high - later.low) / 2 / half_width(1.0, planned_u(1, 1))
    assert (now.high - now.low) / 2 == pytest.approx(half_width(error * 2**0.5, planned_u(1, 2)))


def test_until_each_arm_has_20_wins_the_winners_alone_are_asked():
    early = compare(mailed=(10_000, 300), holdout=(1_111, 19), planned_members=111_111, mailed_share=0.9)
    assert early.difference == pytest.approx(300 / 10_000 - 19 / 1_111)
    assert (early.low, early.high, early.method) == (None, None, EXACT)
    assert early.relative_low < early.relative < early.relative_high
    late = compare(mailed=(10_000, 300), holdout=(1_111, 20), planned_members=111_111, mailed_share=0.9)
    assert late.low < late.difference < late.high
    assert late.method == NORMAL_MIXTURE


def test_an_arm_without_members_compares_with_nothing():
    for mailed, holdout in [((0, 0), (0, 0)), ((10, 3), (0, 0)), ((0, 0), (10, 3))]:
        effect = compare(mailed=mailed, holdout=holdout, planned_members=100)
        assert effect == (None, None, None, None, -1.0, None, 1.0, 1.0, EXACT)


def test_a_holdout_without_wins_gives_no_lift_but_may_bound_it():
    effect = compare(mailed=(900, 90), holdout=(100, 0), planned_members=1000, mailed_share=0.9)
    assert effect.difference == 0.1
    assert effect.relative is None
    assert -1 < effect.relative_low < 0
    assert effect.relative_high is None


def test_where_all_came_back_there_is_no_error_to_build_on():
    effect = compare(mailed=(100, 100), holdout=(50, 50), planned_members=150)
    assert (effect.difference, effect.low, effect.high, effect.method) == (0.0, None, None, EXACT)


@given(arms, arms, st.integers(1, 10**9), st.none() | st.floats(0.01, 0.99))
def test_whatever_the_counts_nothing_is_nan_or_infinite(mailed, holdout, planned, share):
    effect = compare(mailed, holdout, planned_members=planned, mailed_share=share)
    assert all(value is None or isfinite(value) for value in effect[:-1])
    assert 0 <= effect.p_always_valid <= 1
    if effect.low is not None:
        assert effect.low <= effect.difference <= effect.high
    if effect.relative_low is not None and effect.relative_high is not None:
        assert effect.relative_low <= effect.relative_high


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"mailed": (10, 11)}, "mailed: 11 won back of 10 members; count each member once"),
        ({"holdout": (-1, 0)}, "holdout members: -1 is negative"),
        ({"holdout": (10, 2.5)}, "holdout won_back: 2.5 is not a whole number"),
        ({"mailed": 10}, "mailed: 10 is no pair"),
        ({"planned_members": 0}, "planned_members: 0"),
        ({"planned_members": -5}, "planned_members: -5 is negative"),
        ({"planned_members": 1e6}, "planned_members: 1000000.0 is not a whole number"),
        ({"alpha": 0}, "alpha: 0 is out of range"),
        ({"alpha": 1}, "alpha: 1 is out of range"),
        ({"mailed_share": 1.0}, "mailed_share: 1.0 is out of range"),
        ({"mailed_share": 0.0}, "mailed_share: 0.0 is out of range"),
    ],
)
def test_what_can_not_be_compared_is_refused_by_name(change, why):
    with pytest.raises(ValueError, match=why):
        compare(**{"mailed": (10, 1), "holdout": (10, 1), "planned_members": 20} | change)


def campaigns(lift, runs, looks=30, seed=20):
    """Counts at each look, [run, look, (mailed, won, held out, won)]: 90/10 of 111,000, a base rate of 3%."""
    rng = np.random.default_rng(seed)
    mailed = rng.binomial(3700, 0.9, (runs, looks))
    holdout = 3700 - mailed
    daily = [mailed, rng.binomial(mailed, 0.03 * (1 + lift)), holdout, rng.binomial(holdout, 0.03)]
    return np.stack(daily, axis=-1).cumsum(axis=1)


def at_look(counts):
    mailed, won, held_out, won_anyway = counts
    return compare((mailed, won), (held_out, won_anyway), planned_members=111_000, mailed_share=0.9)


def test_looking_daily_seldom_misleads_where_a_naive_test_often_does():
    counts = campaigns(lift=0, runs=2000)
    misled = [any(at_look(look).p_always_valid < 0.05 for look in run) for run in counts.tolist()]
    assert np.mean(misled) <= 0.03
    n1, x1, n0, x0 = np.moveaxis(counts, -1, 0)
    error = np.sqrt(x1 * (n1 - x1) / n1**3 + x0 * (n0 - x0) / n0**3)
    assert np.mean((abs(x1 / n1 - x0 / n0) > 1.96 * error).any(axis=1)) >= 0.2


def test_the_intervals_hold_the_truth_at_every_look():
    effects = [[at_look(look) for look in run] for run in campaigns(lift=0.3, runs=300).tolist()]
    missed = [any(e.low is not None and not e.low <= 0.009 <= e.high for e in run) for run in effects]
    lift_missed = [any(not e.relative_low <= 0.3 <= (e.relative_high or 9) for e in run) for run in effects]
    assert np.mean(missed) <= 0.05
    assert np.mean(lift_missed) <= 0.05


def test_a_real_lift_is_found():
    found = [at_look(run[-1]).e_value >= 20 for run in campaigns(lift=0.3, runs=300).tolist()]
    assert np.mean(found) >= 0.9


def test_difference_and_error_are_those_of_tea_tasting():
    frame = pl.DataFrame(
        {"variant": [1] * 9_000 + [0] * 1_000, "won_back": [1] * 450 + [0] * 8_550 + [1] * 40 + [0] * 960}
    )
    theirs = tt.Experiment(won=tt.Mean("won_back", use_t=False, equal_var=False)).analyze(frame)["won"]
    ours = compare(mailed=(9_000, 450), holdout=(1_000, 40), planned_members=10_000)
    assert ours.difference == pytest.approx(theirs.effect_size)
    assert ours.relative == pytest.approx(theirs.rel_effect_size)
    fixed = (theirs.effect_size_ci_upper - theirs.effect_size_ci_lower) / 2
    assert (ours.high - ours.low) / 2 / fixed == pytest.approx(1.5486, abs=1e-3)  # theirs divides by n - 1


def test_known_sample_ratios():
    assert log(sample_ratio((9050, 1000), (0.9, 0.1)).e_value) == pytest.approx(-1.187379, abs=5e-7)
    assert sample_ratio({"mailed": 9300, "holdout": 900}, {"mailed": 0.9, "holdout": 0.1}).alarm


def test_the_statistics_need_no_web_database_or_frames():
    code = "import sys, campaigns.reports.statistics; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"fastapi", "duckdb", "polars", "sqlalchemy", "scipy"} & set(loaded)
