"""What each feature adds to a member's uplift."""

import numpy as np
import polars as pl
import pytest

from scoring.errors import BadData, NotFitted
from scoring.winback import WinbackModel
from scoring.winback.contributions import SAMPLE


def drawn(seed, members=4000):
    draw = np.random.default_rng(seed)
    numbers = draw.normal(size=(members, 4))
    plans = draw.choice(["free", "basic", "gold"], members)
    effect = 0.25 * (numbers[:, 1] > 0.5) * (plans != "gold")
    mailed = draw.random(members) < 0.5
    won = draw.random(members) < np.clip(0.08 * np.exp(0.6 * numbers[:, 0]) + mailed * effect, 0, 1)
    features = pl.DataFrame(numbers, schema=list("abcd")).with_columns(plan=pl.Series(plans), constant=pl.lit(1.0))
    return features.with_columns(pl.when(pl.col("c") > -1).then("c")), mailed, won


@pytest.fixture(scope="module")
def features():
    return drawn(0)[0]


@pytest.fixture(scope="module")
def model():
    return WinbackModel(seed=0).fit(*drawn(0), 0.5)


def test_they_add_up_to_the_uplift_beyond_the_typical_members(model, features):
    added = model.contributions(features.head(500)).sum_horizontal().to_numpy()
    left = model.predict(features.head(500))["uplift"].to_numpy() - added
    assert left == pytest.approx(left[0], abs=1e-6)
    assert left[0] == pytest.approx(model.predict(features)["uplift"].mean(), abs=0.02)  # a sample of them is typical


def test_what_drives_the_effect_counts_most_and_what_never_varies_nothing(model, features):
    sizes = model.contributions(features.head(SAMPLE)).select(pl.all().abs().mean()).row(0, named=True)
    assert max(sizes, key=sizes.__getitem__) == "b"
    assert sizes["constant"] == 0


def test_the_reasons_of_a_member_are_the_strongest_first(model, features):
    persuaded = features.with_columns(b=pl.lit(2.0), plan=pl.lit("free")).head(1)
    [found] = model.reasons(persuaded, 2)
    assert found[0].feature == "b"
    assert found[0].effect > 0.05
    [all_of_them] = model.reasons(persuaded, 99)
    assert all_of_them[:2] == found
    sizes = [abs(reason.effect) for reason in all_of_them]
    assert sizes == sorted(sizes, reverse=True)
    assert "constant" not in {reason.feature for reason in all_of_them}


def test_rows_are_answered_in_order_each_by_itself(model, features):
    both = model.reasons(features.head(2))
    assert both == [model.reasons(features[[row]])[0] for row in (0, 1)]
    assert model.reasons(features.head(0)) == []
    assert model.contributions(features.head(0)).columns == features.columns


def test_files_bring_back_the_same_reasons(model, features, tmp_path):
    model.to_files(tmp_path)
    assert WinbackModel.from_files(tmp_path).reasons(features.head(5)) == model.reasons(features.head(5))


def test_words_never_seen_and_gaps_have_reasons_too(model, features):
    odd = features.head(1).with_columns(plan=pl.lit("platinum"), a=pl.lit(float("nan")))
    assert all(np.isfinite(reason.effect) for reason in model.reasons(odd)[0])


def test_a_missing_column_and_no_fit_are_refused_by_name(model, features):
    with pytest.raises(BadData, match=r"features\.c: the column is missing"):
        model.reasons(features.drop("c"))
    with pytest.raises(NotFitted, match="call fit first"):
        WinbackModel().reasons(features)
