"""The demo's service: built while the servers start, so nothing of Prefect is imported here."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from campaigns.sandbox import Service

DAYS, SEED = 28, 7


def build(folder: Path, *, members: int, wall: datetime) -> Service:
    """The service, about to live the first of the four weeks before today."""
    start = wall.date() - timedelta(days=DAYS)
    return Service.build(folder / "service", members=members, seed=SEED, start=start)
