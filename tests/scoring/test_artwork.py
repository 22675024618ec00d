"""Which artwork a member sees: learnt in a simulated world, and the chances that are logged."""

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.artwork import FLOOR, ArtworkModel
from scoring.errors import BadData, NotFitted

NONE = pl.DataFrame(schema={"artwork_id": pl.String, "propensity": pl.Float64, "reward": pl.Int64})
STYLES = ("action", "faces", "landscape")
ARTWORKS = pl.DataFrame(
    [(f"t{title}-{style}", f"t{title}", style) for title in range(20) for style in STYLES],
    schema=["artwork_id", "title_id", "style"],
    orient="row",
)


def contexts(rows, seed):
    """Members who like action, or faces, and on a phone landscapes a little less; and the artworks of some title."""
    random = np.random.default_rng(seed)
    share = random.beta(0.5, 0.5, rows)
    title = random.integers(0, 20, rows)
    lists = [[f"t{number}-{style}" for style in STYLES] for number in title]
    return pl.DataFrame(
        {
            "genre_action": share,
            "genre_drama": 1 - share,
            "device": random.choice(["phone", "tv"], rows),
            "candidates": lists,
        }
    )


def rates(context):
    """The true chance of a click on each style."""
    action = context["genre_action"].to_numpy()
    phone = (context["device"] == "phone").to_numpy()
    return 0.1 * np.column_stack([0.5 + action, 1.5 - action, np.where(phone, 0.8, 1.0)])


def shown(chosen):
    return np.array([STYLES.index(name.split("-")[1]) for name in chosen["artwork_id"]])


def log(rows, seed, day=1):
    """Choices made at random, and what came of them."""
    context = contexts(rows, seed)
    chosen = ArtworkModel(seed=seed).fit(NONE).choose(context)
    won = np.random.default_rng(seed).random(rows) < rates(context)[np.arange(rows), shown(chosen)]
    return context.drop("candidates").with_columns(chosen, reward=pl.Series(won).cast(pl.Int8), day=pl.lit(day))


@pytest.fixture(scope="module")
def model():
    return ArtworkModel(seed=0).fit(log(20_000, seed=1), ARTWORKS)


def test_after_some_choices_most_of_what_can_be_won_is_won(model):
    context = contexts(10_000, seed=2)
    rate = rates(context)
    won = rate[np.arange(10_000), shown(model.choose(context))].mean()
    assert (won - rate.mean()) / (rate.max(axis=1).mean() - rate.mean()) > 0.7


def test_an_artwork_that_draws_fewer_clicks_than_its_style_is_shown_less():
    bad = log(20_000, seed=3).with_columns(
        reward=pl.when(pl.col("artwork_id") == "t0-faces").then(0).otherwise(pl.col("reward"))
    )
    found = ArtworkModel(seed=0).fit(bad, ARTWORKS)
    pair = pl.Series([["t0-faces", "t1-faces"]] * 500)
    asked = contexts(500, seed=4).with_columns(candidates=pair)
    probability = found.probabilities(asked).group_by("artwork_id").agg(pl.col("probability").mean())
    assert dict(probability.iter_rows())["t0-faces"] < 0.2


def test_taste_that_has_turned_is_learnt_sooner_where_the_day_is_known():
    swapped = pl.col("artwork_id").str.replace("action", "?").str.replace("faces", "action").str.replace(r"\?", "faces")
    old, new = log(10_000, seed=5), log(10_000, seed=6).with_columns(swapped)
    both = pl.concat([old, new]).with_columns(day=pl.int_range(20_000) // 200)
    asked = contexts(2000, seed=7).filter(pl.col("genre_action") > 0.8)
    faces = pl.col("artwork_id").str.ends_with("faces")
    forgetful, faithful = (
        ArtworkModel().fit(known, ARTWORKS).probabilities(asked).filter(faces)["probability"].mean()
        for known in (both, both.drop("day"))
    )
    assert forgetful > faithful


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_a_day_is_one_day_whether_told_by_number_date_or_moment(unit):
    told = pl.concat([log(500, seed=day, day=day) for day in range(1, 9)])
    date = pl.lit(datetime(2026, 3, 1, tzinfo=UTC)) + pl.duration(days="day")
    moment = (date + pl.duration(minutes=pl.int_range(pl.len()) % 1_440)).cast(pl.Datetime(unit, "UTC"))
    asked = contexts(50, seed=3)
    chances = [
        ArtworkModel(seed=0).fit(told.with_columns(day=day), ARTWORKS).probabilities(asked)
        for day in (pl.col("day"), date.dt.date(), moment)
    ]
    assert chances[0].equals(chances[1])
    assert chances[0].equals(chances[2])


def test_without_any_choices_every_candidate_is_as_likely():
    asked = contexts(50, seed=8)
    probability = ArtworkModel().fit(NONE).probabilities(asked)["probability"]
    assert probability.to_list() == pytest.approx([1 / 3] * 150)


@settings(max_examples=40, deadline=None)
@given(
    lists=st.lists(st.lists(st.sampled_from([*ARTWORKS["artwork_id"][:9], "new", "newer"]), max_size=6), min_size=1),
    device=st.sampled_from(["phone", "radio", None]),
)
def test_chances_add_up_to_one_none_is_below_the_floor_and_the_drawn_one_is_logged(model, lists, device):
    asked = pl.DataFrame({"candidates": pl.Series(lists, dtype=pl.List(pl.String)), "device": [device] * len(lists)})
    chosen, chances = model.choose(asked), model.probabilities(asked)
    assert chosen.columns == ["artwork_id", "propensity"]
    assert chosen.height == len(lists)
    for row, names in enumerate(lists):
        mine = dict(chances.filter(pl.col("context") == row).select("artwork_id", "probability").iter_rows())
        assert set(mine) == set(names)
        if names:
            assert sum(mine.values()) == pytest.approx(1)
            assert min(mine.values()) >= FLOOR / len(mine) * 0.999999
            assert chosen["propensity"][row] == mine[chosen["artwork_id"][row]]
        else:
            assert chosen.row(row) == (None, None)


def test_candidates_are_drawn_as_often_as_their_chances_say(model):
    asked = pl.concat([contexts(1, seed=9)] * 20_000)
    chances = model.probabilities(asked.head(1)).sort("artwork_id")["probability"].to_numpy()
    counts = model.choose(asked)["artwork_id"].value_counts().sort("artwork_id")["count"].to_numpy()
    assert counts / 20_000 == pytest.approx(chances, abs=4 * np.sqrt(0.25 / 20_000))


def test_a_draw_belongs_to_its_key_whatever_the_rows_around_it_and_the_order_of_candidates(model):
    asked = contexts(300, seed=10).with_columns(key=pl.int_range(300).cast(pl.String))
    whole = model.choose(asked)
    turned = asked.reverse().with_columns(pl.col("candidates").list.reverse())
    assert model.choose(turned).reverse().equals(whole)
    assert model.choose(asked[100:110]).equals(whole[100:110])


def test_the_same_question_gives_the_same_answer_and_another_seed_another(model):
    asked = contexts(300, seed=11)
    assert model.choose(asked).equals(model.choose(asked))
    other = ArtworkModel(seed=1).fit(log(20_000, seed=1), ARTWORKS).choose(asked)
    assert not other["artwork_id"].equals(model.choose(asked)["artwork_id"])


def test_styles_and_titles_need_not_be_known():
    found = ArtworkModel().fit(log(2000, seed=12))
    chances = found.probabilities(contexts(100, seed=13))
    assert chances.group_by("context").agg(pl.col("probability").sum())["probability"].to_list() == pytest.approx(
        [1.0] * 100
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"propensity": 0.0}, "choices.propensity: row 0 is 0.0"),
        ({"propensity": 1.5}, "choices.propensity: row 0 is 1.5"),
        ({"reward": -1.0}, "choices.reward: row 0 is -1.0"),
        ({"reward": float("nan")}, "choices.reward: row 0 is nan"),
        ({"artwork_id": None}, "choices.artwork_id: row 0 is None"),
        ({"propensity": "even"}, "choices.propensity: String cannot be numbers"),
        ({"reward": "x"}, "choices.reward: String cannot be numbers"),
        ({"day": None}, "choices.day: row 0 is None; give the day of each choice"),
        ({"day": float("nan")}, "choices.day: row 0 is nan"),
        ({"day": "2026-01-01"}, "choices.day: String cannot be days"),
    ],
)
def test_a_log_that_cannot_be_true_is_refused_by_name(change, said):
    with pytest.raises(BadData, match=said):
        ArtworkModel().fit(
            pl.DataFrame(
                {"artwork_id": ["a"], "propensity": [0.5], "reward": [1]} | {k: [v] for k, v in change.items()}
            )
        )


def test_a_missing_column_is_refused_by_name_and_so_is_a_model_that_knows_nothing(model):
    with pytest.raises(BadData, match=r"choices\.reward: the column is missing"):
        ArtworkModel().fit(NONE.drop("reward"))
    with pytest.raises(BadData, match=r"contexts\.candidates: no column is no list"):
        model.choose(pl.DataFrame({"device": ["tv"]}))
    with pytest.raises(NotFitted, match="call fit first"):
        ArtworkModel().choose(contexts(1, seed=14))


def test_choices_of_which_no_context_is_known_teach_what_is_best_for_all():
    ids = ["a", "b"] * 2_000
    told = pl.DataFrame({"artwork_id": ids, "propensity": 0.5, "reward": [0.3, 0.1] * 2_000})
    model = ArtworkModel(seed=0).fit(
        told, pl.DataFrame({"artwork_id": ["a", "b"], "title_id": "t", "style": ["x", "y"]})
    )
    found = model.probabilities(pl.DataFrame({"candidates": [["a", "b"]]}))
    assert dict(found.select("artwork_id", "probability").iter_rows())["a"] > 0.9
