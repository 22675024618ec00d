"""Experiments in the report, from a campaign's own days."""

from datetime import timedelta

from campaigns.reports.page import page
from campaigns.reports.report import report
from tests.campaigns.planning.service import DAY, Service, at, member, title


def test_arms_are_held_against_each_other_where_their_shares_stay_as_they_were(stores):
    service = Service(stores)
    service.has(members=[member(f"m{n}") for n in range(60)], titles=[title(f"t{n}") for n in range(8)])
    subject = {"arms": {"title": 0.5, "new_since": 0.5}, "learns": True}
    rows = {"arms": {"personal": 0.5, "popular": 0.5}}
    service.campaign(experiments={"subject": subject, "rows": rows})
    service.day()
    found = report(stores, "autumn", at(DAY + timedelta(days=20)))
    [one] = found["experiments"]
    assert (one["layer"], one["arm"]["value"], one["against"]["value"]) == ("rows", "personal", "popular")
    mailed = sum(message["arm"] == "mailed" for message in service.messages())
    assert one["arm"]["members"] + one["against"]["members"] == mailed
    assert "<h2>Experiments</h2>" in page(found)
