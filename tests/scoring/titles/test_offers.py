"""What could stand in each row."""

from datetime import UTC, datetime, timedelta

import polars as pl

from scoring.titles.offers import (
    BECAUSE,
    FINISH,
    FOR_YOU,
    GENRE,
    HERO,
    LEAVING,
    NEW,
    POPULAR,
    Known,
    newest_first,
    offers,
)

AT = datetime(2026, 12, 1, tzinfo=UTC)
DAY = timedelta(days=1)
PAIR = {"member_id": pl.String, "title_id": pl.String}
TIME = pl.Datetime("us", "UTC")
FACTS = {"title_id": pl.String, "added_at": TIME, "leaves_at": TIME, "genres": pl.List(pl.String)}


def ranked(titles):
    told = [("m", t, n, 1 / n) for n, t in enumerate(titles, 1)]
    return pl.DataFrame(told, schema=PAIR | {"rank": pl.Int64, "score": pl.Float64}, orient="row")


def crowd(titles):
    told = [("m", t, n) for n, t in enumerate(titles, 1)]
    return pl.DataFrame(told, schema=PAIR | {"place": pl.Int64}, orient="row")


def found(own="", popular="", *, reasons=None, last=None, added=None, leaves=None, genres=None, started=None):
    """Each kind's offers, in order."""
    why = [("m", t, x) for t, x in (reasons or {}).items()]
    ids = sorted({*own, *popular, *(added or {}), *(leaves or {}), *(genres or {})})
    facts = [(t, (added or {}).get(t), (leaves or {}).get(t), (genres or {}).get(t)) for t in ids]
    known = Known(
        ranked(own),
        crowd(popular),
        pl.DataFrame(why, schema=PAIR | {"because": pl.String}, orient="row"),
        pl.DataFrame([("m", last)] if last else [], schema={"member_id": pl.String, "last": TIME}, orient="row"),
        pl.DataFrame([("m", t, at) for t, at in (started or {}).items()], schema=PAIR | {"last": TIME}, orient="row"),
        pl.DataFrame(facts, schema=FACTS, orient="row"),
    )
    frame = offers(known, AT).sort("order")
    return {kind: part for (kind,), part in frame.partition_by("kind", as_dict=True).items()}


def titles(frame):
    return "".join(frame["title_id"])


def test_the_hero_is_the_best_of_ones_own_and_for_a_stranger_what_is_popular():
    assert titles(found("ab", "xay")[HERO]) == "abxy"
    assert titles(found("", "xy")[HERO]) == "xy"


def test_ones_own_row_holds_ones_own_alone():
    told = found("ab", "xay")
    assert titles(told[FOR_YOU]) == "ab"
    assert titles(told[POPULAR]) == "xay"


def test_a_row_with_a_reason_names_the_title_that_was_watched():
    told = found("abcdefg", reasons=dict(zip("abcdefg", "XYYXYXX", strict=True)))[BECAUSE]
    assert titles(told) == "bce"
    assert told["about"].unique().to_list() == ["Y"]


def test_too_few_titles_with_one_reason_are_no_row():
    assert BECAUSE not in found("abcde", reasons=dict(zip("abcd", "XXXY", strict=True)))  # a is the hero
    assert BECAUSE not in found("abcde", reasons=dict.fromkeys("abcde"))


def test_new_is_what_came_after_the_last_play_and_nothing_to_one_who_never_played():
    added = {"a": AT - 9 * DAY, "b": AT - DAY, "c": None, "x": AT - 2 * DAY, "y": AT - 8 * DAY}
    assert titles(found("abc", "xy", last=AT - 5 * DAY, added=added)[NEW]) == "bx"
    assert NEW not in found("abc", "xy", added=added)


def test_what_was_begun_is_offered_the_latest_first():
    assert titles(found(started={"p": AT - 9 * DAY, "q": AT - DAY, "r": AT - 5 * DAY})[FINISH]) == "qrp"


def test_what_leaves_within_three_weeks_is_said_to_leave_soon():
    told = found("abcd", leaves={"a": AT + 30 * DAY, "b": AT + 21 * DAY, "c": None, "d": AT + 3 * DAY})
    assert titles(told[LEAVING]) == "bd"


def test_a_row_of_a_genre_holds_titles_that_are_that_first():
    genres = {
        "a": ["Crime"],
        "b": ["Drama", "Crime"],
        "c": ["Crime"],
        "d": ["Drama"],
        "e": ["Drama"],
        "f": ["Crime"],
        "g": [],
    }
    told = found("abcdefg", genres=genres)[GENRE]
    assert titles(told) == "bde"
    assert told["about"].unique().to_list() == ["Drama"]
    assert GENRE not in found("ab", genres=genres)


def test_of_those_asked_for_the_newest_stands_first_and_nothing_else_moves():
    told = pl.concat(found("abc", "xy", last=AT - 9 * DAY, added={"c": AT - DAY, "y": AT - DAY}).values())
    moved = newest_first(told, pl.DataFrame({"member_id": ["m"]}))
    heroes = pl.col("kind") == HERO
    assert titles(moved.filter(heroes).sort("order")) == "cyabx"
    assert moved.filter(~heroes).equals(told.filter(~heroes))
    assert newest_first(told, pl.DataFrame({"member_id": ["n"]})).equals(told)
