"""The sentence that a report leads with, and what its page says beside its numbers."""

import re

import pytest

from campaigns.reports.page import ledger, page, sentence, whom
from tests.campaigns.reports.sample import EARLY, LEDGER, sample, share


def said(low, high, estimate=100.0, **changes):
    incremental = {"estimate": estimate, "low": low, "high": high}
    won = {"incremental": incremental, "mailed": {"members": 1000}}
    told = {"win_back": won, "known_on": None, "within_days": 7} | changes
    return "".join(text for text, _ in sentence(told))


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (20.2, 180.0, "100 more members came back than would have without mail, likely between 20 and 180."),
        (0.4, 237.0, "100 more members came back than would have without mail, likely between 0 and 237."),
        (-20.0, 237.0, "No difference can be told yet: between 20 fewer and 237 more members came back"),
        (-0.3, 1.2, "No difference can be told yet: between 0 fewer and 1 more member came back"),
        (None, None, "Too early to say: too few members have come back yet."),
    ],
)
def test_it_says_what_the_interval_says_before_it_is_rounded(low, high, expected):
    assert said(low, high).startswith(expected)


def test_a_loss_is_called_one():
    told = said(-180.0, -0.3, estimate=-100.0)
    assert told == "100 fewer members came back than would have without mail, likely between 0 and 180."


def test_one_member_is_one():
    assert said(0.6, 1.4, estimate=1.1).startswith("1 more member came back")
    nobody = {"incremental": {"estimate": None, "low": None, "high": None}, "mailed": {"members": 0}}
    assert "window of 1 day has closed" in said(None, None, win_back=nobody, within_days=1)


def test_where_curve_and_numbers_count_different_members_the_page_says_whom():
    told = whom(sample())
    assert "8,288 mailed and 2,161 held out" in told
    assert "6,227 and 1,643" in told
    assert told in page(sample())


def test_where_they_count_the_same_there_is_nothing_to_say():
    same = {**sample()["win_back"], "mailed": share(8_288, 500), "holdout": share(2_161, 80)}
    assert whom(sample(win_back=same)) == ""


def test_the_lines_of_the_ledger_add_up_to_those_above_them():
    lines = ledger(LEDGER)
    whole, *parts = [n for _, n, depth in lines if depth == 0]
    assert whole == sum(parts)
    assert [n for _, n, depth in lines if depth == 1] == [181_457, 8_288, 112]


def test_a_report_without_an_interval_has_a_page_too():
    early = page(sample(win_back=EARLY, sequence=[], arms=[], segments=[], retention={"weeks": []}))
    assert "Too early to say" in early
    assert "How the difference settled" not in early


def test_no_difference_has_no_sign_on_the_page():
    won = sample()["win_back"]
    shown = page(sample(win_back=won | {"difference": won["difference"] | {"low": -0.0001}}))
    assert "likely between 0.0 and +4.4" in shown


def test_an_experiment_is_a_small_block_on_a_phone_whatever_its_arms_are_called():
    arms = {"arm": {"value": "new_since", "rate": 0.061}, "against": {"value": "title", "rate": 0.072}}
    difference = {"estimate": -0.011, "low": None, "high": None}
    told = page(sample(experiments=[{"layer": "subject", **arms, "difference": difference}]))
    row = told[told.index("subject: new_since against title") :].partition("</tr>")[0]
    labels = ["new_since", "title", "from", "to"]  # a block's first line takes the first and the last cell
    assert re.findall(r'data-label="(\w+)"', row) == labels
    assert row.endswith("−1.1 points</td>")
