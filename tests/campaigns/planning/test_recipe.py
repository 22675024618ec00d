"""The stations of a run, whoever works them through the shards."""

import polars as pl
import pytest

from campaigns import outcomes, planning
from tests.campaigns.planning.service import member

TOLD = ("member_id", "arm", "due_at", "content", "propensity")


def test_in_whichever_order_shards_are_worked_the_plan_is_the_same(service, monkeypatch):
    monkeypatch.setattr("scoring.lake.shards.SHARD", 10)
    service.has(members=[member(f"m{n:02}") for n in range(30)])
    service.campaign(run={"daily_budget": 12}, holdout={"share": 0.3})
    run, stores = service.open(), service.stores
    counts = service.plan(run)
    whole = [[message[key] for key in TOLD] for message in service.messages()]
    for table in ("messages", "entries", "planned_shards", "runs"):
        service.do(f"DELETE FROM {table}")
    run.folder(stores.home).rename(stores.home / "before")

    worked = []

    def backwards(name, station, /, *over):
        rows = list(zip(*over, strict=True))
        worked.append((name, len(rows)))
        return [station(*row) for row in reversed(rows)][::-1]

    assert planning.plan_run(stores, service.open(), outcomes.mails(stores), backwards) == counts
    assert worked == [("refresh", 3), ("score", 3), ("choose", 1), ("pick", 3), ("plan", 3)]
    assert [[message[key] for key in TOLD] for message in service.messages()] == whole


def damaged(service, name):
    """The opened run of two members, and a file of it that holds no Parquet, with which it cannot be planned."""
    service.has(members=[member("a"), member("b")])
    service.campaign()
    run = service.open()
    file = run.folder(service.stores.home) / name
    file.parent.mkdir(parents=True)
    file.write_bytes(b"no Parquet")
    with pytest.raises(pl.exceptions.ComputeError):
        service.plan(run)
    return run, file


def test_where_a_run_cannot_be_prepared_nothing_is_planned_and_the_next_try_goes_on(service):
    run, choices = damaged(service, "choices.parquet")
    assert service.messages() == []
    chosen = choices.with_name("chosen.parquet").read_bytes()
    choices.unlink()
    assert service.plan(run)["chosen"] == 2
    assert choices.with_name("chosen.parquet").read_bytes() == chosen


def test_where_members_cannot_be_scored_what_was_prepared_beside_stays_for_the_next_try(service):
    run, scored = damaged(service, "scored-0000.parquet")
    assert scored.with_name("popular.parquet").exists()
    scored.unlink()
    assert service.plan(run)["chosen"] == 2
