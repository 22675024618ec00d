"""Which title played speaks for one recommended."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from scoring.titles import TitleModel

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def plays():
    """Two circles of titles, each played by its own members; one member in five has played a little of both."""
    draw = np.random.default_rng(5)
    told = []
    for n in range(400):
        circles = [0, 1] if n % 5 == 0 else [n % 2]
        for circle in circles:
            told += [(f"m{n}", f"{'ab'[circle]}{t}") for t in draw.permutation(12)[:6]]
    return pl.DataFrame(told, schema=["member_id", "title_id"], orient="row").with_columns(
        played_at=START + pl.int_range(pl.len()) * timedelta(hours=1)
    )


def test_the_reason_is_a_title_that_the_member_played_and_of_the_same_circle(plays):
    model = TitleModel(seed=0).fit(plays)
    asked = pl.DataFrame({"member_id": plays["member_id"].unique(maintain_order=True)})
    picks = model.recommend(asked, k=3).select("member_id", "title_id")
    told = model.because(picks)
    assert told.select("member_id", "title_id").equals(picks)
    some = told.drop_nulls("because")
    assert some.height > 0.8 * told.height
    played = plays.select("member_id", because="title_id")
    assert some.join(played, on=["member_id", "because"], how="anti").is_empty()
    assert (some["because"].str.head(1) == some["title_id"].str.head(1)).mean() > 0.95


def test_nothing_speaks_for_a_title_or_a_member_never_heard_of(plays):
    model = TitleModel(seed=0).fit(plays)
    asked = pl.DataFrame({"member_id": ["nobody", "m1"], "title_id": ["a1", "zz"]})
    assert model.because(asked)["because"].to_list() == [None, None]
