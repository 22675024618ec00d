from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.sandbox import rhythm
from campaigns.sandbox.places import ZONES
from campaigns.sandbox.rhythm import DAY, HOUR


@given(local=st.integers(17_000 * DAY, 24_000 * DAY), peak=st.integers(0, 23))
def test_the_clock_turns_back_to_the_same_moment(local, peak):
    moment = rhythm.elapsed(np.array([local]), np.array([peak]))
    assert abs(rhythm.local_time(moment, np.array([peak]))[0] - local) < 1_000_000  # a second


@given(local=st.integers(17_000 * DAY, 24_000 * DAY), further=st.integers(1_000_000, 30 * DAY), peak=st.integers(0, 23))
def test_the_clock_never_goes_back(local, further, peak):
    moments = rhythm.elapsed(np.array([local, local + further]), np.array([peak, peak]))
    assert moments[1] > moments[0]


def test_a_week_has_seven_rhythm_days():
    start = np.array([20_000 * DAY + 5 * HOUR])
    peak = np.array([21])
    assert rhythm.elapsed(start + 7 * DAY, peak) - rhythm.elapsed(start, peak) == pytest.approx(7)


def test_even_moments_fall_into_evenings_and_weekends():
    peak = np.full(70_000, 20)
    local = rhythm.local_time(20_000 + 70 * (np.arange(70_000) + 0.5) / 70_000, peak)
    hours = np.bincount(local % DAY // HOUR, minlength=24) / 70_000
    assert hours.argmax() == 20
    assert hours[19:22].sum() > 0.35
    assert hours[1:6].sum() < 0.05
    weekday = np.bincount((local // DAY + 3) % 7, minlength=7)
    assert weekday.argmax() == 5
    assert weekday[5] > 1.3 * weekday[:3].max()


def test_members_like_their_best_hour_best():
    hours = np.arange(24) * HOUR + 20_000 * DAY
    liking = rhythm.liking(hours, np.full(24, 7))
    assert liking.argmax() == 7
    assert liking.max() == 1
    assert liking.min() > 0


def test_offsets_are_those_of_the_zones():
    zone = ZONES.index("America/New_York")
    for day in (datetime(2026, 7, 1, 12, tzinfo=UTC), datetime(2026, 12, 1, 12, tzinfo=UTC)):
        number = int(day.timestamp() // 86_400)
        known = day.astimezone(ZoneInfo("America/New_York")).utcoffset()
        assert rhythm.offsets(np.array([zone]), number)[0] == known.total_seconds() * 1e6
