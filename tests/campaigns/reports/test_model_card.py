"""A model's card: figures, page, lines."""

import json
import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from campaigns.reports.model_card import card_lines, model_card, model_page, state
from scoring.errors import BadData
from scoring.registry import Card, Registry
from scoring.winback.gate import contest
from scoring.winback.judgement import judge
from scoring.winback.training import EVALUATION
from tests.scoring.winback.trials import predicted, trials

FACTS = {"mailed": 3600, "won_mailed": 500, "held_out": 2400, "won_held_out": 200}


def kept(registry, version, **told):
    """A version with what training leaves beside it."""
    verdict = "promoted: on 2,000 newer trials it ranks surely better than chance"
    card = Card(version, "2026-08-01T00:00:00+00:00", 6000, verdict, FACTS)
    registry.store(card, lambda folder: (folder / "model.json").write_text("{}"))
    if told:
        registry.keep(version, EVALUATION, told)


@pytest.fixture(scope="module")
def figures():
    frame = trials(1, 2000)
    answers = predicted(frame, 1, 0.3)
    return {
        "judged": judge(answers, frame).to_json(),
        "against": contest("20260725-old", answers, predicted(frame, 2, 3), frame, 0.2).to_json(),
        "effects": [
            {"feature": "days_since_play", "size": 0.01, "direction": "more of it lowers"},
            {"feature": "<odd>", "size": 0.002, "direction": "most: a, least: <b>"},
        ],
        "window": {"first": "2026-06-01", "last": "2026-07-11", "left_out": 3},
        "versions": {"features": "2", "model": "2", "lightgbm": "4.6.0"},
    }


@pytest.fixture
def registry(tmp_path, figures):
    made = Registry(tmp_path / "models")
    kept(made, "20260801-new", **figures)
    made.promote("20260801-new")
    told = {"as_of": datetime(2026, 8, 8, tzinfo=UTC).isoformat(), **figures["judged"]}
    made.keep("20260801-new", "backtest-20260808", told)
    return made


def test_the_card_is_all_that_is_known_of_a_version(registry, figures):
    card = model_card(registry, "20260801-new")
    assert (card["version"], card["state"], card["rows"]) == ("20260801-new", "in use", 6000)
    assert card["evaluation"] == figures
    assert [test["as_of"] for test in card["backtests"]] == ["2026-08-08T00:00:00+00:00"]
    assert json.loads(json.dumps(card)) == card


def test_the_page_needs_nothing_else_and_all_its_charts_are_drawn(registry):
    page = model_page(model_card(registry, "20260801-new"))
    assert not re.search(r"<script|https?://(?!www\.w3\.org)|url\(http", page)
    charts = re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)
    assert len(charts) == 5
    for chart in charts:
        assert ET.fromstring(chart).get("aria-label")


def test_the_page_says_what_matters_in_a_sentence(registry, figures):
    page = model_page(model_card(registry, "20260801-new"))
    top = next(step["caused"] for step in figures["judged"]["targeting"] if step["share"] == 0.2)
    assert f"Mail the top <b>20%</b>, and it expects <b>{top:.0%}</b> of the comebacks that mail can cause." in page
    assert "Promoted: on 2,000 newer trials it ranks surely better than chance." in page


def test_the_page_has_every_group_every_feature_and_what_happened_then(registry):
    page = model_page(model_card(registry, "20260801-new"))
    for told in ("Country: BR", "Plan: free", "Lapsed: cancelled", "20260725-old", "8 Aug 2026", "3 left out"):
        assert told in page
    assert "days since the last play" in page
    assert "&lt;odd&gt;" in page
    assert "<odd>" not in page


def test_of_a_model_that_could_not_be_judged_the_page_says_so(registry, figures):
    kept(registry, "20260802-few", **{**figures, "judged": None, "against": None})
    page = model_page(model_card(registry, "20260802-few"))
    assert "Too early to say how much better than chance it chooses." in page
    assert "here that will stand" in page
    assert len(re.findall("<svg", page)) == 1


def test_of_a_model_that_was_stored_without_figures_there_is_a_page_too(registry):
    kept(registry, "20260803-bare")
    card = model_card(registry, "20260803-bare")
    assert card["evaluation"] is None
    assert "<svg" not in model_page(card)
    assert card_lines(card)[0] == "version        20260803-bare"


def test_where_a_mail_is_expected_to_help_nobody_there_is_no_targeting_curve(registry, figures):
    frame = trials(1, 2000)
    harmful = predicted(frame, 1, 0.3).with_columns(uplift=-0.01 - predicted(frame, 1, 0.3)["uplift"].abs())
    kept(registry, "20260804-harm", **{**figures, "judged": judge(harmful, frame).to_json()})
    page = model_page(model_card(registry, "20260804-harm"))
    assert "It expects a mail to help none of them." in page


def test_a_terminal_gets_a_fact_a_line(registry):
    lines = card_lines(model_card(registry, "20260801-new"))
    text = "\n".join(lines)
    assert lines[0] == "version        20260801-new"
    assert "state          in use, by hand" in lines
    for told in (
        "judged on      2,000 trials: Qini +",
        "its best       20%: +",
        "of the comebacks that mail can cause",
    ):
        assert told in text
    assert lines[-1].startswith("by 8 Aug 2026  2,000 trials")


@pytest.mark.parametrize(
    ("done", "said"), [([], "never in use"), (["promote"], "in use"), (["promote", "rollback"], "rolled back")]
)
def test_the_state_of_a_version_is_told(registry, done, said):
    kept(registry, "20260805-x")
    for step in done:
        registry.promote("20260805-x") if step == "promote" else registry.rollback()
    assert model_card(registry, "20260805-x")["state"] == said


def test_that_a_person_put_a_version_to_use_is_told(registry):
    def told():
        card = model_card(registry, "20260801-new")
        assert state(card) in model_page(card)
        return card["by_hand"], card_lines(card)[1]

    assert told() == (True, "state          in use, by hand")
    kept(registry, "20260806-y")
    assert registry.succeed("20260806-y", registry.use())
    assert told() == (False, "state          was in use")
    taken = model_card(registry, "20260806-y")
    assert (taken["by_hand"], state(taken)) == (False, "in use")


def test_a_version_that_another_took_over_from_was_in_use(registry):
    kept(registry, "20260806-y")
    registry.promote("20260806-y")
    assert model_card(registry, "20260801-new")["state"] == "was in use"


def test_a_version_that_is_not_there_is_told_by_name(registry):
    with pytest.raises(BadData, match="there is no 'none'"):
        model_card(registry, "none")


def test_the_days_of_trials_reach_the_footer(registry):
    assert trials(1, 2000)["at"].max() < datetime(2026, 6, 1, tzinfo=UTC) + timedelta(days=40)
    assert "begun from 1 Jun 2026 to 11 Jul 2026" in model_page(model_card(registry, "20260801-new"))
