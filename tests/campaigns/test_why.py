"""Why a member is, or is not, written to; with nothing written."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from campaigns.errors import NotFound
from campaigns.why import why
from scoring.errors import OtherVersion
from scoring.registry import Card, Registry
from scoring.winback import WinbackModel
from scoring.winback.features import FEATURES, VERSION
from scoring.winback.versions import winback_models
from tests.campaigns.planning.service import DAY, Service, at, member, play, title
from tests.kept import kept  # noqa: F401 - a fixture

NOW = at(DAY, 10)
DAYS = timedelta(days=1)


@pytest.fixture
def service(stores):
    made = Service(stores)
    made.has(titles=[title(f"t{n}") for n in range(4)])
    return made


@pytest.fixture(scope="module")
def fitted():
    """A model to whom a mail helps those on plan a, and harms those on plan b."""
    draw = np.random.default_rng(5)
    plan, mailed = draw.integers(0, 2, 3000), draw.random(3000) < 0.5
    kinds = {feature.name: pl.String if feature.kind == "category" else pl.Float64 for feature in FEATURES}
    features = pl.DataFrame({name: [None] * 3000 for name in kinds}, schema=kinds)
    features = features.with_columns(plan=pl.Series(np.array(["a", "b"])[plan]))
    won = draw.random(3000) < 0.3 + np.where(plan == 0, 0.3, -0.25) * mailed
    return WinbackModel(seed=0).fit(features, mailed, won, 0.5)


@pytest.fixture
def ranked(service, fitted):
    """Twenty members on two plans, and a model in use."""
    service.has(members=[member(f"m{n:02}", plan="ab"[n % 2]) for n in range(20)])
    registry = winback_models(service.stores.home)
    card = Card("v1", "2026-11-01T00:00:00+00:00", 3000, "promoted: it was good")
    registry.store(card, lambda folder: fitted.to_files(folder, VERSION))
    registry.promote("v1")
    service.campaign()
    return service


def verdict(service, member_id, name=None):
    [told] = why(service.stores, member_id, name, NOW)["campaigns"]
    return told["verdict"]


def test_a_member_without_plays_may_be_chosen(service):
    service.has(members=[member("a")])
    service.campaign()
    found = why(service.stores, "a", None, NOW)
    assert (found["member_id"], found["last_play_at"], found["plays_lifetime"]) == ("a", None, 0)
    verdict = "may be chosen, at random: there is no model yet"
    assert found["campaigns"] == [
        {"campaign": "autumn", "verdict": verdict, "gain": None, "rank": None, "messages": []}
    ]
    assert found["reasons"] == []


def test_the_first_reason_against_is_told(service):
    service.has(
        members=[
            member("a", email_consent=False),
            member("b", country="JP"),
            member("c", email="X@e.com"),
            member("d", email="x@e.com"),
        ]
    )
    service.has(titles=[title(f"t{n}", countries=["GB"]) for n in range(4)], as_of=at(DAY) - DAYS)
    service.campaign()
    assert verdict(service, "a") == "excluded: no_consent"
    assert verdict(service, "b") == "excluded: no_titles"
    assert verdict(service, "d") == "excluded: same_address"
    assert verdict(service, "c").startswith("may be chosen")


def test_who_is_not_lapsed_is_not_in_the_audience(service):
    service.has(members=[member("a")], plays=[play("a", "t1", at(DAY) - DAYS)])
    service.campaign()
    assert verdict(service, "a").startswith("not in the audience")


def test_what_was_planned_is_told_in_order(service):
    service.has(members=[member("a")])
    service.campaign(series={"after_days": [3]})
    service.day(DAY - 3 * DAYS, wall=at(DAY - 3 * DAYS))
    service.day()
    [told] = why(service.stores, "a", None, NOW)["campaigns"]
    assert told["verdict"] == "excluded: already_in_campaign"
    assert [(m["run_date"], m["step"], m["state"]) for m in told["messages"]] == [
        (DAY - 3 * DAYS, 0, "planned"),
        (DAY, 1, "planned"),
    ]


def test_each_running_campaign_answers_and_one_may_be_asked_alone(service):
    service.has(members=[member("a")])
    service.campaign("one")
    service.campaign("two", run={"priority": 1})
    service.campaign("over", run={"end": DAY - DAYS})
    assert [told["campaign"] for told in why(service.stores, "a", None, NOW)["campaigns"]] == ["two", "one"]
    assert [told["campaign"] for told in why(service.stores, "a", "one", NOW)["campaigns"]] == ["one"]


def test_nothing_is_written(service):
    service.has(members=[member("a")])
    service.campaign()
    why(service.stores, "a", None, NOW)
    assert service.rows("SELECT * FROM runs") == []
    assert not (service.stores.home / "runs").exists()


def test_who_is_not_known_is_told_by_name(service):
    service.campaign()
    with pytest.raises(NotFound, match="no member is called 'nobody'"):
        why(service.stores, "nobody", None, NOW)


def test_a_campaign_that_does_not_run_is_told_by_name(service):
    service.has(members=[member("a")])
    service.campaign("draft", state="draft")
    for name in ("draft", "none"):
        with pytest.raises(NotFound, match=f"no running campaign is called '{name}'"):
            why(service.stores, "a", name, NOW)


def test_the_reasons_are_told_in_words_the_strongest_first(ranked):
    found = why(ranked.stores, "m00", None, NOW)
    first = found["reasons"][0]
    assert (first["feature"], first["about"], first["value"]) == ("plan", "the member's plan", "a")
    assert first["effect"] > 0.1
    assert len(found["reasons"]) <= 3
    [told] = found["campaigns"]
    assert told["verdict"].startswith("may be chosen: a mail is expected to raise the chance of a comeback by +")
    assert told["gain"] > 0.1
    assert why(ranked.stores, "m01", None, NOW)["reasons"][0]["effect"] < -0.1


def test_before_the_first_run_there_is_no_rank(ranked):
    assert why(ranked.stores, "m00", None, NOW)["campaigns"][0]["rank"] is None


def test_the_rank_is_among_those_whom_the_latest_run_could_choose(ranked):
    ranked.has(members=[member("no", plan="a", email_consent=False)])
    ranked.score(ranked.open(DAY - DAYS, wall=at(DAY - DAYS)))  # without a model: nobody has a rank in it
    ranked.score(ranked.open(model="v1"))
    ranks = {m: why(ranked.stores, m, None, NOW)["campaigns"][0]["rank"] for m in ("m00", "m01", "no")}
    assert {(rank["run_date"], rank["members"]) for rank in ranks.values()} == {(DAY, 20)}
    assert ranks["m00"]["percentile"] == 50  # the ten on plan b are behind
    assert ranks["m01"]["percentile"] == 0
    assert ranks["no"]["percentile"] == 50  # where it would have stood


def test_a_run_that_chose_at_random_ranks_nobody(ranked):
    ranked.score(ranked.open())
    assert why(ranked.stores, "m00", None, NOW)["campaigns"][0]["rank"] is None


def test_a_rank_keeps_to_the_gain_that_the_run_expected(ranked):
    folder = ranked.open(model="v1").folder(ranked.stores.home)
    told = {"member_id": ["m00", "x", "y", "z"], "reason": [None, None, None, "capped"], "gain": [0.01, 0.02, 0.0, 0.5]}
    folder.mkdir(parents=True)
    pl.DataFrame(told, schema_overrides={"reason": pl.String}).write_parquet(folder / "scored-0000.parquet")
    [found] = why(ranked.stores, "m00", None, NOW)["campaigns"]
    assert found["rank"]["members"] == 3
    assert found["rank"]["percentile"] == pytest.approx(100 / 3)


def test_a_model_of_other_features_is_refused_by_name(ranked, fitted):
    registry = Registry(winback_models(ranked.stores.home).folder)  # as the Encore did that made it
    registry.store(Card("v0", "2026-10-01T00:00:00+00:00", 1, "x"), lambda folder: fitted.to_files(folder, "0"))
    registry.promote("v0")
    with pytest.raises(OtherVersion, match="train the model again"):
        why(ranked.stores, "m00", None, NOW)


def test_what_a_mail_shows_is_told_with_its_reasons_and_chances(ranked):
    art = [{"artwork_id": f"t0-{n}", "title_id": "t0", "url": "https://a.example/x", "alt": "x"} for n in range(2)]
    ranked.has(artworks=art)
    ranked.day()
    [message] = why(ranked.stores, "m00", None, NOW)["campaigns"][0]["messages"]
    assert [row["row"] for row in message["rows"]] == ["first of all", "Popular in the United Kingdom"]
    [hero] = message["rows"][0]["picks"]
    assert (hero["title_id"], hero["propensity"]) == ("t0", 0.5)
    assert hero["artwork_id"] in {"t0-0", "t0-1"}
    assert hero["candidates"] == ["t0-0", "t0-1"]
    assert [row["drawn"] for row in message["rows"]] == [
        None,
        {"choice": "1:popular", "propensity": 1.0, "candidates": ["1:popular"]},
    ]
    chances = {"arm": 0.9, "explore": 1.0, "hero": 0.5, "popularity": 0.5}
    assert {one["kind"]: one["propensity"] for one in message["drawn"]} == chances
