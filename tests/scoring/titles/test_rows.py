"""The rows of a mail, and what is popular in a country."""

from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.titles.rows import CANDIDATES, FOR_YOU, HERO, POPULAR, WIDTH, allowed_of, popular, rows

AT = datetime(2026, 12, 1, tzinfo=UTC)
DAY = timedelta(days=1)
PAIR = {"member_id": pl.String, "title_id": pl.String}


def ranked(**titles):
    told = [(m, t, n, 1 / n) for m, names in titles.items() for n, t in enumerate(names, 1)]
    return pl.DataFrame(told, schema=PAIR | {"rank": pl.Int64, "score": pl.Float64}, orient="row")


def crowd(**titles):
    told = [(c, t, n) for c, names in titles.items() for n, t in enumerate(names, 1)]
    return pl.DataFrame(told, schema={"country": pl.String, "title_id": pl.String, "place": pl.Int64}, orient="row")


def people(**countries):
    return pl.DataFrame(list(countries.items()), schema={"member_id": pl.String, "country": pl.String}, orient="row")


def pairs(*told):
    return pl.DataFrame(told, schema=PAIR, orient="row")


def mail(found, member):
    """A member's rows: kind → titles."""
    mine = found.filter(pl.col("member_id") == member)
    return {kind: part["title_id"].to_list() for (kind,), part in mine.partition_by("kind", as_dict=True).items()}


def test_a_mail_has_a_hero_a_row_of_ones_own_and_what_is_popular():
    found = rows(ranked(m="abcdef"), crowd(GB="cxyzw"), people(m="GB"), pairs())
    assert mail(found, "m") == {HERO: ["a"], FOR_YOU: ["b", "c", "d"], POPULAR: ["x", "y", "z"]}
    assert found["row"].to_list() == [0, 1, 1, 1, 2, 2, 2]
    assert found["slot"].to_list() == [0, 0, 1, 2, 0, 1, 2]


def test_nobody_is_shown_what_they_have_played():
    found = rows(ranked(m="abcdef"), crowd(GB="xyzwv"), people(m="GB"), pairs(("m", "a"), ("m", "c"), ("m", "x")))
    assert mail(found, "m") == {HERO: ["b"], FOR_YOU: ["d", "e", "f"], POPULAR: ["y", "z", "w"]}


def test_a_row_that_cannot_be_filled_is_left_out():
    found = rows(ranked(m="abc"), crowd(GB="axy"), people(m="GB"), pairs())
    assert mail(found, "m") == {HERO: ["a"]}


def test_whom_the_model_does_not_know_gets_what_is_popular():
    found = rows(ranked(), crowd(GB="vxyzw"), people(m="GB"), pairs(("m", "v")))
    assert mail(found, "m") == {HERO: ["x"], POPULAR: ["y", "z", "w"]}


def test_who_has_no_country_gets_what_is_popular_among_those_who_have_none():
    popular_there = pl.concat(
        [
            crowd(GB="abcd"),
            pl.DataFrame(
                {"country": [None] * 4, "title_id": list("wxyz"), "place": [1, 2, 3, 4]}, schema=crowd().schema
            ),
        ]
    )
    assert mail(rows(ranked(), popular_there, people(m=None), pairs()), "m")[HERO] == ["w"]


def test_to_whom_nothing_can_be_shown_there_are_no_rows():
    found = rows(ranked(m="a"), crowd(GB="b"), people(m="GB"), pairs(("m", "a"), ("m", "b")))
    assert found.is_empty()


ids = st.lists(st.sampled_from("abcdefghij"), unique=True)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from("xyz"), ids, min_size=1),
    ids,
    st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from("abcdefghij"))),
)
def test_no_mail_has_a_title_twice_or_one_that_was_played_or_a_gap(own, there, played):
    found = rows(ranked(**own), crowd(GB=there), people(**dict.fromkeys(own, "GB")), pairs(*played))
    for (member,), part in found.partition_by("member_id", as_dict=True).items():
        assert part["title_id"].is_unique().all()
        assert not {(member, title) for title in part["title_id"]} & set(played)
        assert part.filter(pl.col("row") == 0).height == 1
        for _, row in part.filter(pl.col("row") > 0).group_by("row"):
            assert row["slot"].to_list() == list(range(WIDTH))
    for member, titles in own.items():
        could = {t for t in (*titles, *there) if (member, t) not in played}
        assert bool(could) == (member in found["member_id"].to_list())


def test_titles_without_rights_in_the_members_country_are_left_out():
    allowed = pl.DataFrame({"country": ["GB", "GB", None], "title_id": ["a", "c", "b"]})
    found = allowed_of(ranked(m="abc", n="abc"), people(m="GB", n=None), allowed)
    assert found.select("member_id", "title_id").rows() == [("m", "a"), ("m", "c"), ("n", "b")]


# --- popular ----------------------------------------------------------------------------------------------------------


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
