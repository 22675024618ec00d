"""What SES says of our mails: verified as JSON, seen once, matched to its message, and kept.

The JSON is what a configuration set publishes:
https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from campaigns.db import statements
from campaigns.delivery import Said, State, after
from campaigns.errors import BadInput, RefusedFile

if TYPE_CHECKING:
    import psycopg

    from campaigns.db import Database

SQL = statements("campaigns.feedback", "feedback.sql")
BATCH = 500  # events a transaction
SOFT_BOUNCES, WITHIN = 3, timedelta(days=30)  # so many mailboxes full in so long, and the address is given up


@dataclass(frozen=True)
class SesEvent:
    """One event. `message_id` and `run_date` are None where the mail was not one of a campaign's."""

    type: str
    at: datetime
    ses_message_id: str
    message_id: UUID | None
    run_date: date | None
    raw: dict[str, Any]

    @property
    def key(self) -> str:
        """The same for every repeat of the event. One mail has one Send, but may be delayed, say, more than once."""
        parts = [self.ses_message_id, self.type, self.at.isoformat()]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def parse(line: str, file: str, row: int) -> SesEvent:
    """An event from a line of JSON; an SNS notification around it is opened first.

    Raises:
        BadInput: it is no event of SES; what is missing or wrong, by its name.
    """
    try:
        raw = json.loads(line)
        if isinstance(raw, dict) and isinstance(raw.get("Message"), str):
            raw = json.loads(raw["Message"])
    except json.JSONDecodeError:
        raise BadInput(file, row, "line", line[:80], "a JSON object, as SES publishes events") from None
    if not isinstance(raw, dict):
        raise BadInput(file, row, "line", line[:80], "a JSON object, as SES publishes events")
    kind = raw.get("eventType") or raw.get("notificationType")
    mail = raw.get("mail")
    if not isinstance(kind, str):
        raise BadInput(file, row, "eventType", kind, "the name of an event, such as Delivery")
    if not isinstance(mail, dict) or not isinstance(mail.get("messageId"), str):
        raise BadInput(file, row, "mail.messageId", None, "the id that SES gave the mail")
    message, run = _tags(mail)
    return SesEvent(kind, _time(raw, kind, mail, file, row), mail["messageId"], message, run, raw)


def _time(raw: dict[str, Any], kind: str, mail: dict[str, Any], file: str, row: int) -> datetime:
    body = raw.get(kind[:1].lower() + kind[1:].replace(" ", ""))
    told = (body.get("timestamp") if isinstance(body, dict) else None) or mail.get("timestamp")
    try:
        return datetime.fromisoformat(str(told)).astimezone(UTC)
    except ValueError:
        raise BadInput(file, row, "timestamp", told, "a time in ISO 8601") from None


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


def take_in(database: Database, events: Iterable[SesEvent]) -> Counter[str]:
    """Keep events and move their messages; counts by type, repeats not counted. Order makes no difference."""
    counts: Counter[str] = Counter()
    for some in _batches(events):
        with database.connect() as connection:
            for event in some:
                counts[event.type] += _take(connection, event)
    return counts


def _take(connection: psycopg.Connection[Any], event: SesEvent) -> bool:
    """Keep one event, and do what it asks for; False for a repeat."""
    values = vars(event) | {"key": event.key, "raw": json.dumps(event.raw)}
    if connection.execute(SQL["note"], values).fetchone() is None:
        return False
    found = connection.execute(SQL["find"], values).fetchone() if event.message_id else None
    if found is not None and event.type in set(Said):
        state = after(State(found[0]), Said(event.type))
        connection.execute(SQL["move"], values | {"state": state, "sent_at": event.at})
        if found[4] is not None:
            _suppress(connection, event, found[4], values)
    return True


def _suppress(connection: psycopg.Connection[Any], event: SesEvent, address_hash: str, values: dict[str, Any]) -> None:
    """A complaint and a hard bounce end all mail to an address; soft bounces once there are several."""
    reason = None
    if event.type == Said.COMPLAINT:
        reason = "complaint"
    elif event.type == Said.BOUNCE and _permanent(event):
        reason = "bounce"
    elif event.type == Said.BOUNCE:
        since = values | {"since": event.at - WITHIN}
        row = connection.execute(SQL["soft_bounces"], since).fetchone()
        reason = "soft_bounces" if row and row[0] >= SOFT_BOUNCES else None
    if reason is not None:
        connection.execute(SQL["suppress"], {"address_hash": address_hash, "reason": reason, "at": event.at})


def _permanent(event: SesEvent) -> bool:
    bounce = event.raw.get("bounce")
    return isinstance(bounce, dict) and bounce.get("bounceType") == "Permanent"


def _batches(events: Iterable[SesEvent]) -> Iterator[list[SesEvent]]:
    some: list[SesEvent] = []
    for event in events:
        some.append(event)
        if len(some) == BATCH:
            yield some
            some = []
    yield some


def import_file(database: Database, path: Path) -> tuple[Counter[str], list[BadInput]]:
    """Take in a file of events, one JSON object a line; lines that are none are told and passed over.

    Raises:
        RefusedFile: it cannot be read.
    """
    bad: list[BadInput] = []
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            return take_in(database, _parsed(lines, path.name, bad)), bad
    except OSError as error:
        raise RefusedFile(str(path), error.strerror or str(error)) from error


def _parsed(lines: Iterable[str], file: str, bad: list[BadInput]) -> Iterator[SesEvent]:
    for row, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield parse(line, file, row)
            except BadInput as error:
                bad.append(error)


def follow(database: Database, path: Path) -> Counter[str]:
    """Take in what a growing file of events has gained since it was last followed; a torn last line waits."""
    if not path.exists():
        return Counter()
    values = {"path": str(path)}
    with database.connect() as connection:
        row = connection.execute(SQL["spool"], values).fetchone()
    start = row[0] if row else 0
    with path.open("rb") as file:
        file.seek(start)
        whole = file.read().rpartition(b"\n")
    text = (whole[0] + whole[1]).decode("utf-8", errors="replace")
    counts = take_in(database, _parsed(text.splitlines(), path.name, []))
    with database.connect() as connection:
        connection.execute(SQL["spooled"], values | {"read_up_to": start + len(whole[0] + whole[1])})
    return counts
