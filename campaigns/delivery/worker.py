"""A worker: claims what is due, writes the mails, hands them to the transport, and writes down what it said.

Any number may run at once, and any may be killed at any moment: before a call the message is *sending* and committed,
so what a dead worker leaves is either untouched or in doubt, never forgotten and never sent again without evidence.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING
from uuid import UUID

from campaigns.delivery.states import State
from campaigns.errors import (
    AccountStopped,
    BadTemplate,
    DeliveryError,
    InDoubt,
    Refused,
    Throttled,
    Unavailable,
)

if TYPE_CHECKING:
    from campaigns.delivery.compose import Composer
    from campaigns.delivery.outbox import Message, Outbox
    from campaigns.delivery.transports import Transport
    from campaigns.rendering.mail import Email

BATCH = 200  # messages claimed at once
CALLS = 8  # calls in flight: what a kill can leave in doubt
PATIENCE = 8  # throttled rounds in a row, each twice as long, before giving up
OUTCOMES: dict[type[DeliveryError], str] = {
    Throttled: "throttled",
    Refused: "refused",
    AccountStopped: "stopped",
    InDoubt: "in_doubt",
}


@dataclass
class Pace:
    """At most `rate` calls a second, evenly."""

    rate: float
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    free_at: float = 0.0

    def wait(self, calls: int) -> None:
        """Return when `calls` more may go."""
        now = self.clock()
        self.free_at = max(self.free_at, now) + calls / self.rate
        if self.free_at - calls / self.rate > now:
            self.sleep(self.free_at - calls / self.rate - now)


@dataclass
class Worker:
    """One sender over one outbox. `counts` says what became of the messages it took."""

    box: Outbox
    transport: Transport
    composer: Composer
    pace: Pace
    counts: Counter[str] = field(default_factory=Counter)
    throttled: int = 0

    def drain(self) -> None:
        """Send until nothing is due.

        Raises:
            Unavailable: the transport takes nothing more; what is left waits.
        """
        with ThreadPoolExecutor(CALLS) as pool:
            while messages := self.box.claim(BATCH):
                self.counts.update(m.state for m in messages if m.state != State.CLAIMED)
                claimed = [m for m in messages if m.state == State.CLAIMED]
                for some in _chunks(claimed, CALLS):
                    self._send(pool, some)

    def _send(self, pool: ThreadPoolExecutor, messages: Sequence[Message]) -> None:
        """Write, begin, call, and settle a few messages."""
        mails = dict(self._written(messages))
        begun = self.box.begin([m for m in messages if m.id in mails]) if mails else {}
        going = [m for m in messages if m.id in begun]
        self.pace.wait(len(going))
        answers = list(pool.map(self._call, [mails[m.id] for m in going]))
        for message, answer in zip(going, answers, strict=True):
            self._settle(message, begun[message.id], mails[message.id].subject, answer)
        self._check_account(answers)

    def _written(self, messages: Sequence[Message]) -> Iterator[tuple[UUID, Email]]:
        for message in messages:
            try:
                yield message.id, self.composer.compose(message)
            except (BadTemplate, Refused) as error:
                self._fail(message, str(error))
            except Exception as error:  # noqa: BLE001 - one mail that cannot be written must not hold up the queue
                self._fail(message, f"{type(error).__name__} while the mail was written")

    def _fail(self, message: Message, why: str) -> None:
        self.box.fail(message, why)
        self.counts[State.FAILED] += 1

    def _call(self, mail: Email) -> str | DeliveryError:
        try:
            return self.transport.send(mail)
        except DeliveryError as error:
            return error
        except Exception as error:  # noqa: BLE001 - whatever failed in a call, nobody knows whether the mail went
            return InDoubt(mail.id, type(error).__name__)

    def _settle(self, message: Message, number: int, subject: str, answer: str | DeliveryError) -> None:
        if isinstance(answer, str):
            self.box.end(message, number, "accepted", ses_message_id=answer, subject=subject)
            self.counts[State.SENT] += 1
            self.throttled = 0
            return
        outcome = OUTCOMES[type(answer)]
        self.box.end(message, number, outcome, said=answer.said, subject=subject)
        self.counts[outcome] += 1
        self.throttled += isinstance(answer, Throttled)

    def _check_account(self, answers: Sequence[str | DeliveryError]) -> None:
        """Stop where the account takes nothing more; slow down where it asks for it."""
        for answer in answers:
            if isinstance(answer, AccountStopped):
                raise Unavailable("Amazon SES", answer.said, "the rest waits; `encore doctor` says more")
        if self.throttled > PATIENCE * CALLS:
            raise Unavailable("Amazon SES", "takes no more mails now", "the rest waits; try again later")
        if self.throttled:
            self.pace.sleep(min(5.0, 0.05 * 2.0 ** (self.throttled // CALLS)))


def _chunks(messages: Sequence[Message], size: int) -> Iterator[list[Message]]:
    left = iter(messages)
    while some := list(islice(left, size)):
        yield some
