"""What could stand in each row."""

from datetime import UTC, datetime, timedelta

import polars as pl

from scoring.titles.offers import BECAUSE, FOR_YOU, HERO, NEW, POPULAR, offers

AT = datetime(2026, 12, 1, tzinfo=UTC)
DAY = timedelta(days=1)
PAIR = {"member_id": pl.String, "title_id": pl.String}
TIME = pl.Datetime("us", "UTC")


def ranked(titles):
    told = [("m", t, n, 1 / n) for n, t in enumerate(titles, 1)]
    return pl.DataFrame(told, schema=PAIR | {"rank": pl.Int64, "score": pl.Float64}, orient="row")


def crowd(titles):
    told = [("m", t, n) for n, t in enumerate(titles, 1)]
    return pl.DataFrame(told, schema=PAIR | {"place": pl.Int64}, orient="row")


def found(own="", popular="", reasons=None, last=None, added=None):
    """Each kind's titles, in order."""
    why = pl.DataFrame(
        [("m", t, x) for t, x in (reasons or {}).items()], schema=PAIR | {"because": pl.String}, orient="row"
    )
    left = pl.DataFrame([("m", last)] if last else [], schema={"member_id": pl.String, "last": TIME}, orient="row")
    came = pl.DataFrame(list((added or {}).items()), schema={"title_id": pl.String, "added_at": TIME}, orient="row")
    frame = offers(ranked(own), crowd(popular), why, left, came).sort("order")
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
