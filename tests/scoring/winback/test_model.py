"""Whom a mail brings back, in simulated trials whose true effects are known."""

import json
from decimal import Decimal
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from scoring.errors import BadData, NotEnoughHistory, NotFitted, OtherVersion
from scoring.winback import WinbackModel


class Trial(NamedTuple):
    features: pl.DataFrame
    mailed: np.ndarray
    won_back: np.ndarray
    propensity: np.ndarray
    effect: np.ndarray


def trial(members=4000, seed=0, persuaded=True, share=0.5):
    """Members whose response has one driver and whose effect has another; or the effect follows the response."""
    random = np.random.default_rng(seed)
    numbers = random.normal(size=(members, 5))
    plans = random.choice(["free", "basic", "gold"], members)
    response = 0.08 * np.exp(0.6 * numbers[:, 0]) / np.exp(0.18)
    effect = 0.25 * (numbers[:, 1] > 0.5) * (plans != "gold") if persuaded else 0.5 * response
    mailed = random.random(members) < share
    won_back = random.random(members) < np.clip(response + mailed * effect, 0, 1)
    features = pl.DataFrame(numbers, schema=list("abcde")).with_columns(plan=pl.Series(plans), constant=pl.lit(1.0))
    gaps = features.with_columns(pl.when(pl.col("c") > -1).then("c"))
    return Trial(gaps, mailed, won_back, np.full(members, share), effect)


def gain_at(score, effect, share=0.2):
    """The mean true effect of the members of the largest score."""
    return effect[np.argsort(-np.asarray(score), kind="stable")[: int(share * len(effect))]].mean()


@pytest.fixture(scope="module")
def known():
    return trial()


@pytest.fixture(scope="module")
def model(known):
    return WinbackModel(seed=0).fit(known.features, known.mailed, known.won_back, 0.5)


def test_uplift_finds_those_whom_a_mail_brings_back_and_response_does_not(model):
    others = trial(seed=1)
    predicted = model.predict(others.features)
    best = gain_at(others.effect, others.effect)
    assert gain_at(predicted["uplift"], others.effect) > 0.8 * best
    assert gain_at(predicted["uplift"], others.effect) > 2 * others.effect.mean()


def test_mean_uplift_is_the_mean_effect(model):
    others = trial(seed=2)
    assert model.predict(others.features)["uplift"].mean() == pytest.approx(others.effect.mean(), abs=0.02)


def test_predicted_levels_are_those_observed(model):
    others = trial(seed=3, members=20_000)
    predicted = model.predict(others.features)
    for arm, column in ((others.mailed, "p_mailed"), (~others.mailed, "p_unmailed")):
        p, y = predicted[column].to_numpy()[arm], others.won_back[arm]
        for part in np.array_split(np.argsort(p), 4):
            assert p[part].mean() == pytest.approx(y[part].mean(), abs=0.04)


def test_with_little_data_and_an_effect_that_follows_response_the_likeliest_are_ranked_first():
    others = trial(seed=4, persuaded=False, members=20_000)
    gains = []
    for seed in (5, 6, 7):
        few = trial(seed=seed, persuaded=False, members=2000)
        found = WinbackModel(seed=0).fit(few.features, few.mailed, few.won_back, 0.5)
        gains.append(gain_at(found.predict(others.features)["uplift"], others.effect) / others.effect.mean())
    assert np.mean(gains) > 1.4  # random: 1; knowing the truth: 2.2


def test_unequal_propensities_do_not_bias_the_effect():
    random = np.random.default_rng(8)
    numbers = random.normal(size=(12_000, 3))
    propensity = np.where(numbers[:, 0] > 0, 0.8, 0.3)
    mailed = random.random(12_000) < propensity
    won_back = random.random(12_000) < 0.1 + 0.2 * (numbers[:, 0] > 0) + 0.05 * mailed
    features = pl.DataFrame(numbers[:, 1:], schema=["b", "c"])  # what decided the chance is not among the features
    found = WinbackModel(seed=0).fit(features, mailed, won_back, propensity).predict(features)
    assert found["uplift"].mean() == pytest.approx(0.05, abs=0.02)


def test_a_tenth_held_out_is_enough(known):
    uneven = trial(seed=9, share=0.9)
    found = WinbackModel(seed=0).fit(uneven.features, uneven.mailed, uneven.won_back, 0.9)
    assert gain_at(found.predict(known.features)["uplift"], known.effect) > 1.5 * known.effect.mean()


def test_the_upper_bound_rises_with_the_prediction_and_is_never_below_it(model, known):
    uplift = model.predict(known.features)["uplift"].sort()
    upper = model.upper(uplift)
    assert upper.name == "uplift_high"
    assert (upper.diff().drop_nulls() >= 0).all()
    assert (upper >= uplift).all()


def test_members_whom_a_mail_drives_away_have_an_upper_bound_below_zero():
    random = np.random.default_rng(10)
    dogs = random.random(6000) < 0.3
    mailed = random.random(6000) < 0.5
    won_back = random.random(6000) < np.where(dogs, 0.4 - 0.3 * mailed, 0.1 + 0.1 * mailed)
    features = pl.DataFrame({"dog": dogs, "noise": random.normal(size=6000)})
    found = WinbackModel(seed=0).fit(features, mailed, won_back, 0.5)
    upper = found.upper(found.predict(features)["uplift"]).to_numpy()
    assert (upper[dogs] < 0).mean() > 0.9
    assert (upper[~dogs] > 0).all()


def test_files_bring_back_the_same_model_to_the_last_bit(model, known, tmp_path):
    model.to_files(tmp_path, features_version="7")
    again = WinbackModel.from_files(tmp_path, features_version="7")
    predicted = model.predict(known.features)
    assert again.predict(known.features).equals(predicted)
    assert again.upper(predicted["uplift"]).equals(model.upper(predicted["uplift"]))


def test_the_same_input_gives_the_same_files(model, known, tmp_path):
    WinbackModel(seed=0).fit(known.features, known.mailed, known.won_back, 0.5).to_files(tmp_path / "again")
    model.to_files(tmp_path / "first")
    files = sorted(path.name for path in (tmp_path / "first").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "again").iterdir())
    for name in files:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


@pytest.mark.parametrize("what", ["features_version", "format"])
def test_files_of_another_version_are_refused_by_name(model, tmp_path, what):
    model.to_files(tmp_path, features_version="7")
    saved = json.loads((tmp_path / "model.json").read_text())
    (tmp_path / "model.json").write_text(json.dumps(saved | {what: "other"}))
    with pytest.raises(OtherVersion, match=f"{what} is 'other'"):
        WinbackModel.from_files(tmp_path, features_version="7")


@pytest.mark.parametrize("read", [WinbackModel.from_files, WinbackModel.check])
@pytest.mark.parametrize("name", ["model.json", "stack0_mailed.txt"])
@pytest.mark.parametrize("damage", [None, b"", b"{", b"{}", "cut", "flipped"])
def test_a_damaged_file_is_refused_by_its_name_before_it_is_read(model, tmp_path, read, name, damage):
    model.to_files(tmp_path)
    file = tmp_path / name
    whole = file.read_bytes()
    middle = len(whole) // 2
    flipped = bytes([whole[middle] ^ 1])
    told = {"cut": whole[:middle], "flipped": whole[:middle] + flipped + whole[middle + 1 :]}.get(damage, damage)
    file.unlink() if told is None else file.write_bytes(told)
    with pytest.raises(BadData, match=rf"{name}: it cannot be read.*encore train, encore models rollback"):
        read(tmp_path)


def test_a_model_that_is_whole_passes_the_check(model, tmp_path):
    model.to_files(tmp_path, features_version="7")
    WinbackModel.check(tmp_path, features_version="7")
    (tmp_path / "card.json").write_text("what others keep beside it is not looked at")
    WinbackModel.check(tmp_path, features_version="7")


def test_a_number_changed_in_the_description_is_found(model, tmp_path):
    model.to_files(tmp_path)
    saved = json.loads((tmp_path / "model.json").read_text())
    saved["levels"]["found"][1] += 0.1
    (tmp_path / "model.json").write_text(json.dumps(saved))
    with pytest.raises(BadData, match=r"model\.json: it cannot be read"):
        WinbackModel.check(tmp_path)


def test_how_many_threads_there_are_does_not_show_in_the_model(tmp_path):
    random = np.random.default_rng(0)
    features = pl.DataFrame({f"f{n}": random.normal(size=1500) for n in range(40)})
    mailed, won_back = random.random(1500) < 0.5, random.random(1500) < 0.2
    for threads in (1, 2, 4):
        with threadpool_limits(threads):
            model = WinbackModel(seed=0, quick=True).fit(features, mailed, won_back, 0.5)
        model.to_files(tmp_path / str(threads))
    first, *others = (
        {file.name: file.read_bytes() for file in (tmp_path / threads).iterdir()} for threads in ("1", "2", "4")
    )
    assert others == [first, first]


def test_numbers_beyond_all_measure_are_learnt_from(known):
    huge = known.features.with_columns(pl.col("a") * 1e300)
    found = WinbackModel(seed=0, quick=True).fit(huge, known.mailed, known.won_back, 0.5).predict(huge)
    assert found.select(pl.all().is_finite().all()).row(0) == (True, True, True)


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(st.integers(0, 3999), max_size=30))
def test_rows_are_answered_in_order_each_by_itself_within_bounds(model, known, rows):
    whole = model.predict(known.features)
    part = model.predict(known.features[rows])
    assert part.equals(whole[rows])
    assert part.columns == ["p_mailed", "p_unmailed", "uplift"]
    inside = pl.col("p_mailed", "p_unmailed").is_between(0, 1, closed="none")
    assert part.select(inside.all()).row(0) == (True, True)
    assert (part["p_mailed"] - part["p_unmailed"]).equals(part["uplift"])


def test_scored_a_few_at_a_time_they_get_the_same(known, monkeypatch):
    fitted = WinbackModel(quick=True).fit(known.features, known.mailed, known.won_back, 0.5)
    whole = fitted.predict(known.features)
    monkeypatch.setattr("scoring.winback.model.AT_ONCE", 999)
    assert fitted.predict(known.features).equals(whole)


def test_members_whose_mail_is_thought_to_win_more_than_their_chance_keep_one_of_their_own():
    random = np.random.default_rng(12)
    persuaded, x = random.random(6000) < 0.5, random.normal(size=6000)
    mailed = random.random(6000) < 0.9
    won_back = random.random(6000) < 0.004 + 0.2 * (mailed & persuaded)
    features = pl.DataFrame({"persuaded": persuaded, "x": x})
    found = WinbackModel(quick=True).fit(features, mailed, won_back, 0.9).predict(features)
    assert found["p_unmailed"].min() > 0
    assert found["p_unmailed"].n_unique() > 0.8 * found["p_mailed"].n_unique()


def test_words_never_seen_gaps_and_order_of_columns_do_no_harm(model, known):
    odd = known.features.head(5).with_columns(
        plan=pl.Series(["platinum", None, "free", "", "gold"]), a=pl.Series([None, np.nan, np.inf, -np.inf, 1e300])
    )
    predicted = model.predict(odd.select(sorted(odd.columns, reverse=True)).with_columns(more=pl.lit("?")))
    assert predicted.height == 5
    assert predicted.null_count().sum_horizontal()[0] == 0
    assert not predicted.select(pl.all().is_nan().any()).row(0)[0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"mailed": np.ones(4000, dtype=bool)}, "members not mailed who came back"),
        ({"mailed": np.zeros(4000, dtype=bool)}, "members mailed who came back"),
        ({"won_back": np.zeros(4000)}, "members mailed who came back"),
        ({"won_back": np.ones(4000)}, "members mailed who did not come back"),
    ],
)
def test_an_arm_or_an_outcome_that_is_not_there_is_too_little_history(known, change, said):
    with pytest.raises(NotEnoughHistory, match=said):
        WinbackModel().fit(**{"features": known.features, "mailed": known.mailed, "won_back": known.won_back} | change)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"won_back": [float("nan")] * 4000}, "won_back: row 0 is nan"),
        ({"won_back": [2] * 4000}, "won_back: row 0 is 2"),
        ({"won_back": ["yes"] * 4000}, "won_back: String is no number"),
        ({"mailed": [None] * 4000}, "mailed: row 0 is nan"),
        ({"mailed": [True] * 3}, "mailed: there are 3, but 4000 rows"),
        ({"propensity": 0.0}, "propensity: row 0 is 0"),
        ({"propensity": 1}, "propensity: row 0 is 1"),
        ({"propensity": -0.5}, "propensity: row 0 is -0.5"),
        ({"propensity": float("nan")}, "propensity: row 0 is nan"),
        ({"propensity": [0.5] * 3999 + [float("inf")]}, "propensity: row 3999 is inf"),
        ({"propensity": "half"}, "propensity: String is no number"),
        ({"propensity": 0.9}, "propensity: it is 0.9 on average, where 0.5"),
        ({"propensity": 0.56}, "propensity: it is 0.56 on average, where 0.5"),
        ({"members": pl.Series(["a"] * 4000).shift(1)}, "members: row 0 is missing; give one for each row"),
        ({"members": pl.Series([None] * 4000)}, "members: row 0 is missing; give one for each row"),
        ({"propensity": [0.5] * 3999 + [1.5]}, "propensity: row 3999 is 1.5"),
        ({"propensity": [0.5] * 3999 + [None]}, "propensity: row 3999 is nan"),
        ({"propensity": [0.5]}, "propensity: there are 1, but"),
        ({"features": pl.DataFrame()}, "features: there are no columns"),
        ({"features": pl.DataFrame({"tags": [["a"]] * 4000})}, r"features.tags: List\(String\) is no feature"),
        ({"features": {"a": [1]}}, "features: dict is no polars frame"),
        ({"mailed": 1}, "mailed: int is no column; give a series, an array or a list"),
        ({"won_back": {"a": 1}}, "won_back: dict is no column"),
        ({"propensity": 1j}, "propensity: complex is no column"),
        ({"propensity": Decimal("1.5")}, "propensity: row 0 is 1.5"),
        ({"members": 7}, "members: int is no column"),
        ({"members": ["a"]}, "members: there are 1, but 4000 rows"),
        ({"members": [["a"]] * 4000}, r"members: List\(String\) can be no id; give text or whole numbers"),
        ({"members": [float("nan")] * 4000}, "members: Float64 can be no id"),
    ],
)
def test_bad_input_is_refused_by_name(known, change, said):
    with pytest.raises(BadData, match=said):
        WinbackModel().fit(**{"features": known.features, "mailed": known.mailed, "won_back": known.won_back} | change)


@pytest.mark.parametrize("seed", [-1, 1.5, "one", None])
def test_a_seed_that_is_none_is_refused_by_name(seed):
    with pytest.raises(BadData, match=r"seed: .* is none; give a whole number from 0 on"):
        WinbackModel(seed)


def test_whose_each_row_is_may_be_told_by_a_list_or_an_array(known):
    rows = known.features.head(1000), known.mailed[:1000], known.won_back[:1000], 0.5
    whose = np.arange(1000) // 2
    first, second, third = (
        WinbackModel(quick=True).fit(*rows, members).predict(known.features)
        for members in (pl.Series(whose), whose, whose.tolist())
    )
    assert first.equals(second)
    assert first.equals(third)


@pytest.mark.parametrize("ids", [1, 2])
def test_rows_of_one_or_two_members_are_too_little_to_learn_from(known, ids):
    members = pl.Series(np.arange(4000) % ids)
    with pytest.raises(NotEnoughHistory, match=f"only {ids} members mailed who came back, where it takes 3"):
        WinbackModel().fit(known.features, known.mailed, known.won_back, 0.5, members)


def test_an_arm_whose_few_members_are_held_out_together_is_too_little_to_learn_from():
    few = [(member, mailed, won) for member in range(3) for mailed, won in ((0, 1), (0, 0), (1, 1))]
    rows = np.array([*few, *((member, 1, member % 2) for member in range(3, 24))])
    features = pl.DataFrame({"a": np.arange(len(rows), dtype=float)})
    asked = (features, rows[:, 1], rows[:, 2], 0.7, pl.Series(rows[:, 0]))
    assert WinbackModel(1, quick=True).fit(*asked).predict(features)["uplift"].is_finite().all()
    with pytest.raises(NotEnoughHistory, match="only 1 parts of the members with both arms, where it takes 2"):
        WinbackModel(0, quick=True).fit(*asked)  # this seed puts the three into one fold


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_times_mean_the_same_in_every_unit(unit):
    draw = np.random.default_rng(0)
    days, mailed = draw.integers(0, 1000, 1500), draw.random(1500) < 0.5
    since = pl.Series("since", days * 86_400_000_000).cast(pl.Datetime("us", "UTC"))
    model = WinbackModel(quick=True).fit(pl.DataFrame([since]), mailed, draw.random(1500) < 0.1 + 0.3 * (days > 500))
    in_unit = pl.DataFrame([since.dt.cast_time_unit(unit)])
    assert model.predict(in_unit).equals(model.predict(pl.DataFrame([since])))


def test_three_comebacks_an_arm_are_enough_and_two_are_not():
    features = pl.DataFrame({"a": np.random.default_rng(0).normal(size=600)})
    mailed = np.arange(600) % 2 == 0
    enough = WinbackModel().fit(features, mailed, np.arange(600) < 6, 0.5).predict(features)
    assert not enough.select(pl.all().is_nan().any()).row(0)[0]
    with pytest.raises(NotEnoughHistory, match="only 2 members mailed who came back, where it takes 3"):
        WinbackModel().fit(features, mailed, np.arange(600) < 4, 0.5)
    with pytest.raises(NotEnoughHistory, match="only 0 members mailed who came back"):
        WinbackModel().fit(features.head(0), [], [])


@pytest.mark.parametrize(
    "telling_nothing",
    [
        pl.DataFrame({"a": np.ones(4000), "b": ["same"] * 4000}),
        pl.DataFrame({"a": pl.Series([None] * 4000), "b": np.full(4000, np.nan), "c": np.full(4000, np.inf)}),
        pl.DataFrame({"id": [f"m{n}" for n in range(4000)]}),
    ],
    ids=["constants", "gaps", "words that are rare"],
)
def test_features_that_tell_nothing_give_everybody_the_mean(known, telling_nothing):
    found = WinbackModel().fit(telling_nothing, known.mailed, known.won_back, 0.5).predict(telling_nothing)
    assert found.n_unique() == 1
    rates = [known.won_back[rows].mean() for rows in (known.mailed, ~known.mailed)]
    assert found.row(0)[:2] == pytest.approx(rates, abs=0.005)


def test_numbers_that_are_none_count_as_gaps_when_it_learns(known):
    driver = pl.col("b")
    holes = known.features.with_columns(
        b=pl.when(driver < -2).then(np.inf).when(driver < -1.5).then(np.nan).otherwise(driver)
    )
    gaps = known.features.with_columns(b=pl.when(driver >= -1.5).then(driver))
    first, second = (
        WinbackModel(quick=True).fit(frame, known.mailed, known.won_back, 0.5).predict(frame) for frame in (holes, gaps)
    )
    assert first.equals(second)


def test_one_number_of_numpy_is_a_chance_too(known):
    arguments = known.features.head(1000), known.mailed[:1000], known.won_back[:1000]
    first, second = (
        WinbackModel(quick=True).fit(*arguments, chance).predict(known.features) for chance in (0.5, np.float32(0.5))
    )
    assert first.equals(second)


def test_a_member_mailed_against_all_odds_does_not_shift_the_levels(known):
    chances = known.propensity.copy()
    chances[np.flatnonzero(known.mailed & known.won_back)[0]] = 1e-9
    found = WinbackModel(quick=True).fit(known.features, known.mailed, known.won_back, chances)
    predicted = found.predict(known.features)
    for rows, column in ((known.mailed, "p_mailed"), (~known.mailed, "p_unmailed")):
        assert predicted[column].to_numpy()[rows].mean() == pytest.approx(known.won_back[rows].mean(), abs=0.015)


def test_a_missing_column_and_another_type_are_refused_by_name(model, known):
    with pytest.raises(BadData, match=r"features\.c: the column is missing"):
        model.predict(known.features.drop("c"))
    with pytest.raises(BadData, match=r"features\.c: String where there were numbers"):
        model.predict(known.features.with_columns(c=pl.lit("much")))


def test_no_rows_are_no_error_and_no_fit_is_one(model, known):
    assert model.predict(known.features.head(0)).height == 0
    with pytest.raises(NotFitted, match="call fit first"):
        WinbackModel().predict(known.features)
