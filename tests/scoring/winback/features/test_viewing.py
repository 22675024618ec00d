"""What plays tell of rhythm, hours and devices."""

from datetime import UTC, datetime

import pytest

from scoring.contracts import MEMBERS
from tests.scoring.winback.features.world import AT, DAY, HOUR, World


@pytest.fixture
def world(tmp_path):
    return World(tmp_path / "lake")


def test_nothing_played_is_no_rhythm(world):
    names = ("active_days", "comebacks", "gap_mean", "month_trend", "top_hour", "evening_share", "device", "overdue")
    assert world.told(*names) == (0, 0, None, None, None, None, None, None)


def test_gaps_are_between_days_with_a_play(world):
    world.played(*(AT - days * DAY + h * HOUR for days in (20, 18, 12) for h in (9, 11)))
    told = world.told("gap_mean", "gap_spread", "active_share", "overdue", "plays_an_active_day")
    assert told == (4, 2, 3 / 9, (12 - 11 / 24) / 4, 2)


def test_one_day_of_viewing_has_no_gap(world):
    world.played(AT - 9 * DAY, AT - 9 * DAY + HOUR)
    assert world.told("gap_mean", "gap_spread", "overdue", "active_share") == (None, None, None, 1)


def test_a_steady_member_has_as_many_plays_in_each_of_the_last_two_months_of_viewing(world):
    world.played(*(AT - days * DAY for days in range(50, 110)))
    assert world.told("month_trend", "last_month_share") == (0.5, 0.5)


def test_who_was_fading_away_has_fewer_plays_in_the_last(world):
    world.played(*(AT - days * DAY for days in (50, 81, 82, 83, 300)))
    assert world.told("month_trend", "last_month_share") == (0.25, 0.2)


def test_a_comeback_is_a_play_after_thirty_days_without_one(world):
    world.played(*(AT - days * DAY for days in (300, 270, 239, 100, 99)))
    assert world.told("comebacks") == (2,)  # 239 days ago after 30 silent days, and 100 days ago; 270 after 29 is none


@pytest.mark.parametrize(
    ("zone", "hour", "evening", "weekend"),
    [("America/Sao_Paulo", 19, 1, 1), ("Asia/Kolkata", 3, 0, 0), (None, 22, 1, 1), ("Mars/Olympus", 22, 1, 1)],
)
def test_hours_are_those_of_the_members_clock(tmp_path, zone, hour, evening, weekend):
    world = World(tmp_path / "lake", timezone=zone).played(datetime(2026, 5, 24, 22, 15, tzinfo=UTC))  # a Sunday
    assert world.told("top_hour", "evening_share", "weekend_share") == (hour, evening, weekend)


def test_hours_follow_the_clock_when_it_is_changed(tmp_path):
    change = datetime(2026, 3, 29, 1, tzinfo=UTC)  # 02:00 to 03:00 in Paris
    world = World(tmp_path / "lake", timezone="Europe/Paris").played(change - HOUR / 60)
    assert world.told("top_hour") == (1,)
    assert world.played(change, change + HOUR / 60).told("top_hour") == (3,)


def test_days_are_those_of_the_members_clock(tmp_path):
    times = datetime(2026, 5, 5, 23, 30, tzinfo=UTC), datetime(2026, 5, 6, 0, 30, tzinfo=UTC)
    assert World(tmp_path / "utc").played(*times).told("active_days") == (2,)
    assert World(tmp_path / "rome", timezone="Europe/Rome").played(*times).told("active_days") == (1,)


def test_a_zone_told_later_counts_from_then_on(tmp_path):
    world = World(tmp_path / "lake", timezone="UTC").played(AT - 9 * DAY + 12 * HOUR)
    moved = {"member_id": "a", "signed_up_at": AT - 400 * DAY, "timezone": "Asia/Tokyo"}
    world.put(MEMBERS, moved, as_of=AT + HOUR)
    assert world.told("top_hour") == (12,)
    assert world.told("top_hour", at=AT + HOUR) == (21,)


def test_the_first_of_equal_hours_is_the_top_hour(world):
    world.played(*(AT - days * DAY + hour * HOUR for days, hour in ((9, 20), (8, 7), (7, 23))))
    assert world.told("top_hour", "hour_breadth") == (7, 3)


def test_breadth_of_hours_counts_hours_of_the_week(world):
    world.played(*(AT - 7 * week * DAY + 20 * HOUR for week in (1, 2, 3)))  # Mondays at eight
    assert world.told("hour_breadth") == (1,)
    assert world.played(AT - 6 * DAY + 20 * HOUR).told("hour_breadth") == (16 / 10,)


def test_the_device_is_the_one_used_most_of_those_known(world):
    world.played(AT - 9 * DAY, AT - 8 * DAY, device="tv").played(AT - 7 * DAY, device="phone").played(AT - 6 * DAY)
    assert world.told("device", "device_share") == ("tv", 2 / 3)


def test_of_equal_devices_the_first_by_name_counts(world):
    world.played(AT - 9 * DAY, device="tv").played(AT - 8 * DAY, device="phone")
    assert world.told("device", "device_share") == ("phone", 0.5)


@pytest.mark.parametrize(("left", "watched", "kind"), [(True, True, "cancelled"), (True, False, "cancelled")])
def test_who_cancelled_left_by_cancelling(tmp_path, left, watched, kind):
    world = World(tmp_path / "lake", cancelled_at=AT - DAY if left else None)
    assert (world.played(AT - 9 * DAY) if watched else world).told("lapse_kind") == (kind,)


def test_who_did_not_cancel_stopped_or_never_played(world):
    assert world.told("lapse_kind") == ("never played",)
    assert world.played(AT - 9 * DAY).told("lapse_kind") == ("stopped",)
