"""A service's folder: what is where, and how it is built.

service.json            which service it is, and the day it will live next; written last
start/*.parquet         what there is to import at first
days/2026-12-01/…       what each day brought, to import
state/2026-12-01/…      members and mails as that day begins; the service's own business
.unfinished             there while it is being built: whoever is killed leaves it, and the next build clears up
.lock                   held by whoever builds it or lives a day (`alone`)
"""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from campaigns.errors import RefusedFile
from campaigns.sandbox import files, history, life
from campaigns.sandbox import ledger as book
from campaigns.sandbox.alone import LOCK, alone
from campaigns.sandbox.constants import CONSTANTS as C
from campaigns.sandbox.draws import Draws, Ints
from campaigns.sandbox.files import Folder
from campaigns.sandbox.life import World
from campaigns.sandbox.members import member_id, members
from campaigns.sandbox.plays import joined
from campaigns.sandbox.setup import Setup, day_number, write_setup
from campaigns.sandbox.states import shards, state_folder
from campaigns.sandbox.titles import catalogue

UNFINISHED = ".unfinished"


def build(folder: Path, setup: Setup) -> None:
    """Write what there is to import at first, and the state in which the first day begins.

    Raises:
        NotAllowed: another build is at work in the folder.
        RefusedFile: there is a service in the folder, or something else.
    """
    _refuse_what_is_there(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder):
        _refuse_what_is_there(folder)  # again: another build may have ended meanwhile
        _build_anew(folder, setup)


def _build_anew(folder: Path, setup: Setup) -> None:
    """Build in a folder that is empty, or holds what a killed build left."""
    (folder / UNFINISHED).touch()
    for name in ("start", "state"):
        shutil.rmtree(folder / name, ignore_errors=True)
    world, start = world_of(setup), day_number(date.fromisoformat(setup.start))
    with Folder(folder / "start") as out, Folder(state_folder(folder, setup.start), empty=True) as state:
        files.add_titles(out, world)
        for numbers in shards(setup.members):
            _build_shard(out, state, world, numbers, start)
    write_setup(folder, setup)
    (folder / UNFINISHED).unlink()


def world_of(setup: Setup) -> World:
    """What all members of the service share."""
    draws = Draws(setup.seed)
    return World(draws, catalogue(draws, day_number(date.fromisoformat(setup.start)), setup.artworks))


def _refuse_what_is_there(folder: Path) -> None:
    """A folder may be new, empty, or hold what a killed build left; whatever else is there stays."""
    if (folder / "service.json").exists():
        raise RefusedFile(str(folder), "holds a service already; name another folder, or remove this one")
    if not folder.exists() or (folder / UNFINISHED).exists():
        return
    if not folder.is_dir() or any(path.name != LOCK for path in folder.iterdir()):
        raise RefusedFile(str(folder), "holds something else; name a new or an empty folder")


def _build_shard(out: Folder, state: Folder, world: World, numbers: Ints, start: int) -> None:
    who, ids = members(world.draws, numbers), member_id(numbers)
    past = history.past(world, who, start)
    files.add_members(out, world, who, past.state, start)
    files.add_plays(out, world, who, joined(past.plays), ids)
    files.add_outcomes(out, past.days, ids)
    files.add_mailings(out, past.lots, ids, C.earlier_held)
    state.add("members", life.state_frame(who, past.state))
    state.add("mails", book.of_lots(numbers, past.lots))
