"""The daily flow: feedback → learn → refresh → score → choose → pick → plan → deliver.

A recipe over plain functions. A run's stations (`planning.plan_run`) are tasks, one a shard; delivery is a queue.
Started again after any end, it goes on where it stopped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple, TypeVar

from prefect import flow

from campaigns import outcomes, planning, sending
from campaigns.planning import Run, Runnable
from campaigns.quota import mails_left
from campaigns.sending import Carrier
from campaigns.stores import Stores
from flows.feedback import feedback
from flows.tasks import station
from flows.training import has_news, learn

EVERY = 7  # days between trainings
Made = TypeVar("Made")

deliver = station(sending.deliver, "deliver")


class Day(NamedTuple):
    """What a day came to, over its campaigns."""

    day: date
    counts: dict[str, int]
    sent: Counter[str]


def daily(
    stores: Stores,
    carrier: Carrier,
    days: Sequence[date],
    *,
    name: str | None,
    sends: bool,
    said: Callable[[Day], None],
) -> list[Day]:
    """Write to the members worth writing to on each of `days`; tells, and returns, what became of each day.

    The stores are no parameters of the flow: Prefect would write down where the database is.
    """

    @flow(name="daily", validate_parameters=False, persist_result=False)
    def period(days: Sequence[date]) -> list[Day]:
        return [_told(one_day(stores, carrier, day, name=name, sends=sends), said) for day in days]

    return period(days)


def one_day(stores: Stores, carrier: Carrier, day: date, *, name: str | None, sends: bool) -> Day:
    """One business day: every campaign that runs on it plans, in turn, then what is due goes out."""
    feedback(stores, carrier)
    runs = planning.runnable(stores.database, day, name)
    if runs and training_is_due(stores, day):
        learn(stores, planning.midnight(stores.settings, day))
    counts: Counter[str] = Counter()
    for campaign in runs:
        counts.update(plan_campaign(stores, carrier, campaign, day))
    sent = deliver(stores, carrier, day=day) if sends else Counter()
    return Day(day, dict(counts), sent)


def training_is_due(stores: Stores, day: date) -> bool:
    """Weekly, where there is anything new to learn; and at once, where the model in use cannot be used."""
    weekly = day.toordinal() % EVERY == 0 and has_news(stores, planning.midnight(stores.settings, day))
    return weekly or not planning.model_is_usable(stores)


def plan_campaign(stores: Stores, carrier: Carrier, campaign: Runnable, day: date) -> dict[str, int]:
    """A campaign's run of a day, from who is eligible to messages; returns its counts."""
    run = open_run(stores, carrier, campaign, day)
    if run.counts is not None:
        return _numbers(run.counts)
    counts = planning.plan_run(stores, run, outcomes.mails(stores), as_tasks)
    planning.close_run(stores.database, run, counts, sending.wall_clock())
    return _numbers(counts)


def as_tasks(name: str, function: Callable[..., Made], *over: Iterable[Any]) -> list[Made]:
    """A station of a run as tasks, one a shard."""
    made: list[Made] = station(function, name).map(*over).result()
    return made


def _numbers(counts: dict[str, Any]) -> dict[str, int]:
    """A run's counts without the reasons."""
    return {key: value for key, value in counts.items() if isinstance(value, int)}


def open_run(stores: Stores, carrier: Carrier, campaign: Runnable, day: date) -> Run:
    """The run of the day, as it was frozen when first opened."""
    found = planning.find_run(stores.database, campaign.id, day)
    if found is not None:
        return found
    quota = sending.transport(stores.settings, carrier).quota()
    left = mails_left(stores.database, stores.settings, quota, day)
    return planning.open_run(
        stores.database,
        campaign,
        day,
        settings=stores.settings,
        wall=sending.wall_clock(),
        budget=min(campaign.asked.run.daily_budget, left),
        model=planning.live_model(stores),
    )


def _told(day: Day, said: Callable[[Day], None]) -> Day:
    said(day)
    return day


def ledger_line(day: Day) -> dict[str, Any]:
    """A day in one line's worth of numbers."""
    excluded = day.counts.get("eligible", 0) - day.counts.get("not_chosen", 0) - day.counts.get("chosen", 0)
    return {
        "day": day.day.isoformat(),
        "eligible": day.counts.get("eligible", 0),
        "excluded": excluded,
        "not_chosen": day.counts.get("not_chosen", 0),
        "held_out": day.counts.get("held_out", 0),
        "sent": day.sent.get("sent", 0),
    }
