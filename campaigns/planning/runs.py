"""A campaign's run of one day: opened once, frozen, and the same one whenever it is opened again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg.rows import class_row

from campaigns.db import statements
from campaigns.definition import Campaign, from_values
from campaigns.errors import NotAllowed, NotFound
from campaigns.planning.layers import LAYERS
from scoring.once import once

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from campaigns.db import Database
    from campaigns.settings import Settings

SQL = statements("campaigns.planning", "planning.sql")
DRAWN = ("holdout", "explore", *LAYERS, "order")  # what a run draws by lot
HORIZON = timedelta(days=30)  # of a campaign without an end: what its report's intervals are tuned to


def run_folders(home: Path, campaign: str) -> Path:
    """Where the working files of a campaign's runs are, a folder a day."""
    return home / "runs" / campaign


def run_folder(home: Path, campaign: str, day: date) -> Path:
    """Where the working files of a campaign's run of `day` are."""
    return run_folders(home, campaign) / day.isoformat()


@dataclass(frozen=True)
class Run:
    """One day of a campaign, as frozen when it was opened."""

    id: int
    campaign_id: int
    campaign: str
    run_date: date
    live: bool
    cutoff: datetime
    now: datetime
    frozen: dict[str, Any]
    planned_at: datetime | None
    counts: dict[str, Any] | None
    definition: dict[str, Any]
    template_version: str

    @cached_property
    def asked(self) -> Campaign:
        """What the campaign's frozen version asks for."""
        return from_values(self.definition, self.campaign)

    @property
    def opened(self) -> bool:
        """Is it more than a trial? Only then anything is written."""
        return self.id != 0

    @property
    def budget(self) -> int:
        """Mails that the day allows: the campaign's budget, or what SES and the warm-up left of it."""
        return int(self.frozen["budget"])

    @property
    def model(self) -> str | None:
        """The version of the win-back model that ranks; None: nothing to rank by yet."""
        model: str | None = self.frozen["model"]
        return model

    def folder(self, home: Path) -> Path:
        """Where the run's working files are."""
        return run_folder(home, self.campaign, self.run_date)

    def once(self, home: Path, name: str, make: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        """A frame made once a run: the same for every shard and after a restart. A trial keeps nothing."""
        return once(self.folder(home) / f"{name}.parquet", make) if self.opened else make()


@dataclass(frozen=True)
class Runnable:
    """A campaign that may run, in its approved version."""

    id: int
    name: str
    version: int
    definition: dict[str, Any]

    @cached_property
    def asked(self) -> Campaign:
        """What that version asks for."""
        return from_values(self.definition, self.name)

    def on(self, day: date) -> bool:
        """Does it run on `day`?"""
        run = self.asked.run
        return (run.start is None or run.start <= day) and (run.end is None or day <= run.end)


def midnight(settings: Settings, day: date) -> datetime:
    """The start of a business day, in UTC: what a run of the day knows lies before."""
    return datetime.combine(day, time(), settings.timezone).astimezone(UTC)


def business_day(settings: Settings, wall: datetime) -> date:
    """The business day it is."""
    return wall.astimezone(settings.timezone).date()


def runnable(database: Database, day: date, name: str | None = None) -> list[Runnable]:
    """The campaigns that run on `day`, in the order in which they choose: by priority, then by name.

    Raises:
        NotFound: `name` is given, and no running campaign is called that.
    """
    with database.connect() as connection, connection.cursor(row_factory=class_row(Runnable)) as cursor:
        found = cursor.execute(SQL["runnable"], {"name": name}).fetchall()
    if name is not None and not found:
        raise NotFound("running campaign", name, f"`encore campaign show {name}` tells its state")
    return sorted((c for c in found if c.on(day)), key=lambda c: (c.asked.run.priority, c.name))


def open_run(
    database: Database,
    campaign: Runnable,
    day: date,
    *,
    settings: Settings,
    wall: datetime,
    budget: int,
    model: str | None,
) -> Run:
    """The campaign's run of `day`. What it is opened with is frozen: opened again, the first values count.

    Raises:
        NotAllowed: the day has not begun; or the campaign was paused, stopped or changed meanwhile.
    """
    today = business_day(settings, wall)
    if day > today:
        raise NotAllowed(f"run {day}", f"that day has not begun; today is {today}")
    cutoff = midnight(settings, day)
    live = day == today
    values = {
        "campaign_id": campaign.id,
        "run_date": day,
        "campaign_version": campaign.version,
        "live": live,
        "cutoff": cutoff,
        "now": wall if live else cutoff,
        "frozen": json.dumps({"budget": budget, "model": model, "salts": _salts(campaign)}),
    }
    with database.connect() as connection:
        connection.execute(SQL["open"], values)
    found = find_run(database, campaign.id, day)
    if found is None:
        raise NotAllowed(f"run {campaign.name}", "it was paused, stopped or changed just now; start the run again")
    return found


def _salts(campaign: Runnable) -> dict[str, str]:
    """What the run's draws are salted with: anyone can draw them again."""
    return {layer: campaign.asked.salt(layer) for layer in DRAWN}


def find_run(database: Database, campaign_id: int, day: date) -> Run | None:
    """The run of a campaign on a day, where it was opened."""
    with database.connect() as connection, connection.cursor(row_factory=class_row(Run)) as cursor:
        values = {"campaign_id": campaign_id, "run_date": day}
        return cursor.execute(SQL["find"], values).fetchone()


def close_run(database: Database, run: Run, counts: dict[str, Any], wall: datetime) -> None:
    """The run is planned: keep what became of everyone it looked at, and register the horizon at the first run."""
    with database.connect() as connection:
        connection.execute(SQL["close"], {"run_id": run.id, "counts": json.dumps(counts), "wall": wall})
        planned = {"campaign_id": run.campaign_id, "planned_members": _horizon(run, counts["eligible"])}
        connection.execute(SQL["register"], planned)


def _horizon(run: Run, eligible: int) -> int:
    """How many members the campaign plans to judge: what its budget reaches by its end, or all there are."""
    asked = run.asked
    days = (asked.run.end - run.run_date).days + 1 if asked.run.end else HORIZON.days
    return max(1, min(int(asked.run.daily_budget * days / (1 - asked.holdout.share)), eligible))


def waiting_mails(database: Database) -> int:
    """Mails that are planned and not yet gone: they will use the quota, too."""
    with database.connect() as connection:
        row = connection.execute(SQL["waiting"]).fetchone()
    return int(row[0]) if row else 0
