"""The demo: a simulated service lives four weeks, and Encore writes to its lapsed members.

In the end the truth stands beside the report.
Everything is under one folder, in a home of the demo's own, so that it never meets anyone's campaigns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from prefect import flow

from campaigns.planning import midnight
from campaigns.planning.title_models import title_model
from campaigns.reports.report import report
from campaigns.sandbox import Service
from campaigns.sending import Carrier
from campaigns.standin import mails, mails_file
from campaigns.stores import Stores
from flows.daily import Day, one_day
from flows.showcase import Showcase, show
from flows.tasks import station
from flows.training import learn
from flows.world import CAMPAIGN, DAYS, take_in

Said = Callable[[str], None]
fit_titles = station(title_model, "fit titles")


@dataclass(frozen=True)
class Demo:
    """One demo: where it is, and what takes part in it."""

    folder: Path
    stores: Stores
    carrier: Carrier
    service: Service

    @property
    def first_day(self) -> date:
        """The day on which the campaign begins."""
        return date.fromisoformat(self.service.setup.start)

    @property
    def days(self) -> list[date]:
        """The days of the campaign."""
        return [self.first_day + timedelta(days=n) for n in range(DAYS)]


def live(demo: Demo, said: Said) -> Showcase:
    """Let the four weeks pass, and show what came of them."""

    @flow(name="demo", validate_parameters=False, persist_result=False)
    def four_weeks() -> None:
        start = midnight(demo.stores.settings, demo.days[0])
        fitted = fit_titles.submit(demo.stores, start)  # the first day's run would, with nothing else beside it
        learn(demo.stores, start)
        for day in demo.days:
            said(_line(demo, _one_day(demo, day)))
        fitted.result()

    four_weeks()
    return _shown(demo)


def _one_day(demo: Demo, day: date) -> Day:
    """Encore's day, then the service's: it reads the mails that were accepted, and answers by files."""
    before = mails_file(demo.stores.home).stat().st_size
    done = one_day(demo.stores, demo.carrier, day, name=None, sends=True)
    answer = demo.service.live(day, mails(demo.stores.home, start=before))
    take_in(demo.stores, answer, day + timedelta(days=1))
    return done


def _line(demo: Demo, day: Day) -> str:
    week, weekday = divmod((day.day - demo.days[0]).days, 7)
    counts = day.counts
    place = f"week {week + 1}, day {weekday + 1}" if weekday else f"week {week + 1}"
    return (
        f"  {day.day:%a %d %b}  {place:<14} lapsed {counts['eligible']:>7,}   held out {counts['held_out']:>4,}"
        f"   mailed {day.sent['sent']:>4,}"
    )


def _shown(demo: Demo) -> Showcase:
    as_of = midnight(demo.stores.settings, demo.days[-1] + timedelta(days=1))
    found = report(demo.stores, CAMPAIGN["name"], as_of)
    truth = demo.service.truth(CAMPAIGN["name"], within_days=found["within_days"], as_of=as_of)
    return show(demo.folder, demo.stores, found, truth)
