"""A service's folder: what is where, and how it is built.

service.json            which service it is, and the day it will live next
start/*.parquet         what there is to import at first
days/2026-12-01/…       what each day brought, to import
state/2026-12-01/…      members and mails as that day begins; the service's own business
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from campaigns.errors import NotFound, RefusedFile
from campaigns.sandbox import files, history, life
from campaigns.sandbox import ledger as book
from campaigns.sandbox.constants import CONSTANTS as C
from campaigns.sandbox.draws import Draws, Ints
from campaigns.sandbox.files import Folder
from campaigns.sandbox.ledger import LEDGER
from campaigns.sandbox.life import World
from campaigns.sandbox.members import member_id, members
from campaigns.sandbox.plays import joined
from campaigns.sandbox.titles import catalogue

VERSION = 1  # of the folder and of what the same seed gives
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Setup:
    """Which service it is. `start`: the first day it will live; `artworks`: what the pictures' addresses begin with."""

    members: int
    seed: int
    start: str
    artworks: str
    next_day: str
    version: int = VERSION


def build(folder: Path, setup: Setup) -> None:
    """Write what there is to import at first, and the state in which the first day begins.

    Raises:
        RefusedFile: there is a service in the folder.
    """
    if (folder / "service.json").exists():
        raise RefusedFile(str(folder), "holds a service already; name another folder, or remove this one")
    world, start = world_of(setup), day_number(date.fromisoformat(setup.start))
    with Folder(folder / "start") as out, Folder(state_folder(folder, setup.start)) as state:
        files.add_titles(out, world)
        for numbers in shards(setup.members):
            _build_shard(out, state, world, numbers, start)
    write_setup(folder, setup)


def world_of(setup: Setup) -> World:
    """What all members of the service share."""
    draws = Draws(setup.seed)
    return World(draws, catalogue(draws, day_number(date.fromisoformat(setup.start)), setup.artworks))


def read_setup(folder: Path) -> Setup:
    """Which service is in a folder.

    Raises:
        NotFound: none.
        RefusedFile: one of another version.
    """
    path = folder / "service.json"
    if not path.exists():
        raise NotFound("simulated service", str(folder), "build one there with: encore sandbox build")
    setup = Setup(**json.loads(path.read_text()))
    if setup.version != VERSION:
        raise RefusedFile(str(path), f"is of version {setup.version}, not {VERSION}; build the service anew")
    return setup


def write_setup(folder: Path, setup: Setup) -> None:
    """Say which service is in a folder, in one step: the old or the new, never a part."""
    staged = folder / "service.json.new"
    staged.write_text(json.dumps(asdict(setup), indent=2) + "\n")
    staged.replace(folder / "service.json")


def state_folder(folder: Path, day: str) -> Path:
    """Where the state is kept in which a day begins."""
    return folder / "state" / day


def shards(count: int) -> Iterator[Ints]:
    """The members' numbers, some tens of thousands at a time."""
    for first in range(0, count, C.shard):
        yield np.arange(first, min(first + C.shard, count))


def day_number(day: date) -> int:
    """Days since 1970."""
    return (day - _EPOCH) // timedelta(days=1)


def _build_shard(out: Folder, state: Folder, world: World, numbers: Ints, start: int) -> None:
    who, ids = members(world.draws, numbers), member_id(numbers)
    past = history.past(world, who, start)
    files.add_members(out, world, who, past.state, start)
    files.add_plays(out, world, who, joined(past.plays), ids)
    files.add_outcomes(out, past.days, ids)
    files.add_mailings(out, past.lots, ids, C.earlier_held)
    state.add("members", life.state_frame(who, past.state))
    state.add("mails", book.of_lots(numbers, past.lots))


def read_ledger(folder: Path, day: str) -> pl.DataFrame:
    """The mails that the service knows of as a day begins."""
    path = state_folder(folder, day) / "mails.parquet"
    return pl.read_parquet(path) if path.exists() else pl.DataFrame(schema=LEDGER)
