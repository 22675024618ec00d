"""The stations of a run, whoever works them through the shards."""

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
