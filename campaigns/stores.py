"""What every station works with: the settings, the state and the lake, opened once where a program starts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from campaigns.db import Database, open_database
from campaigns.settings import Settings, private_folder
from scoring.lake.store import Lake


@dataclass(frozen=True)
class Stores:
    """The settings, the state and the lake."""

    settings: Settings
    database: Database
    lake: Lake

    @property
    def home(self) -> Path:
        """Where Encore keeps things on this machine."""
        return self.settings.home


@contextmanager
def open_stores(settings: Settings) -> Iterator[Stores]:
    """The stores of `settings`; the bundled database runs while the block does.

    Raises:
        Unavailable: the home cannot be written to, or the database cannot be reached.
    """
    private_folder(settings.home)
    with open_database(settings) as database:
        yield stores_at(settings, database.url)


def stores_at(settings: Settings, url: str) -> Stores:
    """The stores of a process that works for one whose database is open."""
    return Stores(settings, Database(url), Lake(settings.lake_folder))
