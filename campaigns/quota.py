"""How many mails a day may have: the campaign's budget, within what SES and the warm-up allow."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from campaigns.planning import waiting_mails

if TYPE_CHECKING:
    from campaigns.db import Database
    from campaigns.delivery import Quota
    from campaigns.settings import Settings

DAYS = "SELECT count(DISTINCT run_date) FROM messages WHERE arm = 'mailed' AND run_date < %(day)s"
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


def _count(row: tuple[int, ...] | None) -> int:
    return row[0] if row else 0
