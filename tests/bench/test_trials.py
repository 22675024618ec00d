"""The promises of the uplift scorer, on trials small enough to wait for; `python -m bench trials` has more."""

import numpy as np
import pytest

from bench import scorers
from bench.peers import peers, response
from bench.trials import SHAPES, members
from scoring.winback import WinbackModel
from scoring.winback.qini import Outcomes
from scoring.winback.reliability import mean_effect, reliability, standard_error

pytestmark = pytest.mark.slow  # whole fits on thousands of members

FRESH = 10_000


def fitted(shape, seen, base, seed, share=0.5):
    drawn = members(shape, seen + FRESH, base, share, seed)
    known, fresh = drawn.slice(0, seen), drawn.slice(seen, seen + FRESH)
    model = WinbackModel(seed=0).fit(known.features, known.mailed, known.won_back, share)
    return model.predict(fresh.features), known, fresh


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_measured_on_a_trial_is_the_effect_it_was_drawn_with(shape):
    drawn = members(shape, 60_000, base=0.1, share=0.9, seed=7000)
    outcomes = Outcomes(drawn.mailed, drawn.won_back.astype(float), np.full(60_000, 0.9))
    found = mean_effect(outcomes)
    assert found.low < drawn.effect.mean() < found.high
    assert drawn.won_back[~drawn.mailed].mean() == pytest.approx(0.1, abs=0.015)
    assert drawn.features.equals(members(shape, 60_000, base=0.1, share=0.9, seed=7000).features)


@pytest.mark.parametrize("shape", ["linear", "dogs"])
def test_ours_is_near_the_best_single_learner_whichever_that_is(shape):
    predicted, known, fresh = fitted(shape, 6000, base=0.15, seed=7001)
    singles = peers(known, fresh)
    best = max(scorers.area(singles[name], fresh.effect) for name in scorers.PEERS)
    assert scorers.area(predicted["uplift"].to_numpy(), fresh.effect) > 0.9 * best


def test_of_two_thousand_members_with_few_comebacks_it_makes_what_the_response_model_makes():
    found = [scorers.few(seed) for seed in (7000, 7001)]
    ours, peer = (np.mean([getattr(one, name) for one in found]) for name in ("ours", "response"))
    assert ours > 0.95 * peer


def test_a_tenth_held_out_and_few_comebacks_still_rank_by_response():
    predicted, known, fresh = fitted("proportional", 6000, base=0.02, seed=7002, share=0.9)
    likeliest = scorers.top(response(known, fresh), fresh.effect)
    assert scorers.top(predicted["uplift"].to_numpy(), fresh.effect) > 0.9 * likeliest


def test_levels_are_within_a_percent_of_the_rates_and_the_mean_uplift_is_the_mean_effect():
    predicted, known, fresh = fitted("steps", 8000, base=0.1, seed=7003)
    outcomes, seen = (
        Outcomes(some.mailed, some.won_back.astype(float), np.full(len(some.mailed), 0.5)) for some in (fresh, known)
    )
    for column, arm in (("p_mailed", True), ("p_unmailed", False)):
        told = reliability(predicted[column].to_numpy(), outcomes, mailed=arm)
        assert told.error < 0.01 + told.by_chance
    surely = 3 * standard_error(mean_effect(seen))
    assert predicted["uplift"].mean() == pytest.approx(fresh.effect.mean(), abs=surely)


def test_the_table_names_the_best_single_learner_and_the_distance_from_it():
    qini = dict.fromkeys(scorers.PEERS, 0.4)
    told = scorers.Levels(0.001, 0.002, 0.001, 0.001, 1.0, 0.99, 1.05, 0.04, 1.02, within=True)
    results = [
        scorers.Result("steps", seed, 0.05, 0.5, qini | {"X": 0.5, "ours": 0.5 + gain}, told)
        for seed, gain in enumerate((0.01, 0.03))
    ]
    line = scorers.ranking("steps", results)
    assert line.split()[:3] == ["steps", "2", "1.040"]
    assert line.endswith("+0.040 ± 0.020")
    assert [row.split()[-1] for row in scorers.calibration(results)][1:] == ["within", "within"]


def test_the_chance_that_one_who_came_back_scores_higher():
    won = np.array([False, True, False, True])
    assert scorers.auc(np.array([1.0, 2.0, 3.0, 4.0]), won) == 0.75
    assert scorers.auc(np.ones(4), won) == 0.5
