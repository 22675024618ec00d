"""Which titles may be shown where, and how many are left for a member."""

from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.titles.rights import STAY, WAIT, left_to_show, playable

AT = datetime(2026, 12, 1, tzinfo=UTC)
DAY, INSTANT = timedelta(days=1), timedelta(microseconds=1)
TIME = pl.Datetime("us", "UTC")
SCHEMA = {"title_id": pl.String, "countries": pl.List(pl.String), "added_at": TIME, "leaves_at": TIME}


def titles(**told):
    return pl.DataFrame([{"title_id": t} | values for t, values in told.items()], schema=SCHEMA)


def shown(catalogue, *countries):
    found = playable(catalogue, pl.Series(countries, dtype=pl.String), AT)
    return {country: sorted(found.filter(pl.col("country").eq_missing(country))["title_id"]) for country in countries}


def test_a_title_is_shown_where_its_rights_are():
    catalogue = titles(a={}, b={"countries": []}, c={"countries": ["GB", "US"]}, d={"countries": ["JP"]})
    assert shown(catalogue, "GB", "JP") == {"GB": ["a", "b", "c"], "JP": ["a", "b", "d"]}


def test_who_knows_no_country_sees_what_is_shown_everywhere():
    assert shown(titles(a={}, c={"countries": ["GB"]}), None) == {None: ["a"]}


def test_a_title_is_shown_once_it_is_there_and_no_more_when_it_leaves_too_soon():
    catalogue = titles(
        there={"added_at": AT},
        soon={"added_at": AT + INSTANT},
        stays={"leaves_at": AT + WAIT + STAY + INSTANT},
        leaves={"leaves_at": AT + WAIT + STAY},
        left={"leaves_at": AT - DAY},
    )
    assert shown(catalogue, "GB") == {"GB": ["stays", "there"]}


def test_on_a_screen_a_title_is_shown_until_two_days_before_it_leaves():
    catalogue = titles(stays={"leaves_at": AT + STAY + INSTANT}, leaves={"leaves_at": AT + STAY})
    found = playable(catalogue, pl.Series(["GB"]), AT, wait=timedelta(0))
    assert found["title_id"].to_list() == ["stays"]


def test_a_country_asked_twice_is_answered_once():
    assert playable(titles(a={}), pl.Series(["GB", "GB"]), AT).height == 1


def test_without_titles_or_countries_there_is_nothing():
    assert playable(titles(), pl.Series(["GB"]), AT).is_empty()
    assert playable(titles(a={}), pl.Series([], dtype=pl.String), AT).is_empty()


def left(members, played, catalogue):
    frame = pl.DataFrame(
        [(m, c, len({t for who, t in played if who == m})) for m, c in members.items()],
        schema={"member_id": pl.String, "country": pl.String, "titles_lifetime": pl.Float64},
        orient="row",
    )
    seen = pl.DataFrame(played, schema={"member_id": pl.String, "title_id": pl.String}, orient="row")
    return dict(left_to_show(frame, seen, playable(catalogue, frame["country"], AT)).iter_rows())


def test_what_was_played_is_left_out_once_and_only_where_it_could_be_shown():
    catalogue = titles(a={}, b={"countries": ["GB"]}, c={"countries": ["JP"]})
    played = [("x", "a"), ("x", "a"), ("x", "c"), ("x", "gone"), ("y", "a"), ("y", "b")]
    assert left({"x": "GB", "y": "GB", "z": "JP", "w": None}, played, catalogue) == {"x": 1, "y": 0, "z": 2, "w": 1}


def test_where_nothing_may_be_shown_nothing_is_left():
    assert left({"x": "GB"}, [], titles(c={"countries": ["JP"]})) == {"x": 0}


countries = st.sampled_from(["GB", "JP", "BR"])
ids = st.sampled_from("abcdef")


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(ids, st.lists(countries, max_size=2)),
    st.dictionaries(st.sampled_from("xyz"), st.one_of(st.none(), countries), min_size=1),
    st.lists(st.tuples(st.sampled_from("xyz"), ids), max_size=12),
)
def test_counting_by_sets_gives_the_same(rights, members, played):
    found = left(members, played, titles(**{t: {"countries": c} for t, c in rights.items()}))
    for member, country in members.items():
        there = {t for t, c in rights.items() if not c or country in c}
        assert found[member] == len(there - {t for who, t in played if who == member})
