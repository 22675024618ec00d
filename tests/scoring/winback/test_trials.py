"""What training learns from: checked, each member and moment once, and with chances that can be true."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from scoring.contracts import MAILINGS
from scoring.errors import BadData
from scoring.lake.schema import file_schema
from scoring.lake.store import Lake
from scoring.winback.trials import TRIAL, checked, imported_trials, usable, without_false_chances

AT = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)
AS_OF = AT + 30 * DAY


def trial(member="a", arm="mailed", chance=0.5, *, at=AT, since=AT, until=AT + 14 * DAY, campaign="autumn"):
    return pl.DataFrame([(member, at, since, until, arm, chance, campaign)], schema=TRIAL, orient="row")


def many(mailed, held_out, chance, campaign="autumn", members="m"):
    """So many mailed and held out."""
    arms = ["mailed"] * mailed + ["holdout"] * held_out
    return pl.concat(trial(f"{members}{n}", arm, chance, campaign=campaign) for n, arm in enumerate(arms))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"until": None}, "1 lack a member, a time or an arm; leave them out"),
        ({"since": None}, "1 lack a member, a time or an arm; leave them out"),
        ({"at": None}, "1 lack a member, a time or an arm; leave them out"),
        ({"arm": "control"}, "1 have an arm that is neither; say mailed or holdout"),
        ({"until": AT - DAY}, "1 have windows that end before they have begun; give until after since"),
        ({"until": AT}, "1 have windows that end before they have begun; give until after since"),
        ({"until": AS_OF + DAY}, "1 have windows that close after 2026-07-01 00:00; leave them"),
        ({"since": AT - DAY}, "1 have windows that begin before the moment whose features they have"),
    ],
)
def test_a_trial_without_a_whole_window_is_refused_by_name(wrong, said):
    with pytest.raises(BadData) as refused:
        checked(pl.concat([trial(), trial(**wrong)]), AS_OF)
    assert str(refused.value).startswith(f"trials: {said}")


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_times_may_come_in_any_unit(unit):
    told = trial().with_columns(pl.col(pl.Datetime).dt.cast_time_unit(unit))
    assert checked(told, AS_OF).equals(trial())


def test_columns_that_are_absent_or_of_another_kind_are_refused_by_name():
    with pytest.raises(BadData, match=r"trials\.until: the column is missing"):
        checked(trial().drop("until"), AS_OF)
    with pytest.raises(BadData, match="trials: a column is of another kind"):
        checked(trial().with_columns(until=pl.lit("soon")), AS_OF)


def test_of_several_at_once_who_was_mailed_in_any_was_mailed_by_the_chance_of_any():
    both = usable(pl.concat([trial(arm="mailed", chance=0.5), trial(arm="holdout", chance=0.4)]))
    assert both["arm"].to_list() == ["mailed"]
    assert both["propensity"].item() == pytest.approx(1 - 0.5 * 0.6)


@pytest.mark.parametrize(("one", "other"), [(0.95, 0.95), (0.5, 1.0), (0.5, None), (0.5, float("nan")), (0.9, -1.0)])
def test_those_whose_chance_tells_nothing_once_put_together_are_left_out(one, other):
    told = pl.concat([trial(arm="holdout", chance=one), trial(arm="holdout", chance=other), trial("b")])
    assert usable(told)["member_id"].to_list() == ["b"]


def test_chances_that_cannot_be_true_are_taken_back_and_named_by_their_campaign():
    true, false = many(900, 100, 0.9), many(500, 500, 0.9, campaign="old", members="x")
    found, words = without_false_chances(pl.concat([true, false]))
    assert words == ["1,000 trials of old are left out: P(mailed) is told as 0.9, where 0.5 were mailed"]
    assert found.drop("propensity").equals(pl.concat([true, false]).drop("propensity"))
    assert usable(found)["member_id"].str.head(1).unique().to_list() == ["m"]


def test_chances_that_can_be_true_are_left_as_they_are():
    told = pl.concat([many(88, 12, 0.9), many(3, 0, 0.2, campaign="old", members="x"), trial("b", chance=None)])
    found, words = without_false_chances(told)
    assert found.equals(told)
    assert words == []


def test_a_member_who_is_mailed_again_and_again_by_one_draw_counts_once():
    told = pl.concat(trial("a", at=AT + n * DAY, since=AT + n * DAY, until=AT + (n + 1) * DAY) for n in range(29))
    assert without_false_chances(told)[1] == []


def test_members_who_were_tried_most_weigh_no_more_than_their_draws():
    often = [trial(f"o{n}", arm, at=AT - day * DAY) for n, arm in luck(21, 9) for day in range(60)]
    once = [trial(f"m{n}", arm) for n, arm in luck(135, 135)]
    told = pl.concat([*often, *once])
    assert (
        told["arm"] == "mailed"
    ).mean() > 0.67  # as luck may have it with thirty draws, though not with three hundred
    assert without_false_chances(told)[1] == []


def luck(mailed, held_out):
    return enumerate(["mailed"] * mailed + ["holdout"] * held_out)


def test_imported_mailings_are_trials_once_their_window_has_closed(tmp_path):
    lake = Lake(tmp_path / "lake")
    told = [
        {
            "member_id": "a",
            "run_date": date(2026, 6, 1),
            "arm": "mailed",
            "sent_at": datetime(2026, 6, 1, 19, tzinfo=UTC),
        },
        {"member_id": "b", "run_date": date(2026, 6, 1), "arm": "holdout"},
        {"member_id": "c", "run_date": date(2026, 6, 2), "arm": "holdout"},
    ]
    rows = [row | {"campaign": "old", "propensity": 0.8} for row in told]
    lake.put(MAILINGS, pl.DataFrame(rows, schema=file_schema(MAILINGS)), as_of=AS_OF)
    found = imported_trials(lake, 14 * DAY, AT + 14 * DAY).sort("member_id")
    assert found.schema == TRIAL
    assert found.rows() == [
        ("a", AT, AT, AT + 14 * DAY, "mailed", 0.8, "old"),
        ("b", AT, AT, AT + 14 * DAY, "holdout", 0.8, "old"),  # both arms from the same moment on
    ]
