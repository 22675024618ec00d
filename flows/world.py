"""The demo's ground, its service and its campaign: made while Prefect starts, so nothing of it is imported here."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from campaigns import checks, contacts, definition, lifecycle, locks, services
from campaigns.errors import NotAllowed
from campaigns.intake import import_folder
from campaigns.people import OPERATOR
from campaigns.planning import midnight
from campaigns.sandbox import Service
from campaigns.settings import private_folder

if TYPE_CHECKING:
    from campaigns.stores import Stores

MEMBERS, DAYS, SEED = 40_000, 28, 7
CAMPAIGN: dict[str, Any] = {
    "name": "comeback",
    "run": {"daily_budget": 300, "explore": 0.1},
    "holdout": {"share": 0.2},
    "win_back": {"within_days": 7},
    "experiments": {"subject": {"arms": {"title": 0.5, "new_since": 0.5}}},
}
ELSEWHERE = "or set ENCORE_HOME to another folder"


@contextmanager
def ground(home: Path) -> Iterator[Path]:
    """The demo's folder under `home`: empty, and this demo's alone as long as the block lasts.

    Raises:
        NotAllowed: another demo is at work there, or somebody still uses what the last one left.
    """
    lock, folder = locks.take(private_folder(home) / "demo.lock"), home / "demo"
    if lock is None:
        raise NotAllowed("demo", f"another one is at work in this home; wait until it ends, {ELSEWHERE}")
    try:
        if services.in_use(folder / "home"):
            raise NotAllowed("demo", f"`encore serve` or another command uses the last one; end it, {ELSEWHERE}")
        if folder.exists():
            shutil.rmtree(folder)
        yield folder
    finally:
        os.close(lock)


def build(folder: Path, *, members: int, wall: datetime) -> Service:
    """The service, about to live the first of the four weeks before today."""
    start = wall.date() - timedelta(days=DAYS)
    return Service.build(folder / "service", members=members, seed=SEED, start=start)


def begin(stores: Stores, service: Service, wall: datetime) -> None:
    """Import what the service has so far, and approve a campaign from its first day on."""
    first = date.fromisoformat(service.setup.start)
    take_in(stores, service.start_folder, first)
    asked = definition.from_values({**CAMPAIGN, "run": {**CAMPAIGN["run"], "start": first}}, "demo")
    approve(stores, asked, checks.checked_template(asked, stores.settings).to_dict(), wall)


def approve(stores: Stores, asked: definition.Campaign, template: dict[str, Any], wall: datetime) -> None:
    """Let a campaign run, as an operator alone may."""
    with stores.database.session() as session:
        lifecycle.apply(session, asked, template, OPERATOR, wall)
        lifecycle.submit(session, asked.name, OPERATOR, wall)
        lifecycle.approve(session, asked.name, OPERATOR, wall)


def take_in(stores: Stores, folder: Path, as_of: date) -> None:
    """Import a folder that the service wrote."""
    import_folder(
        folder,
        lake=stores.lake,
        contacts=partial(contacts.put, stores.database),
        as_of=midnight(stores.settings, as_of),
        quarantine=stores.home / "quarantine",
    )
