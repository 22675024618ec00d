"""Do predictions mean what they say?"""

import numpy as np
import pytest

from scoring.winback.qini import Outcomes
from scoring.winback.reliability import mean_effect, reliability, slope, standard_error, uplifts


def drawn(seed, members=4000, share=0.6):
    draw = np.random.default_rng(seed)
    base, effect = draw.uniform(0.02, 0.2, members), draw.uniform(-0.05, 0.15, members)
    mailed = draw.random(members) < share
    won = draw.random(members) < np.clip(base + mailed * effect, 0, 1)
    return base, effect, Outcomes(mailed, won.astype(float), np.full(members, share))


def test_true_chances_are_off_by_what_chance_alone_gives():
    told = [(reliability(base, outcomes, mailed=False)) for base, _, outcomes in map(drawn, range(40))]
    errors, by_chance = (np.mean([getattr(each, key) for each in told]) for key in ("error", "by_chance"))
    assert errors == pytest.approx(by_chance, rel=0.1)


def test_chances_that_are_off_are_told_by_how_much():
    base, effect, outcomes = drawn(1, members=100_000)
    assert reliability(base + effect + 0.1, outcomes, mailed=True).error == pytest.approx(0.1, abs=0.01)
    assert reliability(base, outcomes, mailed=False).error < 0.01


def test_bins_hold_equally_many_members_of_the_arm_from_the_least_prediction_on():
    base, _, outcomes = drawn(2)
    bins = reliability(base, outcomes, mailed=False).bins
    assert sum(each.members for each in bins) == (~outcomes.mailed).sum()
    assert max(each.members for each in bins) - min(each.members for each in bins) <= 1
    assert [each.predicted for each in bins] == sorted(each.predicted for each in bins)


def test_a_bin_without_comebacks_is_not_sure_that_there_are_none():
    outcomes = Outcomes(np.arange(1000) % 2 == 0, np.zeros(1000), np.full(1000, 0.5))
    [first, *_] = reliability(np.linspace(0, 0.1, 1000), outcomes, mailed=True).bins
    assert (first.measured.value, first.measured.low) == (0, 0)
    assert first.measured.high > 0.01
    assert mean_effect(outcomes).high > 0.005


def test_the_slope_of_true_effects_is_one_and_of_doubled_ones_a_half():
    told = [slope(factor * effect, outcomes) for factor in (1, 2) for _, effect, outcomes in map(drawn, range(60))]
    assert np.mean([each.value for each in told[:60]]) == pytest.approx(1, abs=0.15)
    assert np.mean([each.value for each in told[60:]]) == pytest.approx(0.5, abs=0.08)
    assert sum(each.low <= 1 <= each.high for each in told[:60]) >= 52
    spread = np.std([each.value for each in told[:60]])
    assert np.mean([standard_error(each) for each in told[:60]]) == pytest.approx(spread, rel=0.3)


def test_predictions_that_are_all_the_same_have_no_slope():
    _, effect, outcomes = drawn(3)
    assert slope(np.full(len(effect), 0.03), outcomes) is None


def test_the_measured_mean_holds_the_true_one_as_often_as_it_says():
    told = [(mean_effect(outcomes), effect.mean()) for _, effect, outcomes in map(drawn, range(120))]
    assert sum(found.low <= truth <= found.high for found, truth in told) >= 106


def test_groups_of_like_uplifts_are_measured_apart():
    _, effect, outcomes = drawn(4, members=200_000)
    for group in uplifts(effect, outcomes):
        assert group.measured.low <= group.predicted <= group.measured.high or group.measured.value == pytest.approx(
            group.predicted, abs=0.01
        )
