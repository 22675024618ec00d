"""Is a candidate taken, and why: on simulated trials whose true effects are known."""

import json
from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from scoring.winback.gate import Contest, Decision, contest, decide, split, unseen
from scoring.winback.judgement import judge, outcomes_of
from scoring.winback.qini import Estimate
from tests.scoring.winback.trials import START, WINDOW, predicted, trials


def decided(seed, new, old, members=6000):
    """The gate's word on a candidate, both models as noisy as told."""
    frame = trials(seed, members)
    candidate, incumbent = predicted(frame, 1000 + seed, new), predicted(frame, 2000 + seed, old)
    against = contest("20260601-old", candidate, incumbent, frame, 0.2)
    return decide(judge(candidate, frame), against, "20260601-old")


def test_a_candidate_that_is_surely_worse_is_refused():
    found = [decided(seed, new=20, old=0.3) for seed in range(4)]
    assert not any(each.promote for each in found)
    assert {each.why for each in found} == {
        "on 6,000 trials that neither had seen it ranks surely worse than 20260601-old"
    }


def test_one_that_cannot_be_told_apart_is_taken_since_it_knows_newer_data():
    found = [decided(seed, new=0.5, old=0.5, members=2000) for seed in range(16)]
    assert sum(each.promote for each in found) >= 14
    assert any("can't be told from 20260601-old, and it knows newer data" in each.why for each in found)


def test_one_that_is_surely_better_is_taken_for_that():
    found = decided(1, new=0.1, old=20)
    assert str(found) == "promoted: on 6,000 trials that neither had seen it ranks surely better than 20260601-old"


def test_few_trials_prove_little_but_a_candidate_that_is_no_better_than_chance_rarely_replaces_a_good_model():
    found = [decided(seed, new=50, old=0.3, members=1500) for seed in range(12)]
    assert sum(not each.promote for each in found) >= 9


def estimate(value, error):
    return Estimate(value, value - 1.96 * error, value + 1.96 * error)


@pytest.fixture(scope="module")
def judged():
    frame = trials(1)
    return judge(predicted(frame, 1, 0.3), frame)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"value": estimate(-0.01, 0.002)}, "wins surely less than old: 6.1 to 13.9 in 1,000 mails"),
        ({"slopes": (estimate(0.2, 0.1), estimate(0.9, 0.1))}, "out of scale (slope 0.20), unlike old's"),
        ({"slopes": (estimate(2.2, 0.1), estimate(1.4, 0.1))}, "out of scale (slope 2.20), unlike old's"),
    ],
)
def test_less_won_by_the_budget_and_uplifts_out_of_scale_are_reasons_to_refuse(judged, change, said):
    fair = Contest("old", 900, estimate(0, 1), estimate(0, 1), estimate(0, 1), (estimate(1, 0.1), estimate(1, 0.1)))
    told = decide(judged, Contest(**{**vars(fair), **change}), "old")
    assert not told.promote
    assert said in told.why


@pytest.mark.parametrize(
    "slopes",
    [
        (estimate(0.2, 0.3), estimate(1, 0.1)),  # not known well enough
        (estimate(0.2, 0.1), estimate(0.1, 0.1)),  # the incumbent's is no better
        (estimate(0.2, 0.1), None),
        (None, estimate(1, 0.1)),
    ],
)
def test_a_slope_that_is_not_known_or_that_the_incumbent_shares_is_no_reason(judged, slopes):
    assert decide(judged, Contest("old", 900, estimate(0, 1), estimate(0, 1), estimate(0, 1), slopes), "old").promote


def test_without_a_model_in_use_chance_is_the_rival():
    frame = trials(2)
    best, worst, none = (predicted(frame, 1, noise, scale) for noise, scale in ((0.1, 1), (0.1, -1), (100, 1)))
    assert decide(judge(best, frame), None, None) == Decision(
        True, "on 6,000 newer trials it ranks surely better than chance"
    )
    refused = decide(judge(worst, frame), None, None)
    assert str(refused).startswith("refused: on 6,000 newer trials it ranks surely worse than chance")
    assert "can't be told from chance" in decide(judge(none, frame), None, None).why


def test_what_cannot_be_judged_is_taken_in_words_that_say_so(judged):
    assert str(decide(None, None, "old")).startswith("promoted: enough comebacks in both arms to learn from, too few")
    assert str(decide(judged, None, "old")) == "promoted: too little has matured since old was trained to compare them"


def test_what_a_person_chose_holds_until_a_candidate_is_clearly_better(judged):
    def told(difference, *, by_hand=True):
        against = Contest("old", 900, estimate(difference, 0.001), estimate(0, 1), estimate(0, 1), (None, None))
        return decide(judged, against, "old", by_hand=by_hand)

    assert str(told(0.01)) == "promoted: on 900 trials that neither had seen it ranks surely better than old"
    assert str(told(0.0)) == (
        "refused: on 900 trials that neither had seen it can't be told from old, and it knows newer data; "
        "but old was chosen by hand, and stays until a model is better by 3.3 standard errors"
    )
    assert told(-0.01) == told(-0.01, by_hand=False)
    for unknown in (decide(None, None, "old", by_hand=True), decide(judged, None, "old", by_hand=True)):
        assert str(unknown).startswith("refused: ")
        assert "old was chosen by hand" in unknown.why


def test_over_years_of_weekly_looks_what_a_person_chose_is_hardly_ever_given_up_for_nothing(judged):
    draw, years = np.random.default_rng(1), 200
    looks = draw.normal(size=(years, 52))
    fair = Contest("old", 900, estimate(0, 1), estimate(0, 1), estimate(0, 1), (None, None))
    best = [replace(fair, qini=estimate(seen, 1)) for seen in looks.max(axis=1)]  # the look that speaks most for it
    given_up = [decide(judged, seen, "old", by_hand=True).promote for seen in best]
    assert sum(given_up) <= 0.05 * years
    assert sum(seen.qini.low > 0 for seen in best) > 0.5 * years  # as sure as one look alone asks for


def test_a_candidate_that_knows_less_than_what_is_in_use_is_refused_whatever_it_is_worth(judged):
    better = Contest("old", 900, estimate(0.01, 0.001), estimate(0, 1), estimate(0, 1), (None, None))
    for told in ((judged, better), (judged, None), (None, None)):
        found = decide(*told, "old", outdated=True)
        assert str(found) == "refused: old, which is in use, was trained as of a later time"


def test_that_no_model_is_to_be_used_holds_too():
    frame = trials(2)
    best, none = (judge(predicted(frame, 1, noise), frame) for noise in (0.1, 100))
    assert decide(best, None, None, by_hand=True).promote
    refused = decide(none, None, None, by_hand=True)
    assert not refused.promote
    assert refused.why.endswith(
        "; but drawing at random was chosen by hand, and stays until a model is better by 3.3 standard errors"
    )


def test_two_models_are_not_compared_on_a_handful_of_comebacks():
    frame = trials(3, 150)
    assert contest("old", predicted(frame, 1, 1), predicted(frame, 2, 1), frame, 0.2) is None


def test_what_was_compared_is_kept_as_json():
    frame = trials(3, 2000)
    found = contest("old", predicted(frame, 1, 1), predicted(frame, 2, 1), frame, 0.2)
    told = json.loads(json.dumps(found.to_json()))
    assert told["slopes"][0]["value"] == found.slopes[0].value
    assert told["value"]["low"] == found.value.low


def test_the_newest_fifth_is_judged_by_the_rest():
    frame = trials(4, 10_000)
    older, newest = split(frame)
    assert older.height + newest.height == 10_000
    assert newest.height == 2000
    assert older["until"].max() <= newest["until"].min()


def test_more_than_a_fifth_is_judged_where_comebacks_are_few():
    frame = trials(5, 3500)
    older, newest = split(frame)
    assert 0.2 < newest.height / 3500 <= 0.5
    assert outcomes_of(newest).fewest_wins == 50
    assert outcomes_of(older).fewest_wins >= 50


def test_trials_of_one_day_are_divided_by_lot():
    frame = trials(6, 10_000, days=1)
    older, newest = split(frame)
    assert newest.height == 2000
    assert newest["driver"].mean() == pytest.approx(older["driver"].mean(), abs=0.15)


@pytest.mark.parametrize("arm", [None, "mailed", "holdout"])
def test_too_few_comebacks_and_one_arm_alone_are_not_judged(arm):
    frame = trials(7) if arm else trials(7, 600)
    assert split(frame if arm is None else frame.filter(arm=arm)) is None
    assert split(frame.head(0)) is None


def test_no_comeback_counts_in_both_parts():
    first = trials(8, days=1)
    soon = first.with_columns(pl.col("at", "since", "until", "came_at") + timedelta(days=7))
    later = first.with_columns(pl.col("at", "since", "until", "came_at") + timedelta(days=20))
    older, newest = split(pl.concat([first, soon.head(3000), later.tail(3000)]))
    both = newest.join(older.select("member_id", ended="until"), on="member_id")
    assert both.height > 0
    assert (both["ended"] <= both["at"]).all()


def test_a_model_has_not_seen_what_matured_after_it_was_trained():
    frame = trials(9, 500)
    cut = START + WINDOW + timedelta(days=10)
    assert frame.filter(unseen(frame, cut))["at"].min() == START + timedelta(days=11)


def test_one_that_is_surely_worse_than_chance_is_refused_whatever_is_in_use():
    frame = trials(1)
    turned = predicted(frame, 1, noise=0.1).with_columns(uplift=-pl.col("uplift"))
    judged = judge(turned, frame)
    for against, live in ((None, None), (None, "old"), (contest("old", turned, turned, frame, 0.2), "old")):
        found = decide(judged, against, live)
        assert not found.promote
        assert "surely worse than chance" in found.why
