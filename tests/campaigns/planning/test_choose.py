"""Choosing across shards, with the run's frozen model."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from campaigns.planning import choose
from campaigns.planning.score import with_gain
from scoring.errors import BadData
from scoring.registry import Card, Registry
from scoring.winback.features import FEATURES, NAMES, VERSION
from scoring.winback.model import WinbackModel
from tests.campaigns.planning.service import DAY, at, member, play

DAYS = timedelta(days=1)


@pytest.fixture(scope="module")
def model():
    """A model to whom a mail helps those on plan a, and harms those on plan b."""
    draw = np.random.default_rng(5)
    n = 3_000
    plan, mailed = draw.integers(0, 2, n), draw.integers(0, 2, n).astype(bool)
    chance = 0.3 + np.where(plan == 0, 0.3, -0.25) * mailed
    features = pl.DataFrame({name: [None] * n for name in NAMES}, schema=dict.fromkeys(NAMES, pl.Float64))
    features = features.with_columns(
        plan=pl.Series(np.array(["a", "b"])[plan]), tenure_days=pl.Series(draw.uniform(100, 400, n))
    )
    words = {feature.name: pl.String for feature in FEATURES if feature.kind == "category"}
    return WinbackModel(seed=0).fit(features.cast(words), mailed, draw.random(n) < chance, 0.5)


@pytest.fixture
def frozen(service, model):
    """The version of the model, kept where a run looks for it."""
    registry = Registry(service.stores.home / "models" / "winback")
    registry.store(Card("m1", "2026-11-01", 3_000, "good"), lambda folder: model.to_files(folder, VERSION))
    return "m1"


def people(service, count=40):
    service.has(members=[member(f"m{n:02}", plan="ab"[n % 2]) for n in range(count)])


def test_a_mail_goes_to_whom_it_helps_and_never_by_rank_to_whom_it_harms(service, frozen):
    people(service)
    service.campaign(run={"daily_budget": 30, "explore": 0.1})
    found = service.choose(service.open(model=frozen))
    ranked = found.filter(~pl.col("explored"))
    assert ranked.height == 20
    assert all(int(m[1:]) % 2 == 0 for m in ranked["member_id"])
    assert (ranked["gain"] > 0.1).all()
    explored = found.filter("explored")
    assert explored.filter(arm="mailed").height == 3  # of those whom ranking would never mail, too
    assert explored["gain"].max() < 0


def test_without_a_model_everybody_may_be_drawn(service):
    people(service)
    service.campaign(run={"daily_budget": 30})
    found = service.choose(service.open())
    assert found.filter(arm="mailed").height == 30
    assert found["gain"].null_count() == found.height


def test_a_run_keeps_to_the_model_that_it_was_opened_with(service, frozen):
    people(service)
    service.campaign()
    run = service.open(model=frozen)
    Registry(service.stores.home / "models" / "winback").rollback()
    assert service.open(model=None).model == run.model == "m1"


def test_a_model_that_is_gone_is_told_by_name(service):
    service.campaign()
    run = service.open(model="gone")
    with pytest.raises(BadData, match="there is no 'gone'"):
        with_gain(service.stores, run, pl.DataFrame({"member_id": ["a"]}))


def test_the_choice_is_the_same_whatever_the_shards(service, frozen, monkeypatch):
    people(service)
    service.campaign(run={"daily_budget": 15, "explore": 0.3})
    run = service.open(model=frozen)
    whole = service.choose(run)
    monkeypatch.setattr("scoring.lake.shards.SHARD", 9)
    run.folder(service.stores.home).rename(service.stores.home / "before")
    assert service.choose(run).equals(whole)


def test_another_day_explores_others_in_the_same_arms(service):
    people(service)
    service.campaign(run={"daily_budget": 10}, holdout={"share": 0.3})
    days = [service.choose(service.open(DAY - n * DAYS, wall=at(DAY))) for n in range(2)]
    first, second = (dict(day.select("member_id", "arm").iter_rows()) for day in days)
    assert first.keys() != second.keys()
    assert all(first[m] == second[m] for m in first.keys() & second.keys())


def test_the_ledger_counts_first_mails_alone(service):
    service.has(members=[member(f"m{n}") for n in range(10)])
    service.campaign(run={"daily_budget": 3}, series={"after_days": [3]})
    service.day()
    run = service.open(DAY + 3 * DAYS, wall=at(DAY + 3 * DAYS))
    scored = service.score(run)
    chosen = choose.choose_members(service.stores, run, scored)
    counts = choose.counts(scored, chosen)
    assert counts["eligible"] == counts["excluded"]["already_in_campaign"] + counts["not_chosen"] + counts["chosen"]


def test_who_came_back_is_not_lapsed_and_not_even_looked_at(service):
    people(service, 4)
    service.has(plays=[play("m00", "t1", at(DAY) - DAYS)])
    service.campaign()
    assert "m00" not in service.reasons(service.open())
