"""A country's time zone, for members who told none."""

from zoneinfo import ZoneInfo

import polars as pl

from campaigns.intake.places import COUNTRIES, _zones, is_zone
from campaigns.zones import MOST_PEOPLE, zones_of_countries

UNINHABITED = {"BV", "HM"}


def test_every_country_where_people_live_has_a_zone():
    assert COUNTRIES - zones_of_countries().keys() == UNINHABITED


def test_every_zone_is_one_of_iana():
    assert all(is_zone(zone) and ZoneInfo(zone) for zone in zones_of_countries().values())


def test_of_several_zones_it_is_the_one_where_most_people_live():
    zones = zones_of_countries()
    assert zones["US"] == "America/New_York"
    assert zones["BR"] == "America/Sao_Paulo"
    assert zones["PT"] == "Europe/Lisbon"
    assert zones["GB"] == "Europe/London"
    assert zones.keys() >= MOST_PEOPLE.keys()


def test_every_zone_that_an_import_takes_can_be_computed_with():
    moments = pl.Series(["2026-07-01T00:00"]).str.to_datetime("%Y-%m-%dT%H:%M", time_zone="UTC")
    for zone in _zones():
        moments.dt.convert_time_zone(zone)
