"""The rows of a mail."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.titles.offers import BECAUSE, FOR_YOU, HERO, NEW, OFFER, POPULAR
from scoring.titles.rows import MOST, WIDTH, rows


def offered(member="m", **kinds):
    told = [(member, kind, t, n, None, None) for kind, titles in kinds.items() for n, t in enumerate(titles)]
    return pl.DataFrame(told, schema=OFFER, orient="row")


def mail(found, member="m"):
    """A member's rows: kind → titles."""
    mine = found.filter(pl.col("member_id") == member)
    return {kind: part["title_id"].to_list() for (kind,), part in mine.partition_by("kind", as_dict=True).items()}


def test_a_mail_has_a_hero_and_the_rows_below_it_in_their_order():
    found = rows(offered(popular="xyz", for_you="abcd", new_since_you_left="nop", hero="ab"))
    assert mail(found) == {HERO: ["a"], FOR_YOU: ["b", "c", "d"], NEW: ["n", "o", "p"], POPULAR: ["x", "y", "z"]}
    assert found["row"].to_list() == [0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert found["slot"].to_list() == [0, 0, 1, 2, 0, 1, 2, 0, 1, 2]


def test_a_reason_goes_before_a_row_without_one():
    found = rows(offered(hero="a", for_you="abcdefgh", because_you_watched="cde"))
    assert mail(found) == {HERO: ["a"], BECAUSE: ["c", "d", "e"]}


def test_a_title_stands_in_the_first_row_that_offers_it():
    found = rows(offered(hero="a", because_you_watched="bcd", new_since_you_left="abefgh", popular="cfxyz"))
    assert mail(found) == {HERO: ["a"], BECAUSE: ["b", "c", "d"], NEW: ["e", "f", "g"], POPULAR: ["x", "y", "z"]}


def test_a_row_that_cannot_be_filled_is_left_out_and_frees_its_titles():
    found = rows(offered(hero="a", new_since_you_left="bc", popular="bcd"))
    assert mail(found) == {HERO: ["a"], POPULAR: ["b", "c", "d"]}
    assert found["row"].to_list() == [0, 1, 1, 1]


def test_to_whom_no_hero_can_be_shown_there_are_no_rows():
    assert rows(offered(popular="abc")).is_empty()
    assert rows(pl.DataFrame(schema=OFFER)).is_empty()


def test_rows_stand_in_the_order_asked_for_with_what_it_said_beside_them():
    told = {POPULAR: 1, NEW: 2}

    def order(kinds):
        assert sorted(kinds["kind"]) == sorted([FOR_YOU, NEW, POPULAR])
        some = kinds.filter(pl.col("kind").is_in(list(told)))
        return some.with_columns(row=pl.col("kind").replace_strict(told, return_dtype=pl.Int64), chance=pl.lit(0.5))

    found = rows(offered(popular="xyz", for_you="abcd", new_since_you_left="nop", hero="ab"), order)
    assert mail(found) == {HERO: ["a"], POPULAR: ["x", "y", "z"], NEW: ["n", "o", "p"]}
    assert found["chance"].to_list() == [None, *[0.5] * 6]


ids = st.lists(st.sampled_from("abcdefghijkl"), unique=True)
kinds = st.dictionaries(st.sampled_from([HERO, BECAUSE, FOR_YOU, NEW, POPULAR]), ids)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from("xyz"), kinds, min_size=1))
def test_no_mail_has_a_title_twice_or_a_gap(told):
    found = rows(pl.concat([offered(member, **kinds) for member, kinds in told.items()]))
    for part in found.partition_by("member_id"):
        assert part["title_id"].is_unique().all()
        assert part.filter(pl.col("row") == 0)["kind"].to_list() == [HERO]
        assert part["row"].unique().sort().to_list() == list(range(part["row"].max() + 1))
        assert part["row"].max() <= MOST
        for _, row in part.filter(pl.col("row") > 0).group_by("row"):
            assert row["slot"].to_list() == list(range(WIDTH))
            assert row["kind"].n_unique() == 1
    for member, kinds in told.items():
        assert bool(kinds.get(HERO)) == (member in found["member_id"].to_list())
