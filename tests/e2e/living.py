"""A campaign of four weeks in a simulated service, judged as the report judges it, beside the truth.

Choosing, holding out and judging are Encore's own. What only makes mails better is left out, since forty services live
here: all get one mail at one hour, and the model is trained and members are scored once, on the first day.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from bench import living, policies
from bench.living import CAMPAIGN, DAYS, START, Life, Policy
from campaigns.planning import midnight
from campaigns.reports import measure
from campaigns.reports.measure import Plan
from scoring.lake.schema import TIME
from scoring.winback.labels import comebacks

DUE = timedelta(hours=19)  # after the day's beginning, for everyone
HORIZON = 30  # days: what an open-ended campaign's intervals are tuned to


@dataclass(frozen=True)
class Look:
    """What the report says of a campaign, and the true mean effect on those mailed whose window has closed."""

    difference: dict[str, Any]
    truth: float

    @property
    def has_interval(self) -> bool:
        return self.difference["low"] is not None

    @property
    def covers(self) -> bool:
        return self.difference["low"] <= self.truth <= self.difference["high"]


def look(seed: int) -> Look:
    """Live a world, and look at its report on the day after the last."""
    with tempfile.TemporaryDirectory(prefix="encore-") as folder:
        life = living.begun(Path(folder), seed)
        registered = plan(life)
        living.live(life, scored_once())
        as_of = midnight(life.stores.settings, START + timedelta(days=DAYS))
        judged = measure.judged(known_entries(life, as_of), as_of, registered)
        truth = life.service.truth(life.name, within_days=registered.within.days, as_of=as_of)
        return Look(measure.win_back(judged, registered)["difference"], truth.difference)


def plan(life: Life) -> Plan:
    """What the campaign registers at its first run."""
    share, budget, within = CAMPAIGN["holdout"]["share"], CAMPAIGN["run"]["daily_budget"], living.within()
    return Plan(share, within, min(int(budget * HORIZON / (1 - share)), life.eligible(life.run(START)).height))


def known_entries(life: Life, as_of: datetime) -> pl.DataFrame:
    """The entries with the first comeback within the window, as far as it is known."""
    until = pl.min_horizontal(pl.col("due_at") + living.within(), pl.lit(as_of).cast(TIME))
    asked = life.entries.with_columns(since="due_at", until=until)
    return comebacks(asked, life.stores.lake.scan("plays"), life.stores.lake.scan("outcomes"))


def scored_once() -> Policy:
    """Encore's choice by the gains of the first day, and one mail for all."""
    gains, titles = pl.DataFrame(), list[str]()

    def choose(life, run, eligible):
        nonlocal gains, titles
        if run.run_date == START:
            policies.learn(life, run)
            gains, titles = policies.model_gains(life, run, eligible), policies.most_played(life, run)
        able = gains.join(eligible, on="member_id", how="semi")
        return living.walked(run, able, run.asked.run.explore)

    def write(_, run, chosen):
        return chosen.select(policies.generic_mail(titles, pl.lit(run.cutoff + DUE)))

    return Policy(choose, write)
