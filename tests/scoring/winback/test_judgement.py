"""A model's figures on trials that it had not seen."""

import json

import polars as pl
import pytest

from scoring.winback.judgement import judge
from tests.scoring.winback.trials import predicted, trials


@pytest.fixture(scope="module")
def frame():
    return trials(1)


@pytest.fixture(scope="module")
def judged(frame):
    return judge(predicted(frame, 1, noise=0.3), frame, share=0.25)


def test_the_value_of_the_budgets_share_is_the_effect_on_those_it_would_mail(frame, judged):
    best = predicted(frame, 1, noise=0.3).with_columns(frame["effect"]).top_k(1500, by="uplift")
    assert judged.value.low < best["effect"].mean() < judged.value.high
    assert judged.measured.low < frame["effect"].mean() < judged.measured.high
    assert judged.value.low > judged.measured.value
    assert judged.qini.low > 0


def test_the_curve_goes_from_nobody_to_everybody(judged):
    first, last = judged.gains[0], judged.gains[-1]
    assert (first.share, first.gain.value, first.gain.high) == (0, 0, 0)
    assert (last.share, last.gain.value) == (1, pytest.approx(judged.measured.value))


def test_of_few_best_of_whom_none_came_back_nothing_is_sure(frame):
    few = frame.head(1000)
    best = few.select(told=pl.col("came_at").is_null().cast(pl.Float64)).to_series()  # those who did not, first
    said = predicted(few, 1, noise=0.3).with_columns(uplift=best)
    found = judge(said, few, share=0.02)
    assert found.value.value == pytest.approx(0, abs=1e-12)
    assert found.value.low < -0.05 < 0.05 < found.value.high


def test_what_it_counts_adds_up(frame, judged):
    arms = frame.group_by("arm").agg(pl.len(), pl.col("came_at").count())
    counted = dict(zip(arms["arm"], arms["came_at"], strict=True))
    assert (judged.won_mailed, judged.won_held_out) == (counted["mailed"], counted["holdout"])
    assert judged.members == 6000
    assert sum(group.members for group in judged.segments if group.segment == "plan") == 6000


def test_each_group_is_measured_apart_the_largest_first(frame, judged):
    groups = {
        name: [each for each in judged.segments if each.segment == name] for name in ("country", "plan", "lapsed")
    }
    assert {each.value for each in groups["country"]} == {"BR", "US", "JP"}
    assert [each.value for each in groups["lapsed"]] == ["stopped", "cancelled"]
    for each in groups["country"]:
        truth = frame.filter(country=each.value)["effect"].mean()
        assert each.predicted == pytest.approx(truth, abs=0.01)
        assert each.measured.low - 0.01 < truth < each.measured.high + 0.01


def test_small_groups_are_left_out_and_unknown_values_named(frame):
    odd = frame.with_columns(
        country=pl.when(pl.int_range(pl.len()) < 99).then(pl.lit("IS")).when(pl.col("country") != "JP").then("country"),
    )
    found = judge(predicted(odd, 1, noise=0.3), odd).segments
    assert {each.value for each in found if each.segment == "country"} == {"BR", "US", "unknown"}


def test_a_model_that_says_the_same_of_everybody_is_worth_nothing_and_has_no_slope(frame):
    same = pl.DataFrame({"p_mailed": [0.1] * 6000, "p_unmailed": [0.08] * 6000, "uplift": [0.02] * 6000})
    found = judge(same, frame)
    assert found.qini.value == pytest.approx(0, abs=1e-12)
    assert found.slope is None
    assert found.value.value == pytest.approx(found.measured.value)


def test_it_is_kept_as_json(judged):
    told = json.loads(json.dumps(judged.to_json()))
    assert told["qini"] == {"value": judged.qini.value, "low": judged.qini.low, "high": judged.qini.high}
    assert told["segments"][0]["measured"]["value"] == judged.segments[0].measured.value
