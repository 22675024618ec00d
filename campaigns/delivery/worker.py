"""A worker: claims what is due, writes the mails, hands them to the transport, and writes down what it said.

Any number may run at once, and any may be killed at any moment: before a call the message is *sending* and committed,
so what a dead worker leaves is either untouched or in doubt, never forgotten and never sent again without evidence.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from campaigns.delivery.outbox import BATCH, Ending
from campaigns.delivery.states import State
from campaigns.delivery.transports import discreet
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

CALLS = 8  # calls in flight: what a kill can leave in doubt
AHEAD = 10.0  # seconds of sending that are claimed at once: what was checked at its time must not wait for long
PATIENCE = 10  # calls in a row of which none was taken, with longer and longer pauses, before giving up
OUTCOMES: dict[type[DeliveryError], str] = {
    Throttled: "throttled",
    Refused: "refused",
    AccountStopped: "stopped",
    InDoubt: "in_doubt",
}

Answer = str | DeliveryError  # the carrier's id of the mail, or what went wrong
Ready: TypeAlias = "tuple[Message, Email]"


@dataclass
class Pace:
    """At most `rate` calls a second, evenly; fewer while the carrier says that it is too many."""

    rate: float
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    free_at: float = 0.0
    share: float = 1.0  # of the rate, while the carrier asks for less

    def wait(self, calls: int) -> None:
        """Return when `calls` more may go."""
        now = self.clock()
        pause = max(0.0, self.free_at - now)
        self.free_at = now + pause + calls / (self.rate * self.share)
        if pause:
            self.sleep(pause)

    def heed(self, *, throttled: bool) -> None:
        """Halve when told that it was too much, and come back slowly."""
        self.share = max(0.01, self.share / 2) if throttled else min(1.0, self.share * 1.1)


@dataclass
class Worker:
    """One sender over one outbox. `counts` says what became of the messages it took; `stopping` ends it cleanly."""

    box: Outbox
    transport: Transport
    composer: Composer
    pace: Pace
    stopping: Callable[[], bool] = lambda: False
    counts: Counter[str] = field(default_factory=Counter)
    stuck: int = 0  # rounds of calls in a row of which none was taken

    def drain(self) -> None:
        """Send until nothing is due.

        Raises:
            Unavailable: the transport takes nothing more; what is left waits.
        """
        batch = max(CALLS, min(BATCH, int(self.pace.rate * AHEAD)))
        with ThreadPoolExecutor(CALLS) as pool:
            while not self.stopping() and (messages := self.box.claim(batch)):
                self.counts.update(m.state for m in messages if m.state not in (State.CLAIMED, State.PLANNED))
                self._send_all(pool, deque(m for m in messages if m.state == State.CLAIMED))

    def _send_all(self, pool: ThreadPoolExecutor, claimed: deque[Message]) -> None:
        """Send what is claimed, a few at a time; the next are written while the disk takes down that these begin."""
        ready: deque[Ready] = deque()
        self._write(claimed, ready)
        while ready and not self.stopping():
            calls = 1 if self.stuck else CALLS  # where one is not taken, eight would only leave more in doubt
            begun = pool.submit(self._begun, [ready.popleft() for _ in range(min(calls, len(ready)))])
            self._write(claimed, ready)
            going = begun.result()
            self._settle(going, list(pool.map(self._call, [mail for _, mail, _ in going])))

    def _begun(self, ready: Sequence[Ready]) -> list[tuple[Message, Email, int]]:
        """Those that may go, with the number of the attempt, once their turn has come."""
        self.pace.wait(len(ready))
        begun = self.box.begin([message for message, _ in ready])
        return [(message, mail, begun[message.id]) for message, mail in ready if message.id in begun]

    def _settle(self, going: Sequence[tuple[Message, Email, int]], answers: Sequence[Answer]) -> None:
        settled = zip(going, answers, strict=True)
        self.box.end([_ending(message, number, mail.subject, answer) for (message, mail, number), answer in settled])
        self.counts.update(State.SENT if isinstance(a, str) else OUTCOMES[type(a)] for a in answers)
        self._heed(answers)

    def _write(self, claimed: deque[Message], ready: deque[Ready]) -> None:
        """Write mails until a round of calls is ready, or nothing is left to be written."""
        while claimed and len(ready) < CALLS:
            message = claimed.popleft()
            try:
                ready.append((message, self.composer.compose(message)))
            except (BadTemplate, Refused) as error:
                self._fail(message, discreet(str(error)))
            except Exception as error:  # noqa: BLE001 - one mail that cannot be written must not hold up the queue
                self._fail(message, f"{type(error).__name__} while the mail was written")

    def _fail(self, message: Message, why: str) -> None:
        self.box.fail(message, why)
        self.counts[State.FAILED] += 1

    def _call(self, mail: Email) -> Answer:
        try:
            return self.transport.send(mail)
        except DeliveryError as error:
            return error
        except Exception as error:  # noqa: BLE001 - whatever failed in a call, nobody knows whether the mail went
            return InDoubt(mail.id, type(error).__name__)

    def _heed(self, answers: Sequence[Answer]) -> None:
        """Stop where the account takes nothing more; slow down where it asks for it, or nothing is heard of it."""
        kinds = {type(answer) for answer in answers}
        for answer in answers:
            if isinstance(answer, AccountStopped):
                raise Unavailable("Amazon SES", answer.said, "the rest waits; `encore doctor` says more")
        self.pace.heed(throttled=Throttled in kinds)
        self.stuck = self.stuck + 1 if kinds and kinds <= {Throttled, InDoubt} else 0
        if self.stuck > PATIENCE:
            raise Unavailable("Amazon SES", "takes no more mails now", "the rest waits; try again later")
        if self.stuck:
            self.pace.sleep(min(5.0, 0.05 * 2.0**self.stuck))


def _ending(message: Message, number: int, subject: str, answer: Answer) -> Ending:
    if isinstance(answer, str):
        return Ending(message, number, "accepted", subject, ses_message_id=answer)
    return Ending(message, number, OUTCOMES[type(answer)], subject, said=answer.said)
