"""A kill -9 at any moment costs nothing."""

import csv
import io
import json
import random
import subprocess
from collections import Counter
from datetime import date

import pytest

from campaigns.sandbox import Service
from campaigns.standin import mails

CAMPAIGN = """
name = "killed"
[run]
daily_budget = 150
[holdout]
share = 0.2
"""
PLAN = ("run_date", "member_id", "arm", "step", "propensity", "due_at", "template_version", "subject", "picks")
START = date(2026, 9, 1)
DAY = ("run", "daily", "--date", START.isoformat())
MAILS_A_SECOND = 15  # slow enough for kills to fall between mails


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    return Service.build(tmp_path_factory.mktemp("service") / "it", members=2_000, seed=3, start=START)


def prepared(encore, service, tmp_path):
    encore("import", service.start_folder, "--as-of", START.isoformat())
    file = tmp_path / "killed.toml"
    file.write_text(CAMPAIGN)
    encore("campaign", "apply", file)
    encore("campaign", "submit", "killed")
    encore("campaign", "approve", "killed")
    (encore.home / "mailbox").mkdir(mode=0o700, exist_ok=True)
    (encore.home / "mailbox" / "quota.json").write_text(json.dumps({"max_send_rate": MAILS_A_SECOND}))
    return encore


def messages(encore):
    return list(csv.DictReader(io.StringIO(encore("messages", "killed"))))


@pytest.mark.slow
def test_a_run_killed_at_ten_random_moments_ends_with_the_same_plan_and_nobody_twice_or_lost(
    encore_at, service, tmp_path
):
    whole = prepared(encore_at("whole"), service, tmp_path)
    whole(*DAY)
    plan = [{key: row[key] for key in PLAN} for row in messages(whole)]

    killed = prepared(encore_at("killed", ENCORE_IN_DOUBT_AFTER="1"), service, tmp_path)
    moments = random.Random(7)
    kills = 0
    while kills < 10:
        process = killed.start(*DAY)
        try:
            process.wait(timeout=moments.uniform(0.5, 9.0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
        else:
            break  # it got through between two kills
    killed(*DAY)
    killed("deliver", "--until-empty")

    rows = messages(killed)
    assert [{key: row[key] for key in PLAN} for row in rows] == plan
    assert Counter(row["state"] for row in rows if row["arm"] == "mailed") == {"delivered": 150}
    got = Counter(mail.recipients[0] for mail in mails(killed.home) if "message" in mail.tags)
    assert set(got.values()) == {1}
    assert len(got) == 150
    assert kills >= 5
