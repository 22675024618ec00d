"""The demo's folder and its service: made while the servers start, so nothing of Prefect is imported here."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from campaigns import locks, services
from campaigns.errors import NotAllowed
from campaigns.sandbox import Service
from campaigns.settings import private_folder

DAYS, SEED = 28, 7
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
