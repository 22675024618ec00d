"""The sentence that a report leads with."""

import pytest

from campaigns.reports.page import sentence


def said(low, high, estimate=100.0):
    incremental = {"estimate": estimate, "low": low, "high": high}
    won = {"incremental": incremental, "mailed": {"members": 1000}}
    return "".join(text for text, _ in sentence({"win_back": won, "known_on": None, "within_days": 7}))


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (20.2, 180.0, "100 more members came back than would have without mail, likely between 20 and 180."),
        (0.4, 237.0, "100 more members came back than would have without mail, likely between 0 and 237."),
        (-20.0, 237.0, "No difference can be told yet: between 20 fewer and 237 more members came back"),
        (None, None, "Too early to say: too few members have come back yet."),
    ],
)
def test_it_says_what_the_interval_says_before_it_is_rounded(low, high, expected):
    assert said(low, high).startswith(expected)


def test_a_loss_is_called_one():
    told = said(-180.0, -0.3, estimate=-100.0)
    assert told == "100 fewer members came back than would have without mail, likely between 0 and 180."
