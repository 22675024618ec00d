"""Clocks as a table."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.winback.features import CLOCKS, clocks
from scoring.winback.features.clocks import WEEK

FIRST, LAST = datetime(2019, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
ZONES = ("Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca", "UTC")


def ahead(table, zone, moment):
    """What the table says of a zone's clock, by its rule."""
    second = int(moment.timestamp())
    row = table.filter(pl.col("zone") == zone, pl.col("week") == second // WEEK).row(0, named=True)
    return row["before"] if second < row["change"] else row["after"]


@pytest.fixture(scope="module")
def table():
    return clocks(ZONES, FIRST, LAST)


@given(st.sampled_from(ZONES), st.datetimes(FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None)))
def test_the_table_says_what_the_zone_says(table, zone, moment):
    moment = moment.replace(tzinfo=UTC)
    assert ahead(table, zone, moment) == moment.astimezone(ZoneInfo(zone)).utcoffset().total_seconds()


@pytest.mark.parametrize("change", [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)])
def test_a_clock_is_changed_on_the_second(table, change):
    before, after = ahead(table, "Europe/Paris", change - timedelta(seconds=1)), ahead(table, "Europe/Paris", change)
    assert {before, after} == {3600, 7200}
    assert ahead(table, "Europe/Paris", change + timedelta(seconds=1)) == after


def test_every_week_of_a_zone_has_one_row(table):
    weeks = int(LAST.timestamp()) // WEEK - int(FIRST.timestamp()) // WEEK + 1
    assert table.height == len(ZONES) * weeks == table.n_unique(["zone", "week"])


def test_zones_that_nobody_knows_have_no_rows():
    assert clocks(["Mars/Olympus", "../etc"], FIRST, LAST).equals(pl.DataFrame(schema=CLOCKS))
