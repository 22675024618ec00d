"""A member's best hour: their own evenings where they tell, else their country's."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.sendhour import FALLBACK, best_hours, habits

SUMMER = datetime(2026, 7, 1, tzinfo=UTC)
TIME = pl.Datetime("us", "UTC")
ZONES = {"GB": "Europe/London", "JP": "Asia/Tokyo", "IN": "Asia/Kolkata", "US": "America/New_York"}


def people(**countries):
    rows = [{"member_id": m, "country": c, "zone": ZONES.get(c, "UTC")} for m, c in countries.items()]
    return pl.DataFrame(rows, schema={"member_id": pl.String, "country": pl.String, "zone": pl.String})


def played(*rows):
    """(member, hour UTC, times): on as many days."""
    told = [(m, SUMMER + timedelta(days=day, hours=hour)) for m, hour, times in rows for day in range(times)]
    return pl.DataFrame(told, schema={"member_id": pl.String, "played_at": TIME}, orient="row")


def hours(members, plays):
    found = best_hours(members, plays, habits(members.lazy(), plays.lazy()))
    assert found["member_id"].to_list() == members["member_id"].to_list()
    return {member: (hour, own) for member, hour, own in found.iter_rows()}


def test_many_plays_of_their_own_decide():
    found = hours(people(a="GB", b="GB"), played(("a", 20, 30), ("b", 6, 15)))
    assert found["a"] == (21, True)  # 20:00 UTC is 21:00 in a London summer
    assert found["b"] == (7, True)


def test_few_plays_give_way_to_the_country():
    found = hours(people(a="GB", b="GB"), played(("a", 20, 200), ("b", 6, 1)))
    assert found["b"] == (21, True)


def test_without_plays_it_is_the_countrys_hour():
    assert hours(people(a="GB", b="GB"), played(("a", 20, 5)))["b"] == (21, False)


def test_members_of_no_known_country_share_their_habits():
    assert hours(people(a=None, b=None), played(("a", 20, 5)))["b"] == (20, False)


def test_where_nothing_is_known_it_is_early_evening():
    found = hours(people(a="GB", b="JP"), played(("a", 20, 5)))
    assert found["b"] == (FALLBACK, False)
    assert hours(people(a="GB"), played()) == {"a": (FALLBACK, False)}


def test_hours_are_local_whatever_the_zones_offset():
    found = hours(people(a="JP", b="IN", c="US"), played(("a", 11, 30), ("b", 13.75, 30), ("c", 0.5, 30)))
    assert [found[member][0] for member in "abc"] == [20, 19, 20]


def test_a_tie_goes_to_the_earlier_hour():
    assert hours(people(a="X"), played(("a", 9, 5), ("a", 20, 5)))["a"] == (9, True)


def test_nobody_asked_nobody_told():
    assert hours(people(), played(("a", 9, 5))) == {}


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from(["GB", "JP", "US", None]), min_size=2), st.randoms()
)
def test_a_members_hour_does_not_depend_on_who_else_is_asked(countries, dice):
    members = people(**countries)
    plays = played(*((m, dice.randrange(24), dice.randrange(12)) for m in countries for _ in range(3)))
    everyone = habits(members.lazy(), plays.lazy())
    whole = best_hours(members, plays, everyone)
    apart = pl.concat([best_hours(members[n : n + 1], plays, everyone) for n in range(members.height)])
    assert apart.equals(whole)


def test_shares_of_a_country_add_up():
    found = habits(people(a="GB", b="JP").lazy(), played(("a", 20, 5), ("a", 9, 5), ("b", 3, 1)).lazy())
    assert dict(found.group_by("country").agg(pl.col("share").sum()).iter_rows()) == pytest.approx({"GB": 1, "JP": 1})
