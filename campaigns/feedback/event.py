"""One event of SES, read from its JSON.

The JSON is what a configuration set publishes:
https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NoReturn
from uuid import UUID

from campaigns.errors import BadInput

AN_EVENT = "a JSON object, as SES publishes events"
PLAIN = re.compile(r"[ -~]{1,200}")  # what types and ids of SES are made of
BODIES = {"Rendering Failure": "failure"}  # the key of what an event says is its name in lower camel case, but for this


@dataclass(frozen=True)
class SesEvent:
    """One event. `message_id` and `run_date` are None where the mail was not one of a campaign's.

    `at` is when it happened, `mailed_at` when SES took the mail.
    """

    type: str
    at: datetime
    mailed_at: datetime
    ses_message_id: str
    message_id: UUID | None
    run_date: date | None
    raw: dict[str, Any]

    @property
    def key(self) -> str:
        """The same for every repeat of the event. One mail has one Send, but may be delayed, say, more than once."""
        parts = [self.ses_message_id, self.type, self.at.isoformat()]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    @property
    def body(self) -> dict[str, Any]:
        """What this kind of event says beside the mail; nothing for a Send."""
        found = self.raw.get(_body(self.type))
        return found if isinstance(found, dict) else {}

    def addresses(self) -> list[str]:
        """Whom a bounce or a complaint is about: where they were mailed, which they may have changed since."""
        listed = self.body.get("bouncedRecipients") or self.body.get("complainedRecipients")
        told = [r.get("emailAddress") for r in listed if isinstance(r, dict)] if isinstance(listed, list) else []
        destination = self.raw["mail"].get("destination")
        if not told and isinstance(destination, list):
            told = destination
        return sorted({a.rpartition("<")[2].rstrip("> ") for a in told if isinstance(a, str) and "\0" not in a})


def parse(line: str, file: str, row: int) -> SesEvent:
    """An event from a line of JSON; an SNS notification around it is opened first.

    Raises:
        BadInput: it is no event of SES; what is missing or wrong, by its name.
    """
    raw = _json(line, file, row)
    if isinstance(raw.get("Message"), str):
        raw = _json(raw["Message"], file, row)
    kind, mail = raw.get("eventType") or raw.get("notificationType"), raw.get("mail")
    if not isinstance(kind, str) or not PLAIN.fullmatch(kind):
        raise BadInput(file, row, "eventType", kind, "the name of an event, such as Delivery")
    identity = mail.get("messageId") if isinstance(mail, dict) else None
    if not isinstance(mail, dict) or not isinstance(identity, str) or not PLAIN.fullmatch(identity):
        raise BadInput(file, row, "mail.messageId", identity, "the id that SES gave the mail")
    told = raw.get(_body(kind))
    happened = told.get("timestamp") if isinstance(told, dict) else None
    mailed_at = _time(mail.get("timestamp", happened), "mail.timestamp", file, row)
    at = mailed_at if happened is None else _time(happened, f"{_body(kind)}.timestamp", file, row)
    message, run = _tags(mail)
    return SesEvent(kind, at, mailed_at, identity, message, run, raw)


def _json(text: str, file: str, row: int) -> dict[str, Any]:
    try:
        raw = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise BadInput(file, row, "line", text[:80], AN_EVENT) from None
    if not isinstance(raw, dict):
        raise BadInput(file, row, "line", text[:80], AN_EVENT)
    return raw


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _body(kind: str) -> str:
    return BODIES.get(kind, kind[:1].lower() + kind[1:])


def _time(told: object, column: str, file: str, row: int) -> datetime:
    try:
        read = datetime.fromisoformat(str(told))
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInput(file, row, column, told, "a time in ISO 8601") from None


def _tags(mail: dict[str, Any]) -> tuple[UUID | None, date | None]:
    """Which of our messages it was, from the tags that travelled with it."""
    tags = mail.get("tags")
    if not isinstance(tags, dict):
        return None, None
    try:
        return UUID(_tag(tags, "message")), date.fromisoformat(_tag(tags, "run"))
    except ValueError:
        return None, None


def _tag(tags: dict[str, Any], name: str) -> str:
    values = tags.get(name)
    return str(values[0]) if isinstance(values, list) and values else ""
