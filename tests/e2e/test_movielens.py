"""The whole way on real input: 9,742 titles and 610 members of MovieLens, two weeks of a campaign."""

import csv
import io
import json
from collections import Counter
from datetime import date, timedelta

import pytest

from campaigns.standin import mails

CAMPAIGN = """
name = "autumn-comeback"
[lapsed]
inactive_days = [30, 9000]
[audience]
where = ["plays_lifetime >= 20"]
[run]
start = 2018-08-20
end = 2018-09-02
daily_budget = 20
explore = 0.2
[holdout]
share = 0.2
[win_back]
within_days = 14
[series]
after_days = [5]
[experiments.subject]
arms = { title = 0.5, new_since = 0.5 }
"""
DAYS = [date(2018, 8, 20) + timedelta(days=n) for n in range(14)]
COLUMNS = [
    "campaign",
    "run_date",
    "member_id",
    "arm",
    "step",
    "state",
    "reason",
    "propensity",
    "due_at",
    "sent_at",
    "ses_message_id",
    "template_version",
    "subject",
    "picks",
]
ENDED = ("in_doubt", "sent", "delivered", "bounced", "complained", "failed", "suppressed", "expired")


def adds_up(ledger):
    assert ledger["planned"] == ledger["waiting"] + sum(ledger[state] for state in ENDED)
    if "eligible" in ledger:
        chosen = ledger["held_out"] + ledger["planned"]
        assert ledger["eligible"] == sum(ledger["excluded"].values()) + ledger["not_chosen"] + chosen


@pytest.mark.slow
def test_two_weeks_of_a_campaign_from_import_to_report(encore, movielens, tmp_path):
    imported = encore.json("import", movielens, "--format", "movielens", "--as-of", "2018-08-01")
    counts = {report["file"]: report["new"] for report in imported}
    assert counts["movies.csv"] == 9742
    assert counts["members (made up)"] == 610
    again = encore.json("import", movielens, "--format", "movielens", "--as-of", "2018-08-02")
    assert all(report["new"] == report["changed"] == 0 for report in again)

    file = tmp_path / "campaign.toml"
    file.write_text(CAMPAIGN)
    for act in (("apply", file), ("submit", "autumn-comeback"), ("approve", "autumn-comeback")):
        encore("campaign", *act)
    run = encore.json("run", "daily", "--from", "2018-08-20", "--to", "2018-09-02")
    assert [day["day"] for day in run] == [day.isoformat() for day in DAYS]

    rows = list(csv.DictReader(io.StringIO(encore("messages", "autumn-comeback"))))
    assert list(rows[0]) == COLUMNS
    first = [row for row in rows if row["step"] == "0"]
    by_day = Counter((row["run_date"], row["arm"]) for row in first)
    follow_ups = Counter((row["run_date"], row["arm"]) for row in rows if row["step"] == "1")
    assert follow_ups
    for day in DAYS:
        mailed = by_day[day.isoformat(), "mailed"] + follow_ups[day.isoformat(), "mailed"]
        assert mailed == 20  # steps that are due come out of the budget
        report = json.loads(
            encore("report", "autumn-comeback", "--as-of", (day + timedelta(days=1)).isoformat(), "--format", "json")
        )
        adds_up(report["ledger"])
        adds_up(report["follow_ups"])

    held_out = {row["member_id"] for row in rows if row["arm"] == "holdout"}
    mailed = {row["member_id"] for row in rows if row["arm"] == "mailed"}
    assert held_out
    assert not held_out & mailed
    assert {row["state"] for row in rows if row["arm"] == "holdout"} == {"held_out"}
    assert {row["state"] for row in rows if row["arm"] == "mailed"} == {"delivered"}
    assert {float(row["propensity"]) for row in rows} == {0.8}

    kept = list(mails(encore.home))
    assert Counter(mail.recipients[0] for mail in kept) == Counter(
        f"member{row['member_id']}@lumen.test" for row in rows if row["arm"] == "mailed"
    )
    for mail in kept:
        assert "List-Unsubscribe" in mail.headers
    shown = json.loads(next(row for row in rows if row["ses_message_id"] == kept[0].message_id)["picks"])
    assert 7 <= len({pick["title_id"] for pick in shown}) == len(shown) <= 10

    assert sum(day["sent"] for day in encore.json("run", "daily", "--from", "2018-08-20", "--to", "2018-09-02")) == 0
    assert len(list(mails(encore.home))) == len(kept)
    page = encore("report", "autumn-comeback", "--as-of", "2018-10-01")
    assert "autumn-comeback" in page
    assert "<svg" in page
