from math import log

import numpy as np
import pytest

from scoring.evidence import sample_ratio


@pytest.mark.parametrize(
    ("counts", "log_e", "alarm"), [((9050, 1000), -1.187379, False), ((9300, 900), 6.224814, True)]
)
def test_known_counts(counts, log_e, alarm):
    found = sample_ratio(counts, (0.9, 0.1))
    assert log(found.e_value) == pytest.approx(log_e, abs=5e-7)
    assert found.alarm is alarm


def test_mappings_match_by_arm_whatever_their_order():
    assert sample_ratio({"b": 900, "a": 9300}, {"a": 0.9, "b": 0.1}) == sample_ratio([9300, 900], [0.9, 0.1])


def test_nobody_assigned_says_nothing():
    assert sample_ratio([0, 0], [0.9, 0.1]) == (1.0, False)
    assert sample_ratio([500], [1.0]) == (1.0, False)


def test_above_a_million_smaller_deviations_are_looked_for():
    counts = [1_803_000, 197_000]  # 5 standard errors from 90/10
    assert sample_ratio(counts, [0.9, 0.1]) == sample_ratio(counts, [0.9, 0.1], planned_members=2_000_000)
    assert sample_ratio(counts, [0.9, 0.1]).e_value != sample_ratio(counts, [0.9, 0.1], planned_members=10).e_value


def alarms(kept, runs):
    """On which of 30 daily looks each run's alarm first rings; 30 if never. A share of the mailed rows is `kept`."""
    rng = np.random.default_rng(5)
    mailed = rng.binomial(3704, 0.9, (runs, 30))
    holdout = 3704 - mailed
    mailed = rng.binomial(mailed, kept)
    looks = np.stack([mailed.cumsum(axis=1), holdout.cumsum(axis=1)], axis=-1)
    rings = [[sample_ratio(look.tolist(), (0.9, 0.1)).alarm for look in run] for run in looks]
    return np.array([ring.index(True) + 1 if any(ring) else 30 for ring in rings])


def test_a_sound_assignment_seldom_rings():
    assert np.mean(alarms(1.0, runs=1000) < 30) <= 0.03


def test_mailed_rows_that_get_lost_ring_within_two_weeks():
    assert np.median(alarms(0.95, runs=100)) <= 13


@pytest.mark.parametrize(
    ("counts", "shares", "why"),
    [
        ([1, 2, 3], [0.9, 0.1], "counts: of the arms"),
        ({"a": 1, "b": 2}, {"a": 0.5, "c": 0.5}, "counts: of the arms"),
        ([1, 2], [0.9, 0.2], "shares: .* do not add up to 1"),
        ([1, 2], [1.0, 0.0], "shares: .* give each arm a share above 0, or leave it out"),
        ([1, 2], [float("nan"), 0.5], "shares: "),
        ([1, -2], [0.9, 0.1], "counts of 1: -2 is negative"),
        ([1, 2.5], [0.9, 0.1], "counts of 1: 2.5 is not a whole number"),
        ([], [], "shares: "),
    ],
)
def test_what_can_not_be_tested_is_refused_by_name(counts, shares, why):
    with pytest.raises(ValueError, match=why):
        sample_ratio(counts, shares)
