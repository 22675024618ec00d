"""A simulated service lived under a policy: Encore's own functions, with no database, no mail server and no flow.

What Encore would keep in PostgreSQL (entries, who may be written to) is kept in frames here; the lake is a real one,
filled from the service's files.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import polars as pl

from campaigns.contacts import Counts
from campaigns.db import Database
from campaigns.intake import import_folder
from campaigns.planning import Run, midnight
from campaigns.planning.eligibility import lapsed_on
from campaigns.planning.trial_run import unopened
from campaigns.sandbox import SHOWN, Service
from campaigns.settings import Settings
from campaigns.stores import Stores
from flows.world import CAMPAIGN, DAYS, MEMBERS
from scoring.lake.schema import TIME
from scoring.lake.store import Lake
from scoring.targeting import MAILED, Salts, choose
from scoring.winback.trials import TRIAL

START = date(2026, 12, 1)
ENTRY = pl.Schema(
    {
        "member_id": pl.String(),
        "arm": pl.String(),
        "explored": pl.Boolean(),
        "run_date": pl.Date(),
        "due_at": TIME,
        "at": TIME,
    }
)
MAIL = pl.Schema(
    {"member_id": pl.String(), "due_at": TIME, "titles": pl.List(pl.String()), "styles": pl.List(pl.String())}
)


class Policy(NamedTuple):
    """Whom a policy writes to, and what.

    `choose`: from who is eligible (`Life.eligible`), member_id, arm and explored of those chosen.
    `write`: for those chosen, with what `eligible` says of them, a mail each in the columns of `MAIL`.
    """

    choose: Callable[[Life, Run, pl.DataFrame], pl.DataFrame]
    write: Callable[[Life, Run, pl.DataFrame], pl.DataFrame]


@dataclass
class Life:
    """A service, what Encore has been told by it, and what it did so far.

    Attributes:
        service: the service.
        stores: settings and lake; the database is never asked.
        reachable: ids of the members who agreed to be written to and have an address.
        last_plays: member_id, last: when each who has played last did so.
        entries: who was chosen so far (`ENTRY`).
        able: how many could be chosen, each day so far.
    """

    service: Service
    stores: Stores
    reachable: pl.Series
    last_plays: pl.DataFrame
    entries: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=ENTRY))
    able: list[int] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The campaign's: its draws are salted with it, so that each world has draws of its own."""
        return f"world-{self.service.setup.seed}"

    def run(self, day: date) -> Run:
        """The campaign's run of a day, unopened: nothing of it is kept."""
        start = midnight(self.stores.settings, day)
        trial = unopened(self.stores, 0, self.name, {**CAMPAIGN, "name": self.name}, start)
        return replace(trial, frozen={"budget": CAMPAIGN["run"]["daily_budget"], "model": None})

    def eligible(self, run: Run) -> pl.DataFrame:
        """Lapsed members who may be written to and were not chosen yet, with what picking asks of them."""
        idle = pl.lit(run.cutoff) - pl.coalesce("last", "signed_up_at")
        members = self.stores.lake.at("members", run.cutoff).filter(pl.col("signed_up_at") < run.cutoff).collect()
        known = members.join(self.last_plays, on="member_id", how="left")
        lapsed = known.with_columns(days_since_play=idle.dt.total_seconds() / 86_400).filter(lapsed_on(run))
        ours = lapsed.filter(pl.col("member_id").is_in(self.reachable.implode()))
        left = ours.join(self.entries, on="member_id", how="anti")
        return left.select("member_id", "country", "language", "timezone").sort("member_id")

    def mails(self) -> pl.DataFrame:
        """The mails sent so far: member_id, mailed_at."""
        return self.entries.filter(pl.col("arm") == MAILED).select("member_id", mailed_at="due_at")

    def trials(self, as_of: datetime) -> pl.DataFrame:
        """The entries whose window has closed, in the columns that training takes."""
        share = CAMPAIGN["holdout"]["share"]
        own = self.entries.with_columns(since="due_at", until=pl.col("due_at") + within(), propensity=pl.lit(1 - share))
        own = own.with_columns(campaign=pl.lit(self.name))
        return own.filter(pl.col("until") <= as_of).select(list(TRIAL))


def within() -> timedelta:
    """How long after it was due a mail's comeback counts."""
    return timedelta(days=CAMPAIGN["win_back"]["within_days"])


def begun(folder: Path, seed: int, members: int = MEMBERS) -> Life:
    """A new service in a folder, about to live its first day, with its history imported."""
    Service.build(folder / "service", members=members, seed=seed, start=START)
    life = opened(folder)
    take_in(life, life.service.start_folder, START)
    return life


def opened(folder: Path) -> Life:
    """The service in a folder, as it is about to live its first day; the settings are nobody's own."""
    service = Service(folder / "service")
    settings = Settings.model_construct(home=folder / "home")
    stores = Stores(settings, Database("no database is asked here"), Lake(settings.lake_folder))
    told = pl.scan_parquet(service.start_folder / "members.parquet")
    reachable = told.filter(pl.col("email_consent"), pl.col("email").is_not_null()).select("member_id").collect()
    return Life(service, stores, reachable["member_id"], _last_plays(service.start_folder))


def live(life: Life, policy: Policy, days: int = DAYS) -> Life:
    """Let days pass under a policy."""
    for n in range(days):
        live_day(life, policy, START + timedelta(days=n))
    return life


def live_day(life: Life, policy: Policy, day: date) -> None:
    """Encore's day, then the service's: it reads its mails, and answers by files."""
    run = life.run(day)
    eligible = life.eligible(run)
    chosen = policy.choose(life, run, eligible).select("member_id", "arm", "explored")
    life.able.append(eligible.height)
    mails = policy.write(life, run, chosen.join(eligible, on="member_id", how="left", maintain_order="left"))
    planned = chosen.join(mails, on="member_id").with_columns(run_date=pl.lit(day), at=pl.lit(run.cutoff))
    life.entries = pl.concat([life.entries, planned.select(list(ENTRY)).cast(ENTRY)])
    shown = planned.filter(pl.col("arm") == MAILED).with_columns(message="member_id", campaign=pl.lit(life.name))
    take_in(life, life.service.live_shown(day, shown.select(list(SHOWN)).cast(SHOWN)), day + timedelta(days=1))


def take_in(life: Life, folder: Path, as_of: date) -> None:
    """Import a folder; contacts are known already (`Life.reachable`)."""
    import_folder(
        folder,
        lake=life.stores.lake,
        contacts=lambda _: Counts(0, 0),
        as_of=midnight(life.stores.settings, as_of),
        quarantine=life.stores.home / "quarantine",
    )
    life.last_plays = pl.concat([life.last_plays, _last_plays(folder)]).group_by("member_id").agg(pl.col("last").max())


def _last_plays(folder: Path) -> pl.DataFrame:
    """The last play of each member that a folder tells of."""
    plays = pl.scan_parquet(folder / "plays.parquet")
    return plays.group_by("member_id").agg(last=pl.col("played_at").max()).collect()


def walked(run: Run, gains: pl.DataFrame, explore: float) -> pl.DataFrame:
    """The run's choice among members with their gain and gain_high: the same holdout whatever the gains."""
    asked = run.asked
    salts = Salts(asked.salt("holdout"), f"{asked.salt('explore')}/{run.run_date}")
    return choose(gains, budget=run.budget, explore=explore, holdout=asked.holdout.share, salts=salts)
