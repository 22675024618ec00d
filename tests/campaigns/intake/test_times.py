from datetime import UTC, date, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.intake.times import dates, seconds, times

TEN = datetime(2020, 1, 1, 10, tzinfo=UTC)
NAIVE = TEN.replace(tzinfo=None)


@pytest.mark.parametrize(
    "cell",
    [
        "2020-01-01T10:00:00Z", "2020-01-01T10:00:00", "2020-01-01 10:00", "2020-01-01 10:00:00 UTC",
        "2020-01-01T12:00:00+02:00", "2020-01-01T12:00:00+0200", "2020-01-01 12:00+02", "2020-01-01T10:00:00.000Z",
        "2020-01-01T10:00:00,0", "2020-01-01 07:00:00 -0300",
    ],
)  # fmt: skip
def test_one_moment_in_all_its_shapes(cell):
    assert times(pl.Series([cell])).to_list() == [TEN]


@pytest.mark.parametrize(
    "cell",
    [
        "2020-02-30", "2020-1-1", "20200101", "2020-W01-1", "01/02/2020", "2020-01-01T24:00:00Z", "now",
        "2020-01-01T10:00:60Z",
        "2020-01-01T10:00:00+25:00", "1577836800", "1899-12-31", "0001-01-01", "9999-12-31T23:59:59-05:00",
    ],
)  # fmt: skip
def test_what_is_no_moment_is_none(cell):
    assert times(pl.Series([cell])).to_list() == [None]


def test_a_day_alone_is_its_first_moment_in_utc():
    assert times(pl.Series(["9999-12-31"])).to_list() == [datetime(9999, 12, 31, tzinfo=UTC)]


@given(
    st.datetimes(NAIVE.replace(year=1901), NAIVE.replace(year=2100)),
    st.integers(-14 * 60, 14 * 60),
    st.sampled_from(["T", " "]),
)
def test_every_moment_reads_back(moment, offset, separator):
    local = moment.replace(tzinfo=timezone(timedelta(minutes=offset)))
    assert times(pl.Series([local.isoformat(separator)])).to_list() == [local]


def test_days_are_dates_and_moments_only_at_midnight():
    assert dates(pl.Series(["2020-01-01", "2020-13-01", "2020-01-01T00:00"])).to_list() == [
        date(2020, 1, 1),
        None,
        None,
    ]
    assert dates(pl.Series([NAIVE.replace(hour=0), NAIVE])).to_list() == [date(2020, 1, 1), None]


def test_seconds_since_1970_are_whole_and_of_sane_length():
    told = seconds(pl.Series(["1577872800", "1.5", "-1", "x", "99999999999"])).to_list()
    assert told == [TEN, None, None, None, None]
