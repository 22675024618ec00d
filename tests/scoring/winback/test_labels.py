"""Did the member come back within the window, and when first?"""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.winback.labels import comebacks

SINCE = datetime(2026, 6, 1, 19, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=14)
INSTANT = timedelta(microseconds=1)
TIME = pl.Datetime("us", "UTC")


def asked(*members, since=SINCE, until=UNTIL):
    return pl.DataFrame(
        [(m, since, until, n) for n, m in enumerate(members)],
        schema={"member_id": pl.String, "since": TIME, "until": TIME, "note": pl.Int64},
        orient="row",
    )


def plays(*told):
    return pl.DataFrame(told, schema={"member_id": pl.String, "played_at": TIME}, orient="row").lazy()


def outcomes(*told):
    return pl.DataFrame(told, schema={"member_id": pl.String, "kind": pl.String, "at": TIME}, orient="row").lazy()


def came(question, seen=plays(), told=outcomes()):  # noqa: B008 - never changed
    found = comebacks(question, seen, told)
    assert found.drop("came_at").equals(question)
    return found["came_at"].to_list()


@pytest.mark.parametrize(
    ("at", "counts"), [(SINCE - INSTANT, False), (SINCE, True), (UNTIL - INSTANT, True), (UNTIL, False)]
)
def test_the_window_begins_at_since_and_ends_before_until(at, counts):
    expected = [at if counts else None]
    assert came(asked("a"), plays(("a", at))) == expected
    assert came(asked("a"), told=outcomes(("a", "resubscribed", at))) == expected


def test_the_first_comeback_within_the_window_counts_whatever_its_kind():
    day = timedelta(days=1)
    seen = plays(("a", SINCE + 3 * day), ("a", SINCE + 2 * day), ("a", SINCE - day), ("b", SINCE + day))
    told = outcomes(("a", "resubscribed", SINCE + day), ("a", "upgraded", SINCE))
    assert came(asked("a", "b", "c"), seen, told) == [SINCE + day, SINCE + day, None]


def test_a_member_may_be_asked_for_more_than_once():
    second = asked("a", since=UNTIL, until=UNTIL + timedelta(days=14))
    question = pl.concat([asked("a"), second])
    assert came(question, plays(("a", UNTIL))) == [None, UNTIL]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_the_units_of_times_make_no_difference(unit):
    def told(frame):
        return frame.with_columns(pl.col(pl.Datetime).dt.cast_time_unit(unit))

    seen = plays(("a", SINCE - timedelta(milliseconds=1)), ("a", SINCE + timedelta(days=1)))
    resubscribed = outcomes(("a", "resubscribed", SINCE))
    assert came(told(asked("a")), seen, resubscribed) == [SINCE]
    assert came(asked("a"), told(seen), resubscribed) == [SINCE]
    assert came(asked("a"), seen, told(resubscribed)) == [SINCE]


def test_nobody_asked_and_nobody_back_are_no_errors():
    assert came(asked()) == []
    assert came(asked("a")) == [None]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 30), st.integers(0, 20)), max_size=8),
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 50)), max_size=15),
)
def test_looking_one_by_one_gives_the_same(questions, seen):
    hour = timedelta(hours=1)
    frame = pl.concat(
        [asked(), *(asked(m, since=SINCE + a * hour, until=SINCE + (a + n) * hour) for m, a, n in questions)]
    )
    expected = [
        min((SINCE + h * hour for who, h in seen if who == m and a <= h < a + n), default=None) for m, a, n in questions
    ]
    assert came(frame, plays(*((m, SINCE + h * hour) for m, h in seen))) == expected
