"""What is popular in a country."""

from datetime import UTC, datetime, timedelta

import polars as pl

from scoring.titles.popularity import CANDIDATES, popular

AT = datetime(2026, 12, 1, tzinfo=UTC)
DAY = timedelta(days=1)
PAIR = {"member_id": pl.String, "title_id": pl.String}


def people(**countries):
    return pl.DataFrame(list(countries.items()), schema={"member_id": pl.String, "country": pl.String}, orient="row")


def most_played(plays, allowed, members):
    frame = pl.DataFrame(plays, schema=PAIR | {"played_at": pl.Datetime("us", "UTC")}, orient="row")
    return popular(frame.lazy(), allowed, members.lazy(), AT)


def everywhere(titles, *countries):
    return pl.DataFrame([(c, t) for c in countries for t in titles], schema=["country", "title_id"], orient="row")


def test_each_country_has_its_own_favourites():
    plays = [("m", "a", AT - DAY), ("n", "b", AT - DAY), ("n", "b", AT - 2 * DAY)]
    found = most_played(plays, everywhere("ab", "GB", "JP"), people(m="GB", n="JP"))
    assert [t for c, t, _ in found.sort("country", "place").iter_rows()] == ["a", "b", "b", "a"]


def test_new_plays_weigh_ten_times_old_ones():
    old = [(f"o{n}", "old", AT - 200 * DAY) for n in range(9)]
    found = most_played(
        [*old, ("m", "new", AT - DAY)],
        everywhere(["old", "new"], "GB"),
        people(m="GB", **{f"o{n}": "GB" for n in range(9)}),
    )
    assert found["title_id"].to_list() == ["new", "old"]


def test_a_countrys_own_favourite_beats_the_whole_worlds():
    world = [(f"w{n}", "world", AT - DAY) for n in range(5_000)]
    found = most_played([*world, ("m", "local", AT - 200 * DAY)], everywhere(["world", "local"], "GB"), people(m="GB"))
    assert found["title_id"].to_list() == ["local", "world"]


def test_ties_break_by_the_world_and_then_by_id():
    plays = [("w", "c", AT - DAY)]
    found = most_played(plays, everywhere("bca", "GB"), people(m="GB", w="JP"))
    assert found["title_id"].to_list() == ["c", "a", "b"]


def test_what_may_not_be_shown_is_not_popular():
    plays = [("m", "a", AT - DAY)]
    assert most_played(plays, everywhere("b", "GB"), people(m="GB"))["title_id"].to_list() == ["b"]


def test_a_country_has_so_many_candidates_and_no_more():
    titles = [f"t{n:03}" for n in range(2 * CANDIDATES)]
    assert most_played([], everywhere(titles, "GB"), people(m="GB"))["place"].to_list() == list(
        range(1, CANDIDATES + 1)
    )
