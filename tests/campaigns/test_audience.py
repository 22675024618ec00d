"""The audience's rules: read from text, refused by name, and what they hold for."""

from contextlib import suppress

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.audience import FIELDS, Rule, holds, parse
from campaigns.errors import BadCampaign
from scoring.winback.features import ATTRIBUTES, NAMES

MEMBERS = pl.DataFrame(
    {
        "country": ["BR", "US", "GB", None],
        "language": ["pt-BR", "en", None, "en"],
        "timezone": ["America/Sao_Paulo", None, "Europe/London", None],
        "plan": ["free", "O'Neil, gold", None, "standard"],
        "plays_lifetime": [0.0, 3.0, 12.0, 100.0],
        "days_since_play": [30.2, 29.9, 400.0, 30.99],
        "days_since_cancel": [None, 5.5, None, 700.0],
        "cancelled": [False, True, False, True],
    }
)


def kept(*texts):
    """Which of the four members the rules hold for."""
    rules = [parse(text, "f.toml") for text in texts]
    return MEMBERS.with_row_index("place").filter(holds(rules))["place"].to_list()


def refusal(text):
    with pytest.raises(BadCampaign) as caught:
        parse(text, "f.toml")
    assert caught.value.where == f"audience.where {text!r}"
    return caught.value.why


def test_without_rules_everybody_is_in():
    assert kept() == [0, 1, 2, 3]


def test_all_rules_must_hold():
    assert kept("country in BR, US", "plays_lifetime >= 3") == [1]


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("country == BR", [0]),
        ("country in BR, US", [0, 1]),
        ("language == pt-br", [0]),
        ("timezone == Europe/London", [2]),
        ("plays_lifetime < 3", [0]),
        ("plays_lifetime <= 3", [0, 1]),
        ("plays_lifetime > 3", [2, 3]),
        ("plays_lifetime >= 3", [1, 2, 3]),
        ("plays_lifetime == 12", [2]),
        ("plays_lifetime in 0, 100", [0, 3]),
        ("plays_lifetime not in 0, 100", [1, 2]),
        ("cancelled == true", [1, 3]),
        ("cancelled != true", [0, 2]),
        ("cancelled in true, false", [0, 1, 2, 3]),
    ],
)
def test_every_operator_says_what_it_says(text, members):
    assert kept(text) == members


def test_an_empty_field_meets_only_what_asks_for_others():
    assert kept("plan != free") == [1, 2, 3]
    assert kept("plan not in free, standard") == [1, 2]
    assert kept("plan == free") == [0]
    assert kept("country in BR, US, GB") == [0, 1, 2]
    assert kept("days_since_cancel < 1000") == [1, 3]
    assert kept("days_since_cancel >= 0") == [1, 3]


def test_days_count_once_they_are_over():
    assert kept("days_since_play == 30") == [0, 3]
    assert kept("days_since_play <= 30") == [0, 1, 3]
    assert kept("days_since_cancel == 5") == [1]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plan == free", "free"),
        ("plan=='free'", "free"),
        ('plan == "free"', "free"),
        ("plan == premium plus", "premium plus"),
        ('plan == "a, b"', "a, b"),
        ('plan == "[gold]"', "[gold]"),
        ('plan == "a=b"', "a=b"),
        ('plan == "O\'Neil"', "O'Neil"),
        ("plan in [free, 'a, b']", ("free", "a, b")),
        ("plan in (free,basic)", ("free", "basic")),
        ('plan not   in "x"', ("x",)),
        ("  plan   in  free ", ("free",)),
        ("plan == 免费", "免费"),
    ],
)
def test_values_may_stand_in_quotes_and_lists_in_brackets(text, value):
    assert parse(text, "f").value == value


def test_quoted_values_find_their_members():
    assert kept('plan == "O\'Neil, gold"') == [1]
    assert kept('plan in "O\'Neil, gold", free') == [0, 1]


def test_an_unknown_field_is_told_with_those_there_are():
    why = refusal("color == red")
    assert "'color'" in why
    assert all(field in why for field in FIELDS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plan",
        "plan free",
        "plan = free",
        "plan =< 3",
        "plan is free",
        "== free",
        "plan ==",
        "plan in",
        "plan like fr%",
        "plan\n== free\nplan",
        "favourite-genres == x",
    ],
)
def test_what_is_no_rule_is_refused_with_the_operators(text):
    assert "a rule is: field op value, with op one of ==, !=, <, <=, >, >=, in, not in" in refusal(text)


@pytest.mark.parametrize("text", ["country < BR", "plan >= free", "cancelled > false", "language <= en"])
def test_what_has_no_order_takes_no_order(text):
    assert "has no order" in refusal(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("country == br", "ISO 3166"),
        ("country == XX", "ISO 3166"),
        ("country in BR, Brazil", "ISO 3166"),
        ("country == Brazil", "ISO 3166"),
        ("language == English please", "language tag"),
        ("timezone == Mars/Olympus", "IANA"),
        ("timezone == CET+1", "IANA"),
        ("plays_lifetime >= many", "whole number"),
        ("plays_lifetime >= 3.5", "whole number"),
        ("plays_lifetime >= -1", "whole number"),
        ("plays_lifetime >= 1e3", "whole number"),
        ("plays_lifetime >= nan", "whole number"),
        ("plays_lifetime >= ٣", "whole number"),
        ("plays_lifetime in 1, two", "whole number"),
        ("cancelled == yes", "true or false"),
        ("cancelled == True", "true or false"),
        ('plan == ""', "a word"),
    ],
)
def test_a_value_that_the_field_cannot_have_is_refused(text, expected):
    assert expected in refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "plan == free and country == BR",
        "plan === free",
        "plan == free, basic",
        'plan == "free" basic',
        'plan == "free',
        "plan in a,,b",
        "plan in a, b,",
        "plan in [a, b",
        "plan == [a]",
        "plan == O'Neil",
    ],
)
def test_what_would_silently_match_nobody_is_refused(text):
    refusal(text)


@given(st.text(min_size=1).filter(lambda text: '"' not in text and "\n" not in text and text.strip()))
def test_any_plan_can_be_named_in_quotes(plan):
    assert parse(f'plan == "{plan}"', "f").value == plan


@given(st.text())
def test_any_other_text_is_a_rule_or_refused_by_name(text):
    with suppress(BadCampaign):
        assert isinstance(parse(text, "f"), Rule)


def test_every_field_is_a_column_of_the_snapshot():
    assert set(FIELDS) <= {*NAMES, *ATTRIBUTES, "cancelled"}
