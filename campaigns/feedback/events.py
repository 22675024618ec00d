"""Taking in what SES says of our mails: each event kept once, matched to its message, and acted on.

Where the same events arrive in another order, or repeatedly, everything comes out the same.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import reduce
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from campaigns.db import statements
from campaigns.delivery import Said, State, after
from campaigns.errors import BadInput, RefusedFile
from campaigns.feedback.event import SesEvent, parse

if TYPE_CHECKING:
    import psycopg

    from campaigns.db import Database

    Connection = psycopg.Connection[Any]

SQL = statements("campaigns.feedback", "feedback.sql")
BATCH = 1_000  # events a transaction
LONGEST = 1 << 20  # bytes of a line; SNS carries 256 KB at most
FULL, WITHIN = 3, timedelta(days=30)  # a mailbox that was full so often within so long is given up
SAYS = frozenset(Said)
NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")  # as JSON writes it; behind an odd backslash these are letters
BULKY = ("headers", "commonHeaders")  # of the mail: long, nowhere needed, and full of names


def take_in(database: Database, events: Iterable[SesEvent]) -> Counter[str]:
    """Keep events and move their messages; counts by type, repeats not counted. Order makes no difference."""
    counts: Counter[str] = Counter()
    left = iter(events)
    while some := list(islice(left, BATCH)):
        with database.connect() as connection:
            counts += _take(connection, some)
    return counts


def import_file(database: Database, path: Path) -> tuple[Counter[str], list[BadInput]]:
    """Take in a file of events, one JSON object a line; lines that are none are told and passed over.

    Raises:
        RefusedFile: it cannot be read, or no line of it is an event.
    """
    bad: list[BadInput] = []
    try:
        with path.open("rb") as file:
            events = _parsed((line for line, _ in _lines(file)), path.name, bad)
            first = next(events, None)
            if first is not None:
                return take_in(database, chain([first], events)), bad
    except OSError as error:
        raise RefusedFile(str(path), error.strerror or str(error)) from error
    if bad:
        raise RefusedFile(str(path), f"no line of it is an event of SES; row {bad[0].row} is not {bad[0].expected}")
    return Counter(), bad


def follow(database: Database, path: Path) -> Counter[str]:
    """Take in what a growing file of events has gained since it was last followed; a torn last line waits.

    Any number of processes may follow it: they take turns. Lines that are no events count as `unreadable`.
    """
    total: Counter[str] = Counter()
    more = path.exists()
    while more:
        counts, more = _follow(database, path)
        total += counts
    return total


def _follow(database: Database, path: Path) -> tuple[Counter[str], bool]:
    """Take in the next lines of a file, and note how far that was in the same transaction; are there more?"""
    values = {"path": str(path.absolute())}
    with database.connect() as connection, path.open("rb") as file:
        connection.execute(SQL["known"], values)
        (start,) = connection.execute(SQL["spool"], values).fetchone() or (0,)
        start = start if start <= path.stat().st_size else 0  # another file has taken its place
        file.seek(start)
        whole = [line for line, ends in islice(_lines(file), BATCH) if ends]
        bad: list[BadInput] = []
        counts = _take(connection, list(_parsed(whole, path.name, bad)))
        read = start + sum(map(len, whole))
        connection.execute(SQL["spooled"], values | {"read_up_to": read})
    return counts + Counter(unreadable=len(bad)), len(whole) == BATCH


def _lines(file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """The lines of a file, and whether each has its end: the last may still be being written."""
    while line := file.readline(LONGEST):
        yield line, line.endswith(b"\n") or len(line) == LONGEST  # longer than any event: taken in pieces, and told


def _parsed(lines: Iterable[bytes], file: str, bad: list[BadInput]) -> Iterator[SesEvent]:
    for row, line in enumerate(lines, start=1):
        text = line.decode("utf-8-sig" if row == 1 else "utf-8", errors="replace").strip()
        if text:
            try:
                yield parse(text, file, row)
            except BadInput as error:
                bad.append(error)


def _take(connection: Connection, events: Sequence[SesEvent]) -> Counter[str]:
    """Keep events, and do what the new ones ask for; counts by type."""
    if not events:
        return Counter()
    told = dict(sorted({event.key: event for event in events}.items()))
    new = [told[key] for (key,) in connection.execute(SQL["note"], _columns(told))]
    _move(connection, [event for event in new if event.type in SAYS and event.message_id])
    for address, reason, at in sorted(_suppressions(connection, new)):
        connection.execute(SQL["suppress"], {"address": address, "reason": reason, "at": at})
    return Counter(event.type for event in new)


def _columns(told: dict[str, SesEvent]) -> dict[str, list[Any]]:
    events = told.values()
    return {
        "keys": list(told),
        "types": [e.type for e in events],
        "ats": [e.at for e in events],
        "ses_message_ids": [e.ses_message_id for e in events],
        "message_ids": [e.message_id for e in events],
        "run_dates": [e.run_date for e in events],
        "raws": [_text(e.raw) for e in events],
    }


def _text(raw: dict[str, Any]) -> str:
    """An event as JSON that PostgreSQL can take apart: without NUL or half a character, which a text cannot hold."""
    slim = raw | {"mail": {key: value for key, value in raw["mail"].items() if key not in BULKY}}
    text = json.dumps(slim, ensure_ascii=False).encode("utf-8", "replace").decode()
    return NUL.sub(r"\1", text) if "\\u0000" in text else text


def _move(connection: Connection, events: Sequence[SesEvent]) -> None:
    """Lead messages to the highest state that any of their events has said."""
    of_message = defaultdict(list)
    for event in events:
        of_message[event.message_id, event.run_date].append(event)
    ids, days = [message for message, _ in of_message], [day for _, day in of_message]
    found = connection.execute(SQL["find"], {"message_ids": ids, "run_dates": days}).fetchall()
    moves = [_led(row, of_message[row[:2]]) for row in found]
    if moves:
        connection.execute(SQL["move"], {name: [move[name] for move in moves] for name in moves[0]})


def _led(found: tuple[Any, ...], events: Sequence[SesEvent]) -> dict[str, Any]:
    """Where a message's events lead it, as a row for `move`."""
    message_id, run_date, state, ses_message_id = found
    # What failed without a call that SES took is no event's word: whatever SES says of it is more.
    known = State(state) if state != State.FAILED or ses_message_id else State.SENDING
    calls = {event.ses_message_id for event in events}
    failures = [event.type for event in events if after(State.SENDING, Said(event.type)) == State.FAILED]
    return {
        "message_ids": message_id,
        "run_dates": run_date,
        "states": reduce(after, (Said(event.type) for event in events), known),
        "twice": len(calls | {ses_message_id or min(calls)}) > 1,
        "ses_message_ids": min(calls),
        "reasons": min(failures, default=None),
        "sent_ats": min(event.mailed_at for event in events),
    }


def _suppressions(connection: Connection, events: Iterable[SesEvent]) -> Iterator[tuple[str, str, datetime]]:
    """Addresses that get no more mail, why and since when: complained of, bounced for good, or full too often."""
    for event in events:
        reason: str | None = None
        at: datetime | None = event.at
        if event.type == Said.COMPLAINT:
            reason = "complaint"
        elif event.type == Said.BOUNCE and event.body.get("bounceType") == "Permanent":
            reason = "bounce"
        elif event.type == Said.BOUNCE and event.body.get("bounceSubType") == "MailboxFull" and event.message_id:
            reason, at = "mailbox_full", _given_up(connection, event)
        if reason is not None and at is not None:
            yield from ((address, reason, at) for address in event.addresses())


def _given_up(connection: Connection, event: SesEvent) -> datetime | None:
    values = {"message_id": event.message_id, "run_date": event.run_date, "times": FULL, "within": WITHIN}
    row = connection.execute(SQL["given_up"], values).fetchone()
    return row[0] if row else None
