"""A report as of a time knows the facts before it, and nothing of that time or later."""

import json
from datetime import timedelta

import pytest

from campaigns.delivery import EXPIRES
from campaigns.feedback.event import parse
from campaigns.feedback.events import take_in
from campaigns.reports.report import report
from tests.campaigns.making import DAY, NOW, House, event

MINUTE = timedelta(minutes=1)


@pytest.fixture
def house(stores):
    made = House(stores.database)
    made.contact("m1")
    return made


def ledger(stores, as_of):
    found = report(stores, "autumn", as_of)["ledger"]
    return {key: n for key, n in found.items() if n and key != "excluded"}


def told_by_ses(stores, *events):
    take_in(stores.database, [parse(json.dumps(one), "events", 1) for one in events])


def test_a_mail_waits_until_it_went(house, stores):
    house.message("m1", house.campaign(), state="sent", sent_at=NOW + MINUTE)
    assert ledger(stores, NOW + MINUTE) == {"planned": 1, "waiting": 1}
    assert ledger(stores, NOW + 2 * MINUTE) == {"planned": 1, "sent": 1}


def test_what_ses_says_counts_from_when_it_happened(house, stores):
    mail = house.message("m1", house.campaign(), state="sent", sent_at=NOW)
    told = [event("Delivery", mail, at=NOW + MINUTE), event("Complaint", mail, at=NOW + timedelta(days=2))]
    told_by_ses(stores, *told)
    assert ledger(stores, NOW + MINUTE) == {"planned": 1, "sent": 1}
    assert ledger(stores, NOW + timedelta(days=2)) == {"planned": 1, "delivered": 1}
    assert ledger(stores, NOW + timedelta(days=3)) == {"planned": 1, "complained": 1}


def test_a_mail_of_a_replayed_day_goes_when_it_is_due_whenever_that_was_told(house, stores):
    mail = house.message("m1", house.campaign(), state="sent", sent_at=NOW, live=False)
    told_by_ses(stores, event("Delivery", mail, at=NOW + EXPIRES))
    assert ledger(stores, NOW) == {"planned": 1, "waiting": 1}
    assert ledger(stores, NOW + MINUTE) == {"planned": 1, "delivered": 1}


def test_a_mail_expires_no_earlier_than_it_can(house, stores):
    house.message("m1", house.campaign(), state="expired")
    assert ledger(stores, NOW + EXPIRES) == {"planned": 1, "waiting": 1}
    assert ledger(stores, NOW + EXPIRES + MINUTE) == {"planned": 1, "expired": 1}


@pytest.mark.parametrize(("reason", "then"), [("no_titles", "suppressed"), ("returned", "waiting")])
def test_a_mail_waits_for_its_time_unless_its_run_settled_it(house, stores, reason, then):
    house.message("m1", house.campaign(), state="suppressed", reason=reason)
    assert ledger(stores, NOW) == {"planned": 1, then: 1}


def test_the_day_of_the_report_is_not_in_it(house, stores):
    house.message("m1", house.campaign(), state="sent", sent_at=NOW)
    house.do('UPDATE runs SET planned_at = now, counts = \'{"eligible": 1, "excluded": {}, "not_chosen": 0}\'')
    midnight = NOW.replace(hour=0)
    assert report(stores, "autumn", midnight)["days"] == []
    assert ledger(stores, midnight) == {}
    assert report(stores, "autumn", midnight + MINUTE)["days"] == [DAY.isoformat()]


def test_a_run_that_began_after_the_time_is_not_known_either(house, stores):
    house.message("m1", house.campaign())
    house.do("UPDATE runs SET now = %s", [NOW])
    assert ledger(stores, NOW) == {}
    assert ledger(stores, NOW + MINUTE) == {"planned": 1, "waiting": 1}
