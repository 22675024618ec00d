"""A kill -9 at any moment costs nothing."""

import csv
import io
import json
import random
import subprocess
from collections import Counter

import pytest

from campaigns.standin import mails

CAMPAIGN = """
name = "killed"
[lapsed]
inactive_days = [30, 9000]
[run]
daily_budget = 150
[holdout]
share = 0.2
"""
PLAN = ("run_date", "member_id", "arm", "step", "propensity", "due_at", "template_version", "subject", "picks")
DAY = ("run", "daily", "--date", "2018-08-20")
MAILS_A_SECOND = 60  # slow enough for kills to fall between mails


def prepared(encore, movielens, tmp_path):
    encore("import", movielens, "--format", "movielens", "--as-of", "2018-08-01")
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
    encore_at, movielens, tmp_path
):
    whole = prepared(encore_at("whole"), movielens, tmp_path)
    whole(*DAY)
    plan = [{key: row[key] for key in PLAN} for row in messages(whole)]

    killed = prepared(encore_at("killed", ENCORE_IN_DOUBT_AFTER="1"), movielens, tmp_path)
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
    assert got == {f"member{row['member_id']}@lumen.test": 1 for row in rows if row["arm"] == "mailed"}
    assert kills >= 3
