"""When a message is due."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.planning.due import AT_ONCE, due_times
from campaigns.settings import QuietHours

DAY = date(2026, 12, 1)
NONE, NIGHT = QuietHours(0, 0), QuietHours(23, 7)
HOUR = timedelta(hours=1)
ODD_ZONES = [
    "UTC",
    "America/New_York",
    "America/Sao_Paulo",  # once changed its clocks at midnight
    "Europe/London",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",  # half an hour
    "Antarctica/Troll",  # two hours
    "Pacific/Apia",  # left out 30 December 2011
    "Pacific/Kiritimati",
    "Pacific/Chatham",
    "Africa/Casablanca",
    "America/St_Johns",
    "Asia/Gaza",
]


def utc(hour, minute=0, day=DAY):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def due(minute, zone="UTC", *, day=DAY, now=None, quiet=NONE):
    """When one message is due, and the offset there."""
    members = pl.DataFrame({"member_id": ["m"], "zone": [zone], "minute": [minute]})
    found = due_times(members, day, utc(0, day=day) if now is None else now, quiet)
    return found["due_at"][0], found["utc_offset"][0]


def at_hour(hour, zone="UTC", **values):
    return due(60 * hour, zone, **values)[0]


def test_it_is_the_local_hour_on_the_runs_day():
    assert due(9 * 60) == (utc(9), 0)
    assert due(9 * 60 + 30, "America/New_York") == (utc(14, 30), -300)
    assert due(9 * 60, "Asia/Kolkata") == (utc(3, 30), 330)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (utc(8, 59), utc(9)),
        (utc(9), utc(9)),
        (utc(9, 1), utc(9, 1)),
        (utc(12), utc(12)),
        (utc(12, 1), utc(9, day=DAY + timedelta(days=1))),
        (utc(23), utc(9, day=DAY + timedelta(days=1))),
    ],
)
def test_past_by_up_to_three_hours_it_is_due_at_once_by_more_next_day(now, expected):
    assert at_hour(9, now=now) == expected


def test_quiet_hours_move_it_to_their_end_over_midnight_and_within_a_day():
    assert at_hour(6, quiet=NIGHT) == utc(7)
    assert at_hour(7, quiet=NIGHT) == utc(7)
    assert at_hour(22, quiet=NIGHT) == utc(22)
    assert at_hour(23, quiet=NIGHT) == utc(7, day=DAY + timedelta(days=1))
    assert at_hour(13, quiet=QuietHours(12, 15)) == utc(15)
    assert at_hour(12, quiet=QuietHours(12, 15)) == utc(15)
    assert at_hour(15, quiet=QuietHours(12, 15)) == utc(15)
    assert at_hour(23, quiet=QuietHours(22, 0)) == utc(0, day=DAY + timedelta(days=1))


def test_what_is_due_at_once_keeps_out_of_quiet_hours_too():
    assert at_hour(21, now=utc(23, 30), quiet=NIGHT) == utc(7, day=DAY + timedelta(days=1))


def test_a_time_that_a_clock_change_leaves_out_is_that_of_the_old_clock():
    spring = date(2026, 3, 29)
    assert due(90, "Europe/London", day=spring) == (utc(1, 30, day=spring), 60)  # 02:30 by the new clock
    assert at_hour(1, "Antarctica/Troll", day=spring) == utc(1, day=spring)
    apia = date(2011, 12, 30)
    assert at_hour(9, "Pacific/Apia", day=apia) == utc(19, day=apia)


def test_of_a_time_that_comes_twice_it_is_the_first():
    autumn = date(2026, 10, 25)
    assert due(90, "Europe/London", day=autumn, now=utc(0, day=date(2026, 10, 24))) == (utc(0, 30, day=autumn), 60)


def test_the_offset_is_that_at_the_due_time_even_where_quiet_hours_moved_it_over_a_clock_change():
    autumn = date(2026, 10, 24)
    assert due(23 * 60, "Europe/London", day=autumn, quiet=NIGHT) == (utc(7, day=date(2026, 10, 25)), 0)


def test_every_member_has_one_and_nobody_is_no_error():
    members = pl.DataFrame(
        {"member_id": ["a", "b", "c"], "zone": ["UTC", "Asia/Tokyo", "UTC"], "minute": [540, 540, 600]}
    )
    found = due_times(members, DAY, utc(0), NIGHT).sort("member_id")
    assert found["member_id"].to_list() == ["a", "b", "c"]
    assert due_times(members.clear(), DAY, utc(0), NIGHT).is_empty()
    assert due_times(members.clear(), DAY, utc(0), NIGHT).schema == found.schema


def by_hand(minute, zone, day, now, quiet):
    """The second way, with zoneinfo."""
    here = ZoneInfo(zone)

    def there(days):
        local = datetime(day.year, day.month, day.day, tzinfo=here) + timedelta(days=days, minutes=minute)
        return local.astimezone(UTC)  # zoneinfo: of two the first, of none by the old clock

    wanted = there(0)
    time = wanted if now <= wanted else now if now - wanted <= AT_ONCE else there(1)
    local = time.astimezone(here)
    if local.hour in quiet:
        days = 1 if local.hour >= quiet.end else 0
        ends = datetime(local.year, local.month, local.day, tzinfo=here) + timedelta(days=days, hours=quiet.end)
        time = ends.astimezone(UTC)
    return time


@settings(max_examples=250, deadline=None)
@given(
    st.integers(0, 1439),
    st.sampled_from(ODD_ZONES),
    st.dates(date(2010, 1, 1), date(2030, 12, 31)),
    st.integers(-14 * 60, 40 * 60),
    st.builds(QuietHours, st.integers(0, 23), st.integers(0, 23)),
)
def test_in_any_zone_on_any_day_it_is_what_the_calendar_says(minute, zone, day, late, quiet):
    now = utc(0, day=day) + timedelta(minutes=late)
    found, offset = due(minute, zone, day=day, now=now, quiet=quiet)
    assert found == by_hand(minute, zone, day, now, quiet)
    assert offset * 60 == found.astimezone(ZoneInfo(zone)).utcoffset().total_seconds()


CHANGES = [
    ("Europe/London", date(2026, 3, 29)),
    ("Europe/London", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("America/Sao_Paulo", date(2018, 11, 4)),
    ("America/Sao_Paulo", date(2018, 2, 17)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Antarctica/Troll", date(2026, 3, 29)),
    ("Antarctica/Troll", date(2026, 10, 25)),
    ("Pacific/Apia", date(2011, 12, 30)),
]


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(CHANGES),
    st.integers(-1, 1),
    st.integers(0, 1439),
    st.integers(-2 * 60, 12 * 60),
    st.builds(QuietHours, st.integers(0, 23), st.integers(0, 23)),
)
def test_around_a_clock_change_it_is_never_missing_never_early_and_never_quiet(change, shift, minute, late, quiet):
    zone, day = change
    day += timedelta(days=shift)
    now = utc(0, day=day) + timedelta(minutes=late)
    found, _ = due(minute, zone, day=day, now=now, quiet=quiet)
    local = found.astimezone(ZoneInfo(zone))
    assert found >= min(now, by_hand(minute, zone, day, now, NONE))
    assert found - now < 4 * 24 * HOUR  # PostgreSQL looks for mails no farther from their run than this
    assert local.hour not in quiet
