"""Sending, as the command line and the flows do it: settle what is in doubt, then work the queue until it is empty."""

from __future__ import annotations

import math
import time
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

from campaigns.delivery import Rules, outbox, suppress_stopped
from campaigns.feedback import follow, probe, settle
from campaigns.outcomes import mark_returned
from campaigns.senders import Carrier, Clock, Sending, send_alone, send_together, transport, wall_clock
from campaigns.settings import secret_key

if TYPE_CHECKING:
    from campaigns.delivery import Outbox
    from campaigns.processes import Stopping
    from campaigns.stores import Stores

__all__ = ["Carrier", "Clock", "deliver", "reconcile", "transport", "wall_clock"]

A_PROCESS = 1_000  # messages due that are worth another process: starting one costs what sending these does
BREATH = 0.2  # seconds between looks at a queue that others are working
IDLE = 1.0  # seconds between looks at a queue that is empty
ROUND = 60.0  # seconds after which a worker that runs on looks for doubts and comebacks again


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
    stopping: Stopping = lambda: False,
) -> Counter[str]:
    """Send what is due: until nothing is and no living worker holds a claim, or until `stopping` says so.

    Counts are by the state that a message came to. Where several processes send, the clock is pickled.

    Raises:
        Unavailable: SES takes nothing more, or the database is gone; what is left waits.
    """
    secret_key(stores.settings)  # made here, if it has to be: worker processes would make it at the same moment
    how = Sending(stores.settings, stores.database.url, carrier, day, clock)
    total: Counter[str] = Counter()
    while not stopping():
        reconcile(stores, carrier, clock)
        mark_returned(stores)
        total += _round(stores, how, stopping, until_empty=until_empty)
        if carrier.spool is not None:
            follow(stores.database, carrier.spool)
        if until_empty:
            break
    return total


def _round(stores: Stores, how: Sending, stopping: Stopping, *, until_empty: bool) -> Counter[str]:
    """Work the queue until it is empty; a worker that runs on comes back after a while."""
    ends = time.monotonic() + ROUND
    total: Counter[str] = Counter()
    with outbox(stores.database, Rules.of(stores.settings), how.clock, how.day) as box:
        while not stopping():
            total += _work_off(how, box, stopping)
            box.reclaim()
            if not box.busy() if until_empty else time.monotonic() > ends:
                break
            time.sleep(BREATH if until_empty else IDLE)
    return total


def _work_off(how: Sending, box: Outbox, stopping: Stopping) -> Counter[str]:
    """Send what is due, in as many processes as it deserves."""
    most = how.settings.workers
    due = box.due(limit=most * A_PROCESS)
    processes = min(most, math.ceil(due / A_PROCESS))
    if processes > 1:
        return send_together(how, stopping, processes)
    return send_alone(how, box, stopping) if due else Counter()
