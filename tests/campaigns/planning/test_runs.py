"""A run of a day: frozen when it was opened."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.errors import NotAllowed, NotFound
from campaigns.planning import business_day, find_run, midnight, runnable, waiting_mails
from tests.campaigns.planning.service import DAY, at, member

DAYS = timedelta(days=1)


def test_todays_run_goes_by_the_wall_clock_and_a_past_one_by_its_days_start(service):
    service.campaign()
    wall = at(DAY, 14.5)
    today, past = service.open(wall=wall), service.open(DAY - DAYS, wall=wall)
    assert (today.live, today.now, today.cutoff) == (True, wall, at(DAY))
    assert (past.live, past.now, past.cutoff) == (False, at(DAY - DAYS), at(DAY - DAYS))


def test_a_day_that_has_not_begun_is_refused(service):
    service.campaign()
    with pytest.raises(NotAllowed, match=r"run 2026-12-02: that day has not begun; today is 2026-12-01"):
        service.open(DAY + DAYS, wall=at(DAY, 23.99))
    assert service.rows("SELECT * FROM runs") == []


def test_a_business_day_begins_in_the_services_zone(service_with):
    service = service_with(timezone=ZoneInfo("Asia/Tokyo"))
    assert midnight(service.stores.settings, DAY) == at(DAY, -9)
    assert business_day(service.stores.settings, at(DAY, -9)) == DAY
    assert business_day(service.stores.settings, at(DAY, -9.01)) == DAY - DAYS
    service.campaign()
    assert service.open(DAY + DAYS, wall=at(DAY, 15)).cutoff == at(DAY, 15)


def test_a_day_of_a_clock_change_begins_at_its_local_midnight(service_with):
    service = service_with(timezone=ZoneInfo("Europe/London"))
    assert midnight(service.stores.settings, date(2026, 3, 29)) == at(date(2026, 3, 29))
    assert midnight(service.stores.settings, date(2026, 3, 30)) == at(date(2026, 3, 29), 23)


def test_opened_again_a_run_is_the_same_whatever_has_changed(service):
    service.campaign(holdout={"share": 0.2})
    first = service.open(budget=7, model="m1")
    service.campaign(run={"daily_budget": 3}, holdout={"share": 0.2}, audience={"where": ["country == BR"]})
    again = service.open(wall=at(DAY, 20), budget=999, model="m2")
    assert again == first
    assert (again.budget, again.model, again.now) == (7, "m1", at(DAY))
    assert again.asked.audience.where == ()
    assert again.template_version == "v1"
    assert again.frozen["salts"]["holdout"] == "autumn/holdout"


def test_the_next_day_runs_in_the_version_approved_meanwhile(service):
    service.campaign()
    service.open()
    service.campaign(run={"daily_budget": 3})
    assert service.open(DAY + DAYS, wall=at(DAY + DAYS)).budget == 3


def test_a_campaign_runs_from_its_first_to_its_last_day(service):
    service.campaign(run={"start": DAY, "end": DAY + DAYS})
    names = {n: [c.name for c in runnable(service.stores.database, DAY + n * DAYS)] for n in (-1, 0, 1, 2)}
    assert names == {-1: [], 0: ["autumn"], 1: ["autumn"], 2: []}


def test_campaigns_choose_in_order_of_priority_and_then_of_name(service):
    for name, priority in {"b": 5, "a": 5, "z": 1, "c": 9}.items():
        service.campaign(name, run={"priority": priority})
    service.campaign("draft", state="draft")
    assert [c.name for c in runnable(service.stores.database, DAY)] == ["z", "a", "b", "c"]


def test_a_campaign_asked_for_by_name_must_run(service):
    service.campaign("draft", state="draft")
    for name in ("draft", "none"):
        with pytest.raises(NotFound, match=f"no running campaign is called '{name}'"):
            runnable(service.stores.database, DAY, name)


def test_a_paused_campaign_opens_no_run(service):
    service.campaign()
    campaign = runnable(service.stores.database, DAY)[0]
    service.do("UPDATE campaigns SET state = 'paused'")
    assert runnable(service.stores.database, DAY) == []
    assert find_run(service.stores.database, campaign.id, DAY) is None


def test_the_first_run_registers_how_many_the_campaign_means_to_judge_for_good(service):
    campaign = service.campaign(run={"daily_budget": 2, "end": DAY + 4 * DAYS}, holdout={"share": 0.2})
    service.has(members=[member(f"m{n:02}") for n in range(40)])
    query = "SELECT planned_members FROM campaigns WHERE id = %s"
    assert service.rows(query, [campaign]) == [{"planned_members": None}]
    service.day()
    assert service.rows(query, [campaign]) == [{"planned_members": 12}]  # 5 days of 2 mails, and their shadows
    service.day(DAY + DAYS, wall=at(DAY + DAYS))
    assert service.rows(query, [campaign]) == [{"planned_members": 12}]


def test_no_more_members_are_meant_than_there_are(service):
    service.campaign()
    service.has(members=[member(f"m{n}") for n in range(5)])
    service.day()
    assert service.rows("SELECT planned_members FROM campaigns") == [{"planned_members": 5}]


def test_mails_that_wait_are_counted_and_shadows_are_not(service):
    service.campaign(holdout={"share": 0.5})
    service.has(members=[member(f"m{n}") for n in range(20)])
    service.day()
    mailed = [m for m in service.messages() if m["arm"] == "mailed"]
    assert 0 < len(mailed) < 20
    assert waiting_mails(service.stores.database) == len(mailed)
