"""Experiments on what is shown: who is in which arm, and what that changes."""

import polars as pl
import pytest

from campaigns import outcomes
from campaigns.errors import BadCampaign
from scoring import chance
from tests.campaigns.planning.service import DAY, at, member, play, title

ROWS = {"rows": {"arms": {"personal": 0.5, "popular": 0.5}}}
ARTWORK = {"artwork": {"arms": {"personal": 0.5, "everyone": 0.5}}}


@pytest.fixture
def watched(service):
    """A service where everyone has watched, and there is enough to show."""
    ids = [f"m{n:02}" for n in range(40)]
    titles = [title(f"t{n:02}") for n in range(30)]
    plays = [play(m, f"t{(n + 3 * k) % 30:02}", at(DAY, -24 * (60 + k))) for n, m in enumerate(ids) for k in range(5)]
    art = [
        {"artwork_id": f"{t['title_id']}-{style}", "title_id": t["title_id"], "url": "https://a.example/x", "alt": "x"}
        for t in titles
        for style in ("faces", "action")
    ]
    service.has(members=[member(m) for m in ids], titles=titles, plays=plays, artworks=art)
    return service


def kinds(message):
    return [(row["kind"], len(row["picks"])) for row in message["content"]["rows"]]


def test_one_arm_gets_ones_own_rows_and_the_other_as_many_popular_titles(watched):
    watched.campaign(experiments=ROWS)
    watched.day()
    arms = {m: e["arms"]["rows"] for m, e in watched.entries().items()}
    drawn = {m: chance.arm_of(chance.uniform("autumn/rows", m), ROWS["rows"]["arms"]) for m in arms}
    assert arms == drawn
    assert set(arms.values()) == {"personal", "popular"}
    for message in watched.messages():
        if arms[message["member_id"]] == "popular":
            assert kinds(message) == [("popular", 9)]
        else:
            assert {kind for kind, _ in kinds(message)} & {"because_you_watched", "for_you"}


def test_popular_rows_are_the_same_for_all_but_for_what_each_has_played(watched):
    watched.campaign(experiments={"rows": {"arms": {"personal": 0.01, "popular": 0.99}}})
    watched.day()
    orders = [
        [message["content"]["hero"]["title_id"], *(pick["title_id"] for pick in message["content"]["rows"][0]["picks"])]
        for message in watched.messages()
        if kinds(message) == [("popular", 9)]
    ]
    assert len(orders) > 30
    place = {t: n for n, t in enumerate(dict.fromkeys(t for order in orders for t in order))}
    assert len(place) < 30
    seen = [[t for t in order if t in orders[0]] for order in orders]
    assert all(sorted(order, key=orders[0].index) == order for order in seen)


def test_every_arm_is_logged_with_its_share(watched):
    watched.campaign(experiments={**ROWS, **ARTWORK})
    watched.day()
    logged = outcomes.decisions(watched.stores)
    for kind, arms in (("rows", {"personal", "popular"}), ("artwork_arm", {"personal", "everyone"})):
        told = logged.filter(kind=kind)
        assert told.height == 40
        assert set(told["choice"]) == arms
        assert set(told["propensity"]) == {0.5}


def test_arms_that_nothing_is_done_with_are_refused(service):
    with pytest.raises(BadCampaign, match="personal and popular"):
        service.campaign(experiments={"rows": {"arms": {"personal": 0.5, "random": 0.5}}})
    with pytest.raises(BadCampaign, match="popularity or hero"):
        service.campaign(experiments={"hour": {"arms": {"a": 0.5, "b": 0.5}}})


def test_pictures_for_everyone_do_not_look_at_the_member(watched):
    watched.campaign(experiments={"artwork": {"arms": {"personal": 0.01, "everyone": 0.99}}})
    watched.day()
    logged = outcomes.decisions(watched.stores).filter(kind="artwork")
    chances = logged.group_by("choice").agg(pl.col("propensity").n_unique())
    assert set(chances["propensity"]) == {1}
