"""Sending, as the command line and the flows do it: settle what is in doubt, then work the queue until it is empty."""

from __future__ import annotations

import math
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from campaigns.db import Database
from campaigns.delivery import Composer, Pace, Rules, Worker, outbox
from campaigns.errors import EncoreError, Unavailable
from campaigns.feedback import follow, probe, settle
from campaigns.outcomes import mark_returned
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
    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local", "region_name": "us-east-1"}
    return Ses(settings.configuration_set, endpoint_url=carrier.endpoint, **keys)


def reconcile(stores: Stores, carrier: Carrier, clock: Clock = wall_clock) -> Counter[str]:
    """Find what dead workers left, take in events, and settle doubts as far as the evidence goes.

    Returns counts: `claimed` and `sending` messages taken back come up as planned and in_doubt; doubts settled as
    what they became, under `settled_…`.
    """
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
) -> Counter[str]:
    """Send what is due: until nothing is and no living worker holds a claim, or for ever.

    `said` is told the counts so far from time to time. Counts are by the state that a message came to.

    Raises:
        Unavailable: SES takes nothing more; what is left waits.
    """
    total: Counter[str] = Counter()
    while True:
        reconcile(stores, carrier, clock)
        mark_returned(stores)
        total += _round(stores, carrier, day=day, until_empty=until_empty, clock=clock)
        if carrier.spool is not None:
            follow(stores.database, carrier.spool)
        said(total)
        if until_empty:
            return total


def _round(stores: Stores, carrier: Carrier, *, day: date | None, until_empty: bool, clock: Clock) -> Counter[str]:
    """Work the queue, in as many processes as what is due deserves; a worker that runs on comes back after a while."""
    began = time.monotonic()
    total: Counter[str] = Counter()
    with outbox(stores.database, Rules.of(stores.settings), clock, day) as box:
        while True:
            processes = min(stores.settings.workers, math.ceil(box.due() / A_PROCESS))
            total += _many(stores, carrier, day, processes) if processes > 1 else _one(stores, carrier, box, 1)
            box.reclaim()
            if until_empty and not box.busy():
                return total
            if not until_empty and time.monotonic() - began > ROUND:
                return total
            time.sleep(BREATH if until_empty else IDLE)


def _one(stores: Stores, carrier: Carrier, box: Outbox, share: int) -> Counter[str]:
    """Drain the queue as one of `share` workers; the account's rate is divided among them."""
    if not box.due():
        return Counter()
    carried = transport(stores.settings, carrier)
    pace = Pace(max(0.1, carried.quota().a_second / share))
    worker = Worker(box, carried, Composer(stores.settings, secret_key(stores.settings), box.template), pace)
    worker.drain()
    return worker.counts


def _many(stores: Stores, carrier: Carrier, day: date | None, processes: int) -> Counter[str]:
    context = multiprocessing.get_context("spawn")  # a forked process would share our connections and locks
    answers = context.SimpleQueue()
    arguments = (stores.settings, stores.database.url, carrier, day, processes, answers)
    children = [context.Process(target=_work, args=arguments, daemon=True) for _ in range(processes)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    counts: Counter[str] = Counter()
    while not answers.empty():
        answer = answers.get()
        if isinstance(answer, EncoreError):
            raise answer
        counts += answer
    if any(child.exitcode for child in children):
        raise Unavailable("a worker", "died while sending", "run the command again: nothing is sent twice")
    return counts


def _work(
    settings: Settings,
    url: str,
    carrier: Carrier,
    day: date | None,
    share: int,
    answers: multiprocessing.queues.SimpleQueue[Counter[str] | EncoreError],
) -> None:
    """A worker in a process of its own."""
    stores = stores_at(settings, url)
    try:
        with outbox(Database(url), Rules.of(settings), wall_clock, day) as box:
            answers.put(_one(stores, carrier, box, share))
    except EncoreError as error:
        answers.put(error)
