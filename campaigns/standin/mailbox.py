"""What the stand-in keeps under `home/mailbox/`, and reading it back.

mails.jsonl    one accepted mail a line, oldest first: the truth, everything else here follows from it
events.jsonl   one event a line, as SES publishes them
index.html     the newest mails; `<message_id>.html` is a mail's own page
standin.json   where the running stand-in listens: {"port": …, "pid": …}
quota.json     optional: {"max_send_rate": mails a second, "max_24_hour_send": mails a day}
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from campaigns.standin import jsonl


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A mail as its sender hands it over. Addresses stand as they were given, with or without a name."""

    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    reply_to: tuple[str, ...] = ()
    subject: str
    html: str | None
    text: str | None
    headers: Mapping[str, str]
    tags: Mapping[str, str]
    configuration_set: str | None = None

    @property
    def recipients(self) -> tuple[str, ...]:
        """Everyone it goes to, seen or unseen."""
        return self.to + self.cc + self.bcc


@dataclass(frozen=True, kw_only=True)
class Mail(Letter):
    """An accepted mail. `received_at` is wall time, to the millisecond, and never goes back from mail to mail.

    `sent_so_far` counts the recipients of all mails up to this one that the daily quota counts.
    """

    message_id: str
    received_at: datetime
    sent_so_far: int


def folder(home: Path) -> Path:
    """Where the stand-in of a home keeps its mail."""
    return home / "mailbox"


def mails_file(home: Path) -> Path:
    """The accepted mails, one JSON object a line."""
    return folder(home) / "mails.jsonl"


def events_file(home: Path) -> Path:
    """The events, one JSON object a line, for `encore events import`."""
    return folder(home) / "events.jsonl"


def index_file(home: Path) -> Path:
    """The page that lists the newest mails."""
    return folder(home) / "index.html"


def mails(home: Path, *, since: datetime | None = None, start: int = 0) -> Iterator[Mail]:
    """The accepted mails, oldest first; with `since`, those received at that time or later.

    `start` is a byte to begin at: what `mails_file` held, say, before the mails that are asked for.
    A home without a mailbox has none. A line that is still being written is left for the next reading.
    """
    path = mails_file(home)
    if not path.exists():
        return
    for line in jsonl.lines(path, start=start if since is None else offset_of(path, since)):
        yield from_line(line)


def offset_of(path: Path, moment: datetime) -> int:
    """The byte at which the first mail received at `moment` or later begins."""
    return jsonl.bisect(path, lambda line: datetime.fromisoformat(json.loads(line)["received_at"]) >= moment)


def to_line(mail: Mail) -> bytes:
    """A mail as its line of mails.jsonl. Plain ASCII, so that nothing in it can look like a line's end."""
    record = {
        "message_id": mail.message_id,
        "received_at": iso(mail.received_at),
        "sent_so_far": mail.sent_so_far,
        "from": mail.sender,
        "to": mail.to,
        "cc": mail.cc,
        "bcc": mail.bcc,
        "reply_to": mail.reply_to,
        "subject": mail.subject,
        "html": mail.html,
        "text": mail.text,
        "headers": mail.headers,
        "tags": mail.tags,
        "configuration_set": mail.configuration_set,
    }
    return json.dumps(record).encode() + b"\n"


def from_line(line: bytes) -> Mail:
    """The mail that a line of mails.jsonl holds."""
    record: dict[str, Any] = json.loads(line)
    record["sender"] = record.pop("from")
    record["received_at"] = datetime.fromisoformat(record["received_at"])
    for name in ("to", "cc", "bcc", "reply_to"):
        record[name] = tuple(record[name])
    return Mail(**record)


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and `Z`, as SES writes times."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
