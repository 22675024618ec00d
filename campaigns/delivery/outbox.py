"""The messages waiting to go. Each method is one transaction, of statements of outbox.sql."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg.rows import class_row, dict_row

from campaigns.db import statements
from campaigns.db.database import unreachable

if TYPE_CHECKING:
    from campaigns.db import Database
    from campaigns.settings import Settings

SQL = statements("campaigns.delivery", "outbox.sql")
BATCH = 200  # messages claimed at once
LOCKS = 73  # the class of advisory locks that living workers hold
LEASE = timedelta(minutes=10)  # far longer than a call may take: a worker that is silent for so long hangs
EXPIRES = timedelta(hours=12)  # after its due time a message is of no use any more


@dataclass(frozen=True)
class Message:
    """A message that left the queue: claimed, or settled at its time (then `state` says how)."""

    id: UUID
    run_id: int
    run_date: date
    member_id: str
    state: str
    at: datetime
    content: dict[str, Any]
    email: str | None
    given_name: str | None
    pixel_consent: bool | None


class Ending(NamedTuple):
    """How an attempt to send a message ended. `outcome` is a key of `OUTCOMES`; `said`, the transport's own words."""

    message: Message
    number: int
    outcome: str
    subject: str
    ses_message_id: str | None = None
    said: str | None = None


OUTCOMES = {  # how an attempt ended → the statement that moves its message
    "accepted": "accepted",
    "in_doubt": "unclear",
    "throttled": "waiting_again",
    "stopped": "waiting_again",
    "refused": "refused",
}


@dataclass(frozen=True)
class Rules:
    """What is checked again at a message's time."""

    cap_mails: int
    cap_within: timedelta
    quiet_start: int
    quiet_end: int
    expires: timedelta = EXPIRES

    @classmethod
    def of(cls, settings: Settings) -> Rules:
        """The rules in `settings`."""
        cap, quiet = settings.frequency_cap, settings.quiet_hours
        return cls(cap.mails, cap.within, quiet.start, quiet.end)


class Outbox:
    """One worker's view of the queue. The worker lives as long as its connection does."""

    def __init__(
        self, connection: psycopg.Connection[Any], rules: Rules, clock: Callable[[], datetime], day: date | None = None
    ) -> None:
        self.connection, self.rules, self.clock, self.day = connection, rules, clock, day
        self.worker: int = self._one("enlist")
        self._one("live")

    def claim(self, limit: int) -> list[Message]:
        """Take up to `limit` messages that are due: claimed ones are ours alone, the others are settled."""
        with self.connection.cursor(row_factory=class_row(Message)) as cursor:
            return cursor.execute(SQL["claim"], self._values(limit=limit) | vars(self.rules)).fetchall()

    def begin(self, messages: Sequence[Message]) -> dict[UUID, int]:
        """Promise to call SES for these now: those still ours and still wanted, with the number of the attempt."""
        values = self._values(ids=[m.id for m in messages], days=list({m.run_date for m in messages}))
        return dict(self.connection.execute(SQL["begin"], values).fetchall())

    def end(self, endings: Sequence[Ending]) -> None:
        """Write down how attempts ended, and what that makes of their messages: all of it at once."""
        with self.connection.pipeline(), self.connection.transaction(), self.connection.cursor() as cursor:
            cursor.execute(SQL["unhurried"])
            # Rows are locked in the order of their ids, as whoever takes in events does: so no two wait for each other.
            for ending in sorted(endings, key=lambda ending: ending.message.id):
                values = self._ended(ending)
                cursor.execute(SQL["attempted"], values)
                cursor.execute(SQL[OUTCOMES[ending.outcome]], values)

    def fail(self, message: Message, reason: str) -> None:
        """A message that cannot be made: it failed before any call."""
        self.connection.execute(SQL["unmade"], self._values(id=message.id, run_date=message.run_date, reason=reason))

    def release(self) -> None:
        """Give back what was claimed and not begun."""
        self.connection.execute(SQL["release"], self._values())

    def reclaim(self) -> Counter[str]:
        """Take back what dead workers held; counts by the state it came to."""
        return Counter(state for (state,) in self.connection.execute(SQL["reclaim"], self._values(lease=LEASE)))

    def busy(self) -> bool:
        """Is anything due, or held by a worker?"""
        return self.due(limit=1) > 0 or bool(self._one("held"))

    def due(self, *, limit: int = BATCH) -> int:
        """How many messages are due, counted up to `limit`."""
        return int(self._one("due", limit=limit, expires=self.rules.expires))

    def template(self, run_id: int) -> dict[str, Any]:
        """A run's campaign: name, compiled template and definition, as approved."""
        with self.connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(SQL["template"], {"run_id": run_id}).fetchone() or {}

    def _ended(self, ending: Ending) -> dict[str, Any]:
        message = ending.message
        return self._values(id=message.id, run_date=message.run_date, at=message.at) | ending._asdict()

    def _one(self, name: str, **values: Any) -> Any:
        row = self.connection.execute(SQL[name], self._values(**values)).fetchone()
        return row[0] if row else None

    def _values(self, **values: Any) -> dict[str, Any]:
        wall = self.clock()
        worker = getattr(self, "worker", None)
        return {"now": wall, "wall": wall, "day": self.day, "worker": worker, "class": LOCKS} | values


@contextmanager
def outbox(
    database: Database, rules: Rules, clock: Callable[[], datetime], day: date | None = None
) -> Iterator[Outbox]:
    """A worker's outbox on a connection of its own; what it had not begun is given back at the end.

    Raises:
        Unavailable: the database went away. What was being sent is in doubt, the rest waits.
    """
    with database.connect() as connection:
        connection.autocommit = True
        try:
            made = Outbox(connection, rules, clock, day)
            try:
                yield made
            finally:
                if not connection.closed:
                    made.release()
        except psycopg.OperationalError as error:
            raise unreachable(error) from None


def suppress_stopped(database: Database, campaign_id: int | None = None) -> int:
    """Suppress the waiting messages of a stopped campaign, None: of all that are stopped; returns how many."""
    with database.connect() as connection:
        return connection.execute(SQL["suppress_stopped"], {"campaign_id": campaign_id}).rowcount
