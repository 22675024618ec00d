"""Which titles a member is shown: on a small simulated service, and at the edges."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.errors import BadData, NotFitted, OtherVersion
from scoring.titles import TitleModel
from scoring.titles.catalogue import moments

START = datetime(2026, 1, 1, tzinfo=UTC)
EMPTY = pl.DataFrame(schema={"member_id": pl.String, "title_id": pl.String, "played_at": pl.Datetime("us", "UTC")})


def plays(rows):
    """Plays from (member, title, day)."""
    made = [(member, title, START + timedelta(days=day)) for member, title, day in rows]
    return pl.DataFrame(made, schema=EMPTY.schema, orient="row")


def service(members=150, seed=0):
    """Members with one of five tastes, of 20 titles each, who watch mostly those; some titles are popular with all."""
    random = np.random.default_rng(seed)
    rows = []
    for member in range(members):
        own = 20 * (member % 5) + random.permutation(20)[:12]
        other = random.permutation(100)[:4]
        order = random.permutation(np.unique(np.concatenate([own, other])))
        rows += [(f"m{member}", f"t{title}", 3 * day) for day, title in enumerate(order)]
    return plays(rows)


@pytest.fixture(scope="module")
def known():
    return service()


@pytest.fixture(scope="module")
def model(known):
    return TitleModel(seed=0).fit(known)


def in_taste(answer):
    """The share of titles that are of the member's own taste."""
    own = pl.col("member_id").str.slice(1).cast(pl.Int64) % 5 == pl.col("title_id").str.slice(1).cast(pl.Int64) // 20
    return answer.select(own.mean()).item()


def test_members_are_shown_what_members_like_them_play(model):
    answer = model.recommend([f"m{member}" for member in range(150)], k=5)
    assert in_taste(answer) > 0.8  # at random: 0.1


def test_after_a_pause_too(model):
    answer = model.recommend([f"m{member}" for member in range(150)], k=5, at=START + timedelta(days=200))
    assert in_taste(answer) > 0.8


def test_what_is_popular_counts_less_for_those_who_are_to_see_what_is_personal_beyond_it(model, known):
    ids = [f"m{member}" for member in range(60)]
    often = known["title_id"].value_counts(name="plays")
    asked = pl.DataFrame({"member_id": ids, "beyond": [0.0, 1.0] * 30})
    found, plain = model.recommend(asked, k=8), model.recommend(ids, k=8)
    even = pl.col("member_id").is_in(ids[::2])
    assert found.filter(even).equals(plain.filter(even))

    def mean(answer):
        return answer.filter(~even).join(often, on="title_id")["plays"].mean()

    assert mean(found) < mean(plain)


@settings(max_examples=30, deadline=None)
@given(
    asked=st.lists(st.sampled_from([*(f"m{member}" for member in range(30)), "nobody", ""]), max_size=20),
    k=st.integers(1, 150),
    days=st.none() | st.integers(-10, 400),
)
def test_everyone_asked_for_gets_a_ranked_list_in_order_without_what_they_played(model, known, asked, k, days):
    answer = model.recommend(asked, k, None if days is None else START + timedelta(days=days))
    assert answer.columns == ["member_id", "title_id", "rank", "score"]
    assert answer.join(known, on=["member_id", "title_id"]).is_empty()
    seen = known.filter(pl.col("member_id").is_in(asked)).group_by("member_id").len()
    left = dict(seen.select("member_id", 100 - pl.col("len").cast(pl.Int64)).iter_rows())
    begin = 0
    for member in asked:
        mine = answer[begin : begin + min(k, left.get(member, 100))]
        begin += mine.height
        assert mine["member_id"].unique().to_list() == [member]
        assert mine["title_id"].n_unique() == mine.height
        assert mine["rank"].to_list() == list(range(1, mine.height + 1))
        assert mine["score"].is_sorted(descending=True)
    assert begin == answer.height


def test_the_same_plays_give_the_same_answer_whatever_their_order(model, known):
    again = TitleModel(seed=0).fit(known.sample(fraction=1, shuffle=True, seed=1))
    asked = [f"m{member}" for member in range(150)]
    assert again.recommend(asked).equals(model.recommend(asked))
    assert model.recommend(asked[70:]).equals(model.recommend(asked).filter(pl.col("member_id").is_in(asked[70:])))


def test_files_bring_back_the_same_model(model, tmp_path):
    model.to_files(tmp_path)
    again = TitleModel.from_files(tmp_path)
    asked = [*(f"m{member}" for member in range(150)), "nobody"]
    for at in (None, START + timedelta(days=200)):
        assert again.recommend(asked, 100, at).equals(model.recommend(asked, 100, at))


def test_files_of_another_version_are_refused_by_name(model, tmp_path):
    model.to_files(tmp_path)
    saved = json.loads((tmp_path / "model.json").read_text())
    (tmp_path / "model.json").write_text(json.dumps(saved | {"format": "0"}))
    with pytest.raises(OtherVersion, match="format is '0'"):
        TitleModel.from_files(tmp_path)


def test_where_members_are_too_many_for_a_table_the_answer_is_the_same(known, model):
    live = TitleModel(seed=0).fit(known)
    live._learnt = replace(live._learnt, table=None)
    asked = [*(f"m{member}" for member in range(150)), "nobody"]
    assert live.recommend(asked).equals(model.recommend(asked))


def test_a_title_played_again_counts_once(known, model):
    twice = pl.concat([known, known.with_columns(pl.col("played_at") - timedelta(days=1))])
    assert TitleModel(seed=0).fit(twice).recommend(["m3"]).equals(model.recommend(["m3"]))


def test_a_member_never_heard_of_gets_what_is_popular(known, model):
    counts = known.group_by("title_id").len()
    best = counts.sort("len", descending=True)["len"][9]
    answer = model.recommend(["nobody"], k=10).join(counts, on="title_id")
    assert answer["len"].min() >= best


def test_a_newcomer_who_named_a_genre_gets_what_those_who_named_it_play(known):
    people = pl.DataFrame({"member_id": [f"m{member}" for member in range(150)]}).with_columns(
        favourite_genres=pl.int_range(150).map_elements(
            lambda member: [f"g{member % 5}"], return_dtype=pl.List(pl.String)
        )
    )
    found = TitleModel().fit(known, members=people)
    asked = pl.DataFrame({"member_id": ["x2"], "favourite_genres": [["g2"]]})
    assert in_taste(found.recommend(asked, k=5)) == 1


TITLES = pl.DataFrame(
    {
        "title_id": ["a", "b", "c", "d", "e"],
        "genres": [["drama"], ["drama"], ["action"], ["action"], ["action"]],
        "countries": [["BR"], ["US", "BR"], None, [], ["US"]],
        "added_at": [None, None, None, START + timedelta(days=10), None],
        "leaves_at": [None, None, START + timedelta(days=10), None, None],
    },
    schema_overrides={"countries": pl.List(pl.String)},
)
FEW = plays([("m", "a", 0), ("m", "c", 1), ("n", "b", 0), ("o", "a", 3), ("o", "b", 4)])


@pytest.mark.parametrize(
    ("country", "day", "shown"),
    [
        ("BR", 5, {"a", "b", "c"}),
        ("BR", 10, {"a", "b", "d"}),
        ("US", 5, {"b", "c", "e"}),
        ("DE", 10, {"d"}),
        (None, 5, {"c"}),
        ("BR", None, {"a", "b", "c", "d"}),
    ],
)
def test_only_what_may_be_shown_there_and_then_is_shown(country, day, shown):
    found = TitleModel().fit(FEW, TITLES, pl.DataFrame({"member_id": ["m"], "country": ["BR"]}))
    asked = pl.DataFrame({"member_id": ["someone"], "country": [country]}, schema_overrides={"country": pl.String})
    at = None if day is None else START + timedelta(days=day)
    assert set(found.recommend(asked, at=at)["title_id"]) == shown


def test_rights_follow_a_member_who_has_moved():
    found = TitleModel().fit(FEW, TITLES, pl.DataFrame({"member_id": ["m"], "country": ["BR"]}))
    assert set(found.recommend(["m"])["title_id"]) == {"b", "d"}
    assert set(found.recommend(pl.DataFrame({"member_id": ["m"], "country": ["US"]}))["title_id"]) == {"b", "d", "e"}


def test_lists_may_come_as_text_and_times_without_a_zone():
    text = TITLES.with_columns(
        pl.col("genres", "countries").list.join("|"), pl.col("added_at", "leaves_at").dt.replace_time_zone(None)
    )
    asked = pl.DataFrame({"member_id": ["x"], "country": ["US"]})
    at = START + timedelta(days=5)
    assert (
        TitleModel()
        .fit(FEW, text)
        .recommend(asked, at=at)
        .equals(TitleModel().fit(FEW, TITLES).recommend(asked, at=at))
    )


def test_times_may_come_as_text_of_several_shapes():
    shapes = ["2026-01-03", "2026-01-03T00:00:00Z", "2026-01-03 00:00", "2026-01-03T02:00:00.000+02:00", ""]
    expected = [1_767_398_400_000_000] * 4 + [None]
    for turned in range(len(shapes)):
        frame = pl.DataFrame({"leaves_at": shapes[turned:] + shapes[:turned]})
        assert moments(frame, "leaves_at").to_list() == expected[turned:] + expected[:turned]


def test_a_right_that_ends_at_a_time_nobody_can_read_is_refused_and_lasts_not_for_ever():
    for leaves_at in (["2026-01-02T00:00:00+00:00", "next week"], ["soon", None]):
        titles = pl.DataFrame({"title_id": ["a", "b"], "leaves_at": leaves_at})
        with pytest.raises(BadData, match=r"leaves_at: '(next week|soon)' is no time; give dates or times as ISO 8601"):
            TitleModel().fit(FEW, titles)


def test_a_title_that_nobody_has_played_is_ranked_with_titles_like_it(known):
    genres = pl.DataFrame({"title_id": [f"t{title}" for title in range(100)]}).with_columns(
        genres=pl.int_range(100).map_elements(lambda title: [f"g{title // 20}"], return_dtype=pl.List(pl.String))
    )
    new = pl.DataFrame(
        {"title_id": [f"new{taste}" for taste in range(5)], "genres": [[f"g{taste}"] for taste in range(5)]}
    )
    found = TitleModel().fit(known, pl.concat([genres, new]))
    answer = found.recommend([f"m{member}" for member in range(150)], k=200)
    first = answer.filter(pl.col("title_id").str.starts_with("new")).group_by("member_id", maintain_order=True).first()
    own = pl.col("member_id").str.slice(1).cast(pl.Int64) % 5 == pl.col("title_id").str.slice(3).cast(pl.Int64)
    assert first.select(own.mean()).item() > 0.8


@pytest.mark.parametrize("played", [0, 1, 2, 10])
def test_a_new_titles_first_plays_do_not_throw_it_back_behind_what_it_was_without(known, played):
    last = known["played_at"].max()
    old = pl.DataFrame({"title_id": [f"t{n}" for n in range(100)], "genres": [[f"g{n // 20}"] for n in range(100)]})
    new = pl.DataFrame({"title_id": [f"new{n}" for n in range(5)], "genres": [[f"g{n}"] for n in range(5)]})
    titles = pl.concat([old.with_columns(added_at=last - timedelta(days=500)), new.with_columns(added_at=last)])
    fans = [(f"m{5 * n + taste}", f"new{taste}", 60) for taste in range(5) for n in range(played)]
    found = TitleModel(tabled=False).fit(pl.concat([known, plays(fans)]), titles)
    answer = found.recommend([f"m{member}" for member in range(75, 150)], 105, last + timedelta(days=30))
    own = pl.col("member_id").str.slice(1).cast(pl.Int64) % 5 == pl.col("title_id").str.slice(3).cast(pl.Int64)
    ranks = answer.filter(pl.col("title_id").str.starts_with("new")).filter(own)["rank"]
    assert len(ranks) == 75
    assert ranks.median() <= 8


def test_no_plays_no_titles_and_nobody_asked_are_no_error():
    assert TitleModel().fit(EMPTY).recommend(["m"]).is_empty()
    assert TitleModel().fit(EMPTY, TITLES).recommend(["m"])["title_id"].to_list() == ["a", "b", "c", "d", "e"]
    assert TitleModel().fit(FEW).recommend([]).is_empty()
    assert set(TitleModel().fit(plays([("m", "a", 0)])).recommend(["m", "n"])["member_id"]) == {"n"}


def test_what_cannot_be_used_is_refused_by_name(model):
    with pytest.raises(BadData, match=r"plays\.played_at: the column is missing"):
        TitleModel().fit(FEW.drop("played_at"))
    with pytest.raises(BadData, match="played_at: Int64 is no time"):
        TitleModel().fit(FEW.with_columns(played_at=pl.lit(1, dtype=pl.Int64)))
    with pytest.raises(BadData, match=r"members\.member_id: the column is missing"):
        model.recommend(pl.DataFrame({"id": ["m1"]}))
    with pytest.raises(BadData, match="k: 0 titles"):
        model.recommend(["m1"], k=0)
    with pytest.raises(NotFitted, match="call fit first"):
        TitleModel().recommend(["m1"])


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"members": "m1"}, "members: 'm1' are no members; give a list"),
        ({"members": None}, "members: None are no members"),
        ({"members": pl.DataFrame({"member_id": ["m1"], "beyond": [1.5]})}, r"members\.beyond: not a share"),
        ({"members": pl.DataFrame({"member_id": ["m1"], "beyond": [float("nan")]})}, r"members\.beyond: not a share"),
        ({"members": pl.DataFrame({"member_id": ["m1"], "favourite_genres": [5]})}, "favourite_genres: Int64 is no"),
        ({"k": 2.5}, "k: 2.5 titles are none"),
        ({"at": "2026-01-01"}, "at: '2026-01-01' is no moment"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_by_name(model, asked, why):
    with pytest.raises(BadData, match=why):
        model.recommend(**{"members": ["m1"]} | asked)
