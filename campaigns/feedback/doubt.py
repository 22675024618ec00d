"""Messages in doubt: a worker died, or the line broke, while SES was being called, and only evidence can tell.

A Send event says that it went. That it did not go is known only when the stream of events is whole around the call:
every call acknowledged within `in_doubt_after` before and after it has its Send event, and the Send event of a call
that much later has arrived. Where traffic is silent, a probe to the SES mailbox simulator is that later call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from campaigns.delivery import EXPIRES, Transport
from campaigns.errors import DeliveryError
from campaigns.feedback.events import SQL
from campaigns.rendering.mail import Email

if TYPE_CHECKING:
    from campaigns.db import Database
    from campaigns.settings import Settings

SIMULATOR = (
    "success@simulator.amazonses.com"  # https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html
)
AGAIN = timedelta(days=1)  # a probe whose Send was lost is followed by another


class Doubts(NamedTuple):
    """Messages still in doubt, and when the oldest call was made."""

    messages: int
    since: datetime | None


def settle(database: Database, settings: Settings, wall: datetime) -> Counter[str]:
    """Settle what the evidence settles: counts of messages found not sent, by what becomes of them."""
    values = {"wall": wall, "after": timedelta(seconds=settings.in_doubt_after), "expires": EXPIRES}
    with database.connect() as connection:
        return Counter(state for (state,) in connection.execute(SQL["settle"], values))


def doubts(database: Database) -> Doubts:
    """What is in doubt now."""
    with database.connect() as connection:
        row = connection.execute(SQL["doubts"]).fetchone()
    return Doubts(*row) if row else Doubts(0, None)


def probe(database: Database, settings: Settings, transport: Callable[[], Transport], wall: datetime) -> bool:
    """Send a mail to the simulator if no later call was made that could tell; True when one went."""
    after = timedelta(seconds=settings.in_doubt_after)
    values = {"wall": wall, "after": after, "again": max(after, AGAIN)}
    with database.connect() as connection:
        needed = connection.execute(SQL["needs_probe"], values).fetchone()
    if needed != (True,):
        return False
    identity = uuid4()
    said = "Encore checks that delivery events arrive."
    mail = Email(
        id=identity.hex,
        to=SIMULATOR,
        sender=settings.sender,
        subject="Probe",
        html=f"<p>{said}</p>",
        text=said,
        tags={"probe": identity.hex},
    )
    try:
        answer = transport().send(mail)
    except DeliveryError:
        return False
    with database.connect() as connection:
        connection.execute(SQL["probed"], {"id": identity, "started_at": wall, "ses_message_id": answer})
    return True
