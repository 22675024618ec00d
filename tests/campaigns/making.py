"""Rows for tests, as planning would have written them: contacts, campaigns, runs, messages."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from psycopg.rows import dict_row

from campaigns.db import Database
from campaigns.delivery import Message
from campaigns.planning.partitions import ensure_month
from campaigns.rendering import TemplateStore, compile_template

DAY = date(2026, 12, 1)
NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def pick(number: int = 1, **changes: Any) -> dict[str, Any]:
    """One title as a message holds it."""
    return {
        "title_id": f"t{number}",
        "name": f"Title {number}",
        "genres": ["drama"],
        "minutes": 100,
        "url": None,
        "artwork_id": f"a{number}",
        "artwork_url": f"https://art.example/{number}.jpg",
        "artwork_alt": f"Picture {number}",
        "propensity": 1.0,
    } | changes


CONTENT = {
    "language": "en",
    "country": "GB",
    "subject_arm": None,
    "hero": pick(0),
    "rows": [{"kind": "for_you", "picks": [pick(1), pick(2)]}],
}


@cache
def template() -> dict[str, Any]:
    """The packaged template, compiled."""
    return compile_template("comeback", TemplateStore()).to_dict()


class House:
    """A database to fill. Every method writes, commits and says what it made."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.runs: dict[tuple[int, date, bool], int] = {}

    def contact(self, member_id: str, **changes: Any) -> str:
        """A member who may be mailed."""
        values = {
            "member_id": member_id,
            "email": f"{member_id}@example.com",
            "given_name": "Ana",
            "signed_up_at": LONG_AGO,
            "email_consent": True,
            "email_consent_at": LONG_AGO,
        } | changes
        self._insert("contacts", values)
        return member_id

    def campaign(self, name: str = "autumn", state: str = "running", **changes: Any) -> int:
        """A campaign with one version, which is approved."""
        values = {"name": name, "state": state, "version": 1, "approved_version": 1, "created_at": LONG_AGO}
        campaign_id: int = self._insert("campaigns", values, "id")
        version = {
            "campaign_id": campaign_id,
            "version": 1,
            "definition": json.dumps(
                {"name": name, "message": {}, "win_back": {"within_days": 14}, "holdout": {"share": 0.1}}
            ),
            "template": json.dumps(template()),
            "created_by": "operator",
            "created_at": LONG_AGO,
        }
        self._insert("campaign_versions", version | changes)
        return campaign_id

    def run(self, campaign_id: int, day: date = DAY, *, live: bool = True) -> int:
        """A campaign's run of a day; the same one when it is there already."""
        cutoff = datetime(day.year, day.month, day.day, tzinfo=UTC)
        values = {
            "campaign_id": campaign_id,
            "run_date": day,
            "campaign_version": 1,
            "live": live,
            "cutoff": cutoff,
            "now": cutoff,
            "frozen": "{}",
        }
        if (campaign_id, day, live) not in self.runs:
            ensure_month(self.database, day)
            self.runs[campaign_id, day, live] = self._insert("runs", values, "id")
        return self.runs[campaign_id, day, live]

    def message(self, member_id: str, campaign_id: int, **changes: Any) -> UUID:
        """A message that waits, by default a live one that is due at `NOW`."""
        day, live = changes.pop("run_date", DAY), changes.pop("live", True)
        values = {
            "id": uuid4(),
            "campaign_id": campaign_id,
            "run_id": self.run(campaign_id, day, live=live),
            "run_date": day,
            "member_id": member_id,
            "step": 0,
            "arm": "mailed",
            "state": "planned",
            "propensity": 0.9,
            "live": live,
            "cutoff": datetime(day.year, day.month, day.day, tzinfo=UTC),
            "due_at": NOW,
            "utc_offset": 0,
            "content": json.dumps(CONTENT),
            "template_version": "comeback",
        } | changes
        self._insert("messages", values)
        return values["id"]

    def messages(self, number: int, campaign_id: int, *, due_at: datetime = NOW, prefix: str = "m") -> None:
        """Many contacts, `m1` and so on, each with a message: every tenth is a shadow."""
        run_id = self.run(campaign_id)
        values = {"n": number, "prefix": prefix, "campaign_id": campaign_id, "run_id": run_id, "day": DAY}
        values |= {"at": LONG_AGO, "due_at": due_at, "content": json.dumps(CONTENT)}
        with self.database.connect() as connection:
            connection.execute(MANY_CONTACTS, values)
            connection.execute(MANY_MESSAGES, values)

    def row(self, message_id: UUID) -> dict[str, Any]:
        """A message as it stands."""
        with self.database.connect() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute("SELECT * FROM messages WHERE id = %s", [message_id]).fetchone() or {}

    def state(self, message_id: UUID) -> tuple[str, str | None]:
        """A message's state and the reason for it."""
        row = self.row(message_id)
        return row["state"], row["reason"]

    def states(self) -> dict[str, int]:
        """How many messages are in which state."""
        return dict(self.rows("SELECT state, count(*) FROM messages GROUP BY state"))

    def rows(self, query: str, values: Any = None) -> list[Any]:
        """What a query finds."""
        with self.database.connect() as connection:
            return connection.execute(query, values).fetchall()

    def do(self, statement: str, values: Any = None) -> None:
        """Run a statement."""
        with self.database.connect() as connection:
            connection.execute(statement, values)

    def _insert(self, table: str, values: dict[str, Any], returning: str | None = None) -> Any:
        names, places = ", ".join(values), ", ".join(f"%({name})s" for name in values)
        ending = f" RETURNING {returning}" if returning else ""
        with self.database.connect() as connection:
            done = connection.execute(f"INSERT INTO {table} ({names}) VALUES ({places}){ending}", values)
            return done.fetchone()[0] if returning else None


MANY_CONTACTS = """
INSERT INTO contacts (member_id, email, given_name, signed_up_at, email_consent, email_consent_at)
SELECT %(prefix)s || n, %(prefix)s || n || '@example.com', 'Ana', %(at)s, true, %(at)s FROM generate_series(1, %(n)s) n
"""
MANY_MESSAGES = """
INSERT INTO messages (id, campaign_id, run_id, run_date, member_id, step, arm, state, propensity, live, cutoff, due_at,
                      utc_offset, content, template_version)
SELECT gen_random_uuid(), %(campaign_id)s, %(run_id)s, %(day)s, %(prefix)s || n, 0,
       CASE WHEN n %% 10 = 0 THEN 'holdout' ELSE 'mailed' END, 'planned', 0.9, true, %(day)s::date, %(due_at)s, 0,
       %(content)s, 'comeback'
  FROM generate_series(1, %(n)s) n
"""


def claimed(message_id: UUID, **changes: Any) -> Message:
    """A message as a worker that claimed it holds it."""
    values = {
        "id": message_id,
        "run_id": 1,
        "run_date": DAY,
        "member_id": "ana",
        "state": "claimed",
        "at": NOW,
        "content": CONTENT,
        "email": "ana@example.com",
        "given_name": "Ana",
        "pixel_consent": False,
    }
    return Message(**values | changes)


def event(kind: str, message_id: UUID | None, ses_id: str = "ses-1", **changes: Any) -> dict[str, Any]:
    """An event of SES about a message of `DAY`; `changes` go into what the kind says beside the mail."""
    at = changes.pop("at", NOW)
    mailed_at = changes.pop("mailed_at", NOW - timedelta(seconds=1))
    address = changes.pop("address", "ana@example.com")
    recipients = {"Bounce": "bouncedRecipients", "Complaint": "complainedRecipients"}
    told = {recipients[kind]: [{"emailAddress": address}]} if kind in recipients else {}
    told |= {"timestamp": at.isoformat()} if kind not in ("Send", "Reject", "Rendering Failure") else {}
    tags = {"message": [message_id.hex], "run": [DAY.isoformat()], "campaign": ["autumn"]} if message_id else {}
    mail = {
        "timestamp": mailed_at.isoformat(),
        "messageId": ses_id,
        "destination": [address],
        "headers": [{"name": "To", "value": address}],
        "tags": {"ses:configuration-set": ["encore"], **tags},
    }
    key = "failure" if kind == "Rendering Failure" else kind[:1].lower() + kind[1:]
    return {"eventType": kind, "mail": mail, key: told | changes}
