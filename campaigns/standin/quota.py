"""How fast and how much SES takes: so many recipients a second, so many in any 24 hours.

https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas.html
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from campaigns.errors import RefusedFile
from campaigns.standin.checks import SesError

DAY = 24 * 3600.0
MINUTE = 60.0


@dataclass(frozen=True)
class Quota:
    """What the account may send: recipients a second, and recipients in any 24 hours. Generous, as a laptop's own."""

    max_send_rate: float = 10_000
    max_24_hour_send: float = 1_000_000


def from_file(path: Path) -> Quota:
    """The quota that a file sets; the default where there is no file or it leaves a number out.

    Raises:
        RefusedFile: it is no JSON object of these numbers.
    """
    if not path.exists():
        return Quota()
    try:
        found = json.loads(path.read_text())
        return Quota(**{name: _number(value) for name, value in found.items()})
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise RefusedFile(str(path), 'not like {"max_send_rate": 14, "max_24_hour_send": 50000}') from error


class Meter:
    """Holds a sender to a quota. Times are seconds of the wall clock.

    As with SES, a call goes through while anything is left, however many recipients it has; the debt is paid later.
    """

    def __init__(self, quota: Quota, now: float, sent: Iterable[tuple[float, int]] = ()) -> None:
        """`sent`: what the last day saw already, as (time, recipients), oldest first."""
        self.quota = quota
        self._room, self._at = self._burst, now
        self._sent = deque(sent)
        self._total = sum(count for _, count in self._sent)

    def take(self, recipients: int, counted: int, now: float) -> None:
        """Let a mail through that has so many recipients, of which the daily quota counts so many.

        Raises:
            SesError: the account has sent too fast, or too much.
        """
        if counted and self.sent_last_24_hours(now) >= self.quota.max_24_hour_send:
            raise _too_many("Daily message quota exceeded.")
        self._room = min(self._burst, self._room + max(now - self._at, 0) * self.quota.max_send_rate)
        self._at = now
        if self._room < 1:
            raise _too_many("Maximum sending rate exceeded.")
        self._room -= recipients
        self._count(counted, now)

    def sent_last_24_hours(self, now: float) -> int:
        """Recipients that the daily quota has counted, to the minute."""
        while self._sent and self._sent[0][0] <= now - DAY:
            self._total -= self._sent.popleft()[1]
        return self._total

    @property
    def _burst(self) -> float:
        return max(self.quota.max_send_rate, 1.0)

    def _count(self, counted: int, now: float) -> None:
        minute = now - now % MINUTE + MINUTE
        earlier = self._sent.pop()[1] if self._sent and self._sent[-1][0] == minute else 0
        self._sent.append((minute, earlier + counted))
        self._total += counted


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ValueError(f"{value!r} is not a number from 0 on")
    return float(value)


def _too_many(message: str) -> SesError:
    return SesError(HTTPStatus.TOO_MANY_REQUESTS, "TooManyRequestsException", message)
