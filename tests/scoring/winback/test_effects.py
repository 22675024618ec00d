"""Which features move a model's uplifts, and which way."""

import numpy as np
import polars as pl
import pytest

from scoring.winback import WinbackModel
from scoring.winback.effects import effects, in_words
from scoring.winback.features import FEATURES


@pytest.fixture(scope="module")
def trial():
    """A mail helps the more the older, and does little for those on plan gold; `noise` decides nothing."""
    draw = np.random.default_rng(0)
    age, noise = draw.uniform(0, 1, 5000), draw.normal(size=5000)
    plan = draw.choice(["free", "gold"], 5000)
    mailed = draw.random(5000) < 0.5
    won = draw.random(5000) < 0.05 + mailed * 0.4 * age * (plan == "free")
    features = pl.DataFrame({"age": age, "youth": 1 - age, "noise": noise, "plan": plan, "same": 1.0})
    return features, WinbackModel(seed=0, quick=True).fit(features.drop("youth"), mailed, won, 0.5)


def test_the_strongest_come_first_with_their_direction(trial):
    features, model = trial
    found = {effect.feature: effect for effect in effects(model, features)}
    assert set(list(found)[:2]) == {"age", "plan"}
    assert found["age"].direction == "more of it raises"
    assert found["plan"].direction == "most: free, least: gold"
    assert found["age"].size > found["noise"].size
    assert "same" not in found


def test_where_more_of_it_lowers_that_is_said():
    draw = np.random.default_rng(1)
    youth, mailed = draw.uniform(0, 1, 5000), draw.random(5000) < 0.5
    won = draw.random(5000) < 0.05 + mailed * 0.4 * (1 - youth)
    features = pl.DataFrame({"youth": youth, "gone": pl.Series([None] * 5000, dtype=pl.Float64)})
    [found] = effects(WinbackModel(seed=0, quick=True).fit(features, mailed, won, 0.5), features)
    assert (found.feature, found.direction) == ("youth", "more of it lowers")


def test_the_same_members_give_the_same_effects(trial):
    features, model = trial
    assert effects(model, features) == effects(model, features)
    assert effects(model, features.head(3))


def test_features_are_told_in_the_words_of_their_table():
    for feature in FEATURES:
        assert in_words(feature.name) == feature.about.split(";")[0]
    assert in_words("no_such") == "no_such"
