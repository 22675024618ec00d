from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from campaigns.reports import measure
from campaigns.reports.measure import Plan

START = datetime(2026, 9, 1, 19, tzinfo=UTC)
PLAN = Plan(0.2, timedelta(days=7), 1_000)
TIME = pl.Datetime("us", "UTC")
SCHEMA = {"member_id": pl.String, "arm": pl.String, "due_at": TIME, "came_at": TIME}


def entries(*rows):
    """(arm, day it was due, days until the comeback or None)."""
    due = [START + timedelta(days=day) for _, day, _ in rows]
    came = [None if days is None else at + timedelta(days=days) for at, (_, _, days) in zip(due, rows, strict=True)]
    ids = [f"m{n}" for n in range(len(rows))]
    if not rows:
        return pl.DataFrame(schema=SCHEMA)
    frame = {"member_id": ids, "arm": [arm for arm, _, _ in rows], "due_at": due, "came_at": came}
    return pl.DataFrame(frame, schema_overrides={"due_at": TIME, "came_at": TIME})


def many(mailed, won, held, held_won):
    return entries(
        *[("mailed", 0, 2 if n < won else None) for n in range(mailed)],
        *[("holdout", 0, 2 if n < held_won else None) for n in range(held)],
    )


LATER = START + timedelta(days=30)


def test_an_entry_counts_once_its_window_has_closed_and_not_before():
    found = entries(("mailed", 0, 1), ("mailed", 3, None))
    assert measure.tallies(measure.judged(found, START + timedelta(days=7), PLAN))["mailed"] == (1, 1)
    assert measure.tallies(measure.judged(found, START + timedelta(days=10), PLAN))["mailed"] == (2, 1)


def test_the_numbers_are_those_of_counting_by_hand():
    won = measure.win_back(measure.judged(many(800, 80, 200, 10), LATER, PLAN), PLAN)
    assert won["mailed"] == {"members": 800, "won_back": 80, "rate": 0.1}
    assert won["difference"]["estimate"] == pytest.approx(0.05)
    assert won["incremental"]["estimate"] == pytest.approx(40)


def test_too_few_comebacks_have_no_interval_and_enough_have_one():
    few = measure.win_back(measure.judged(many(800, 80, 200, 19), LATER, PLAN), PLAN)
    enough = measure.win_back(measure.judged(many(800, 80, 200, 20), LATER, PLAN), PLAN)
    assert few["difference"]["low"] is None
    assert enough["difference"]["low"] < enough["difference"]["estimate"] < enough["difference"]["high"]


def test_shards_add_up_to_the_whole():
    whole = measure.judged(many(800, 80, 200, 30), LATER, PLAN)
    parts = [measure.tallies(part) for part in whole.iter_slices(130)]
    summed = {arm: tuple(map(sum, zip(*(part[arm] for part in parts), strict=True))) for arm in measure.ARMS}
    assert summed == measure.tallies(whole)


def test_no_entries_at_all_say_nothing_and_break_nothing():
    nothing = measure.judged(entries(), LATER, PLAN)
    assert measure.win_back(nothing, PLAN)["difference"]["estimate"] is None
    assert measure.time_to_first_play(nothing, PLAN)["difference_days"]["estimate"] is None
    plays = pl.DataFrame(schema={"member_id": pl.String, "played_at": TIME})
    assert measure.retention(nothing, plays, LATER) == {"weeks": []}


def test_retention_counts_who_plays_in_each_week_of_those_followed_through_it():
    found = measure.judged(entries(("mailed", 0, 1), ("mailed", 0, None), ("holdout", 0, None)), LATER, PLAN)
    plays = pl.DataFrame({"member_id": ["m0", "m0", "m1"], "played_at": [START + timedelta(days=d) for d in (1, 8, 9)]})
    weeks = measure.retention(found, plays.cast({"played_at": TIME}), START + timedelta(days=15))["weeks"]
    assert weeks == [{"week": 1, "mailed": 0.5, "holdout": 0.0}, {"week": 2, "mailed": 1.0, "holdout": 0.0}]


def test_members_lost_on_one_side_raise_the_alarm():
    assert not measure.srm(measure.judged(many(8_000, 0, 2_000, 0), LATER, PLAN), PLAN)["alarm"]
    assert measure.srm(measure.judged(many(7_000, 0, 2_000, 0), LATER, PLAN), PLAN)["alarm"]


def test_an_arm_is_held_against_the_one_there_was_before_among_the_members_mailed():
    arms = ["popular", "personal"] * 500
    told = many(800, 0, 200, 0).with_columns(
        pl.Series("rows", arms),
        came_at=pl.when(pl.Series([n % 10 == 1 or n % 20 == 2 for n in range(1_000)])).then(
            pl.col("due_at") + timedelta(days=2)
        ),
    )
    [found] = measure.contrasts(measure.judged(told, LATER, PLAN), PLAN, "rows", {"personal": 0.5, "popular": 0.5})
    assert found["arm"] == {"value": "personal", "members": 400, "won_back": 80, "rate": 0.2}
    assert found["against"] == {"value": "popular", "members": 400, "won_back": 40, "rate": 0.1}
    assert found["difference"]["low"] < found["difference"]["estimate"] == pytest.approx(0.1)
    assert found["difference"]["high"] > 0.1


def test_an_arm_that_nobody_was_in_yet_says_nothing():
    told = many(800, 0, 200, 0).with_columns(rows=pl.lit("personal"))
    [found] = measure.contrasts(measure.judged(told, LATER, PLAN), PLAN, "rows", {"personal": 0.5, "popular": 0.5})
    assert found["difference"]["estimate"] is None
