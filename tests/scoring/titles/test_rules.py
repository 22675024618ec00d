"""100,000 picks at random: none without rights then and there, none played, none of another maturity."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from scoring.titles import TitleModel

START, DAYS = datetime(2026, 1, 1, tzinfo=UTC), 400
MEMBERS, TITLES, COUNTRIES = 1_200, 300, ["BR", "FR", "JP", "US"]
PICKS = 100_000


def after(random, count, share):
    """Moments within the days, and none for most."""
    moments = [START + timedelta(hours=int(hour)) for hour in random.integers(0, 24 * DAYS, count)]
    return pl.Series(
        [moment if some else None for moment, some in zip(moments, random.random(count) < share, strict=True)]
    )


@pytest.fixture(scope="module")
def service():
    """Titles with rights of every kind, members of every country or none, and what they played."""
    random = np.random.default_rng(0)
    titles = pl.DataFrame({"title_id": [f"t{title}" for title in range(TITLES)]}).with_columns(
        genres=pl.Series([[f"g{genre}"] for genre in random.integers(0, 8, TITLES)]),
        countries=pl.Series(
            [random.choice(COUNTRIES, size, replace=False).tolist() for size in random.integers(0, 4, TITLES)]
        ),
        added_at=after(random, TITLES, 0.5),
        leaves_at=after(random, TITLES, 0.5),
        maturity=pl.Series(random.choice(["all", "16", "18"], TITLES)),
    )
    members = pl.DataFrame({"member_id": [f"m{member}" for member in range(MEMBERS)]}).with_columns(
        country=pl.Series([COUNTRIES[place] if place < 4 else None for place in random.integers(0, 5, MEMBERS)])
    )
    lengths = random.integers(0, 60, MEMBERS)
    member = np.repeat(np.arange(MEMBERS), lengths)
    plays = pl.DataFrame(
        {
            "member_id": members["member_id"].gather(member),
            "title_id": titles["title_id"].gather((TITLES * random.random(len(member)) ** 2).astype(np.int64)),
            "played_at": [START + timedelta(hours=int(hour)) for hour in random.integers(0, 24 * DAYS, len(member))],
        }
    )
    return titles, members, plays


@pytest.fixture(scope="module")
def picks(service):
    """What is recommended at random moments, to some of all ages and to some of a child's alone, and when."""
    titles, members, plays = service
    model, random = TitleModel(seed=0).fit(plays, titles, members), np.random.default_rng(1)
    child = titles.filter(pl.col("maturity") == "all")["title_id"]
    found: list[pl.DataFrame] = []
    while sum(part.height for part in found) < PICKS:
        at = START + timedelta(hours=int(random.integers(0, 24 * DAYS)))
        for among, some in ((None, 500), (child, 200)):
            asked = members.sample(some, seed=int(random.integers(2**31)))
            answer = model.recommend(asked, 20, at, among)
            found.append(answer.with_columns(at=pl.lit(at), child=pl.lit(among is not None)))
    return pl.concat(found)


def test_no_pick_lacks_rights_in_the_members_country_at_the_moment(service, picks):
    titles, members, _ = service
    told = picks.join(titles, on="title_id").join(members, on="member_id")
    everywhere = pl.col("countries").list.len() == 0
    there = everywhere | pl.col("countries").list.contains(pl.col("country")).fill_null(value=False)
    then = (pl.col("added_at") <= pl.col("at")).fill_null(value=True) & (pl.col("leaves_at") > pl.col("at")).fill_null(
        value=True
    )
    assert told.height == picks.height >= PICKS
    assert told.filter(~(there & then)).is_empty()


def test_no_pick_was_played(service, picks):
    assert picks.join(service[2], on=["member_id", "title_id"], how="semi").is_empty()


def test_no_pick_for_a_child_is_of_another_maturity(service, picks):
    told = picks.filter("child").join(service[0], on="title_id")
    assert told.height > PICKS / 10
    assert (told["maturity"] == "all").all()
