"""How a mail leaves: the seam between Encore and whoever carries it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from campaigns.errors import DeliveryError
from campaigns.rendering.mail import Email


class Quota(NamedTuple):
    """What the account may send: mails in 24 hours, of which some are used, and mails a second."""

    a_day: float
    used: float
    a_second: float

    @property
    def left(self) -> int:
        """Mails that may still go; an account without a daily limit says -1 a day."""
        return 2**31 if self.a_day < 0 else max(0, int(self.a_day - self.used))


_ADDRESS = re.compile(r"[^\s@<>'\"(),;:]+@[^\s@<>'\"(),;:]+")


def discreet(said: str) -> str:
    """What someone said, without the addresses in it: it will be logged and shown.

    >>> discreet("Email address is not verified: ana@example.com")
    'Email address is not verified: …@…'
    """
    return _ADDRESS.sub("…@…", said)


class Transport(Protocol):
    """Carries mails."""

    def send(self, email: Email) -> str:
        """Hand one mail over; returns the carrier's id for it.

        Raises:
            DeliveryError: `Throttled`, `Refused` and `AccountStopped` say that it surely was not taken, `InDoubt` that
                nobody knows.
        """
        ...

    def quota(self) -> Quota:
        """What may be sent."""
        ...


@dataclass
class Mailbox:
    """A transport that keeps what it is given, for tests and trials. `refuse` may answer with an error for a mail."""

    refuse: Callable[[Email], DeliveryError | None] = lambda _: None
    mails: list[Email] = field(default_factory=list)

    def send(self, email: Email) -> str:
        """Keep the mail."""
        error = self.refuse(email)
        if error is not None:
            raise error
        self.mails.append(email)
        return f"kept-{len(self.mails)}"

    def quota(self) -> Quota:
        """No limits."""
        return Quota(-1, 0, 1e9)
