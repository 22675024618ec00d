"""How many mails a day may have: the campaign's budget, within what SES and the warm-up allow."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from campaigns.delivery import Quota
from campaigns.planning import waiting_mails

if TYPE_CHECKING:
    from campaigns.db import Database
    from campaigns.settings import Settings

FIRST, GROWTH, STEPS = 200, 2, 30  # a domain that nobody knows begins so small, and doubles every day
DAYS = """
SELECT count(DISTINCT run_date) FROM runs r
 WHERE run_date < %(day)s
   AND EXISTS (SELECT FROM messages m
                WHERE m.campaign_id = r.campaign_id AND m.run_date = r.run_date AND m.arm = 'mailed')
"""
TODAY = """
SELECT count(*) FROM messages
 WHERE arm = 'mailed' AND run_date = %(day)s AND state NOT IN ('suppressed', 'expired')
"""


def mails_left(database: Database, settings: Settings, quota: Quota, day: date) -> int:
    """Mails that may still be planned for `day`, whatever a campaign's budget says."""
    left = quota.left - waiting_mails(database)
    if settings.warm_up is None:
        return max(0, left)
    plan = [int(mails) for mails in settings.warm_up.split(",")]
    with database.connect() as connection:
        days = _count(connection.execute(DAYS, {"day": day}).fetchone())
        today = _count(connection.execute(TODAY, {"day": day}).fetchone())
    return max(0, min(left, plan[days] - today) if days < len(plan) else left)


def has_mailed(database: Database) -> bool:
    """Whether any mail ever went out."""
    with database.connect() as connection:
        return connection.execute("SELECT FROM attempts WHERE outcome = 'accepted' LIMIT 1").fetchone() is not None


def advised_warm_up(quota: Quota) -> str:
    """A plan for a domain that is new, as `ENCORE_WARM_UP` takes it: from few mails a day to what the account may send.

    >>> advised_warm_up(Quota(1_000, 0, 14))
    '200,400,800'
    """
    plan = [FIRST * GROWTH**day for day in range(STEPS) if FIRST * GROWTH**day < quota.a_day]
    return ",".join(map(str, plan)) or str(FIRST)


def _count(row: tuple[int, ...] | None) -> int:
    return row[0] if row else 0
