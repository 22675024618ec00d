"""What the shards of a run share is made before they pick, once."""

from datetime import timedelta

import polars as pl
import pytest

from campaigns.planning.pick import planned_mails
from campaigns.planning.prepare import prepare
from campaigns.planning.snapshots import snapshot_paths
from tests.campaigns.planning.service import DAY, at, member, play, title

LATER = DAY + timedelta(days=5)


@pytest.fixture
def second_day(service):
    """Forty members, some mailed five days ago; the run of today, scored and chosen, and how its mails are found."""
    ids = [f"m{n:02}" for n in range(40)]
    plays = [play(m, f"t{(n + 3 * k) % 12:02}", at(DAY, -24 * (60 + k))) for n, m in enumerate(ids) for k in range(4)]
    service.has(members=[member(m) for m in ids], titles=[title(f"t{n:02}") for n in range(30)], plays=plays)
    service.campaign(run={"daily_budget": 20}, holdout={"share": 0.2})
    service.day()
    service.do("UPDATE messages SET state = 'sent', sent_at = due_at WHERE arm = 'mailed'")
    run = service.open(LATER)
    chosen = service.choose(run)
    about = pl.read_parquet(snapshot_paths(service.stores, run))

    def mails():
        return planned_mails(service.stores, run, about, chosen)[0]

    return service, run, mails


def test_mails_are_the_same_whether_or_not_their_run_was_prepared(second_day):
    service, run, mails = second_day
    unprepared = mails()
    for made in run.folder(service.stores.home).glob("*.parquet"):
        if made.stem not in {"snapshot", "chosen"} and not made.stem.startswith("scored"):
            made.unlink()
    prepare(service.stores, run)
    assert mails().equals(unprepared)
    assert unprepared.height


def test_what_is_heard_after_a_run_was_prepared_changes_none_of_its_shards(second_day):
    service, run, mails = second_day
    prepare(service.stores, run)
    made = set(run.folder(service.stores.home).iterdir())
    before = mails()
    service.has(plays=[play(f"m{n:02}", "t29", at(DAY, 12)) for n in range(20)])  # of mailed members, told late
    service.do("UPDATE messages SET sent_at = NULL")
    assert mails().equals(before)
    assert set(run.folder(service.stores.home).iterdir()) == made


@pytest.mark.parametrize(("send", "asked"), [("09:00", False), ("member-best-hour", True)])
def test_when_countries_watch_is_found_where_the_campaign_sends_by_it(service, send, asked):
    service.has(members=[member("a")], titles=[title("t0")])
    service.campaign(run={"send": send})
    run = service.open()
    prepare(service.stores, run)
    assert (run.folder(service.stores.home) / "habits.parquet").exists() == asked
