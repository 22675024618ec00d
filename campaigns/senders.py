"""One sender over one outbox, in this process or in several others: what has to start fast, and so imports little."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from campaigns.db import Database
from campaigns.delivery import Composer, Pace, Rules, Worker, outbox
from campaigns.errors import EncoreError, Unavailable
from campaigns.processes import Stopping, in_processes
from campaigns.settings import Settings, secret_key

if TYPE_CHECKING:
    from campaigns.delivery import Outbox
    from campaigns.delivery.ses import Ses

Clock = Callable[[], datetime]


def wall_clock() -> datetime:
    """The time it is."""
    return datetime.now(UTC)


class Carrier(NamedTuple):
    """Where mails go: an endpoint that speaks SES (None: Amazon's own), and the file of events that it writes."""

    endpoint: str | None = None
    spool: Path | None = None


class Sending(NamedTuple):
    """What a sender needs to know; it can be pickled, as long as its clock can."""

    settings: Settings
    url: str
    carrier: Carrier
    day: date | None
    clock: Clock


def transport(settings: Settings, carrier: Carrier) -> Ses:
    """SES as `settings` reach it; at an endpoint of our own any credentials will do."""
    from campaigns.delivery.ses import Ses  # noqa: PLC0415 - boto3 takes .4 s to import, and most commands send nothing

    if carrier.endpoint is None:
        return Ses(settings.configuration_set)
    local: dict[str, Any] = {
        "aws_access_key_id": "local",
        "aws_secret_access_key": "local",
        "region_name": "us-east-1",
    }
    return Ses(settings.configuration_set, endpoint_url=carrier.endpoint, **local)


def send_alone(how: Sending, box: Outbox, stopping: Stopping, share: int = 1) -> Counter[str]:
    """Drain the queue as one of `share` workers; the account's rate is divided among them.

    Raises:
        Unavailable: SES takes nothing more; what is left waits.
    """
    carried = transport(how.settings, how.carrier)
    pace = Pace(max(0.1, carried.quota().a_second / share))
    composer = Composer(how.settings, secret_key(how.settings), box.template)
    worker = Worker(box, carried, composer, pace, stopping)
    worker.drain()
    return worker.counts


def send_together(how: Sending, stopping: Stopping, processes: int) -> Counter[str]:
    """Drain the queue in so many processes. What one that is killed leaves is taken back, and the others go on.

    Raises:
        Unavailable: SES takes nothing more, or every process died; what is left waits.
    """
    answers = in_processes(_work, (how, processes), processes, stopping)
    for answer in answers:
        if isinstance(answer, EncoreError):
            raise answer
    counts = sum(filter(None, answers), Counter[str]())
    if None in answers and not counts:
        raise Unavailable("a worker", "died while sending", "run the command again: nothing is sent twice")
    return counts


def _work(how: Sending, share: int, *, stopping: Stopping) -> Counter[str] | EncoreError:
    """A worker in a process of its own; the error that ended it, if one did."""
    try:
        with outbox(Database(how.url), Rules.of(how.settings), how.clock, how.day) as box:
            return send_alone(how, box, stopping, share)
    except EncoreError as error:
        return error
