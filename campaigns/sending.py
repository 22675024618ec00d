"""Sending, as the command line and the flows do it: settle what is in doubt, then work the queue until it is empty."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from campaigns.db import Database
from campaigns.delivery import Composer, Pace, Rules, Worker, outbox, suppress_stopped
from campaigns.errors import EncoreError, Unavailable
from campaigns.feedback import follow, probe, settle
from campaigns.outcomes import mark_returned
from campaigns.processes import Stopping, in_processes
from campaigns.settings import Settings, secret_key
from campaigns.stores import Stores, stores_at

if TYPE_CHECKING:
    from campaigns.delivery import Outbox
    from campaigns.delivery.ses import Ses

A_PROCESS = 1_000  # messages due that are worth another process: starting one costs what sending these does
BREATH = 0.2  # seconds between looks at a queue that others are working
IDLE = 1.0  # seconds between looks at a queue that is empty
ROUND = 60.0  # seconds after which a worker that runs on looks for doubts and comebacks again

Clock = Callable[[], datetime]


def wall_clock() -> datetime:
    """The time it is."""
    return datetime.now(UTC)


class Carrier(NamedTuple):
    """Where mails go: an endpoint that speaks SES (None: Amazon's own), and the file of events that it writes."""

    endpoint: str | None = None
    spool: Path | None = None


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


def reconcile(stores: Stores, carrier: Carrier, clock: Clock = wall_clock) -> Counter[str]:
    """Find what dead workers left, take in events, and settle doubts as far as the evidence goes.

    Returns counts: messages taken back from dead workers by what they became, as `reclaimed_planned` and
    `reclaimed_in_doubt`; doubts found not sent as `settled_planned` and `settled_expired`.
    """
    suppress_stopped(stores.database)
    with outbox(stores.database, Rules.of(stores.settings), clock) as box:
        counts = Counter({f"reclaimed_{state}": n for state, n in box.reclaim().items()})
    counts += _settled(stores, carrier, clock)
    if probe(stores.database, stores.settings, lambda: transport(stores.settings, carrier), clock()):
        counts += _settled(stores, carrier, clock)
    return counts


def _settled(stores: Stores, carrier: Carrier, clock: Clock) -> Counter[str]:
    if carrier.spool is not None:
        follow(stores.database, carrier.spool)
    return Counter({f"settled_{state}": n for state, n in settle(stores.database, stores.settings, clock()).items()})


def deliver(
    stores: Stores,
    carrier: Carrier,
    *,
    day: date | None = None,
    until_empty: bool = True,
    clock: Clock = wall_clock,
    said: Callable[[Counter[str]], None] = lambda _: None,
    stopping: Stopping = lambda: False,
) -> Counter[str]:
    """Send what is due: until nothing is and no living worker holds a claim, or until `stopping` says so.

    `said` is told the counts so far from time to time. Counts are by the state that a message came to.

    Raises:
        Unavailable: SES takes nothing more, or the database is gone; what is left waits.
    """
    secret_key(stores.settings)  # made here, if it has to be: worker processes would make it at the same moment
    total: Counter[str] = Counter()
    while not stopping():
        reconcile(stores, carrier, clock)
        mark_returned(stores)
        total += _round(stores, carrier, _Round(day, until_empty, clock, stopping))
        if carrier.spool is not None:
            follow(stores.database, carrier.spool)
        said(total)
        if until_empty:
            break
    return total


class _Round(NamedTuple):
    day: date | None
    until_empty: bool
    clock: Clock
    stopping: Stopping


def _round(stores: Stores, carrier: Carrier, how: _Round) -> Counter[str]:
    """Work the queue, in as many processes as what is due deserves; a worker that runs on comes back after a while."""
    ends = time.monotonic() + ROUND
    total: Counter[str] = Counter()
    with outbox(stores.database, Rules.of(stores.settings), how.clock, how.day) as box:
        while not how.stopping():
            total += _work_off(stores, carrier, box, how)
            box.reclaim()
            if not box.busy() if how.until_empty else time.monotonic() > ends:
                break
            time.sleep(BREATH if how.until_empty else IDLE)
    return total


def _work_off(stores: Stores, carrier: Carrier, box: Outbox, how: _Round) -> Counter[str]:
    due = box.due(limit=stores.settings.workers * A_PROCESS)
    processes = min(stores.settings.workers, math.ceil(due / A_PROCESS))
    if processes > 1:
        return _many(stores, carrier, processes, how)
    return _one(stores, carrier, box, share=1, stopping=how.stopping) if due else Counter()


def _one(stores: Stores, carrier: Carrier, box: Outbox, *, share: int, stopping: Stopping) -> Counter[str]:
    """Drain the queue as one of `share` workers; the account's rate is divided among them."""
    carried = transport(stores.settings, carrier)
    pace = Pace(max(0.1, carried.quota().a_second / share))
    composer = Composer(stores.settings, secret_key(stores.settings), box.template)
    worker = Worker(box, carried, composer, pace, stopping)
    worker.drain()
    return worker.counts


def _many(stores: Stores, carrier: Carrier, processes: int, how: _Round) -> Counter[str]:
    """Drain the queue in processes. What one that is killed leaves is taken back, and the others go on."""
    arguments = (stores.settings, stores.database.url, carrier, how.day, how.clock, processes)
    answers = in_processes(_work, arguments, processes, how.stopping)
    for answer in answers:
        if isinstance(answer, EncoreError):
            raise answer
    counts = sum(filter(None, answers), Counter[str]())
    if None in answers and not counts:
        raise Unavailable("a worker", "died while sending", "run the command again: nothing is sent twice")
    return counts


def _work(
    settings: Settings,
    url: str,
    carrier: Carrier,
    day: date | None,
    clock: Clock,
    share: int,
    *,
    stopping: Stopping,
) -> Counter[str] | EncoreError:
    """A worker in a process of its own; the error that ended it, if one did."""
    try:
        with outbox(Database(url), Rules.of(settings), clock, day) as box:
            return _one(stores_at(settings, url), carrier, box, share=share, stopping=stopping)
    except EncoreError as error:
        return error
