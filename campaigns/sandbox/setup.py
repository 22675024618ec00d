"""Which service a folder holds: `service.json`, written last when it is built and anew when a day was lived."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from campaigns.errors import NotAllowed, NotFound, RefusedFile

VERSION = 2  # of the folder and of what the same seed gives
EARLIEST, LATEST = date(2018, 1, 1), date(2036, 12, 31)  # starts whose past and future the zones' clocks are known of
_EPOCH = date(1970, 1, 1)


def _is_day(text: str) -> str:
    date.fromisoformat(text)
    return text


Day = Annotated[str, AfterValidator(_is_day)]


@dataclass(frozen=True)
class Setup:
    """Which service it is. `start`: the first day it will live; `artworks`: what the pictures' addresses begin with."""

    members: Annotated[int, Field(ge=1)]
    seed: int
    start: Day
    artworks: str
    next_day: Day
    version: int = VERSION


def new_setup(members: int, seed: int, start: date, artworks: str) -> Setup:
    """The setup of a service that has lived no day.

    Raises:
        NotAllowed: it has no members, or a start too long ago or too far away.
    """
    if members < 1:
        raise NotAllowed(f"build a service of {members} members", "it needs one at least")
    if not EARLIEST <= start <= LATEST:
        raise NotAllowed(f"start a service on {start}", f"name a day from {EARLIEST} to {LATEST}")
    return Setup(members, seed, start.isoformat(), artworks, start.isoformat())


def read_setup(folder: Path) -> Setup:
    """Which service is in a folder.

    Raises:
        NotFound: none.
        RefusedFile: one of another version, or a file that says nothing of one.
    """
    path = folder / "service.json"
    if not path.exists():
        raise NotFound("simulated service", str(folder), "build one there with: encore sandbox build")
    try:
        setup = TypeAdapter(Setup).validate_json(path.read_bytes())
    except ValidationError:
        raise RefusedFile(str(path), "is damaged; remove the folder and build the service anew") from None
    if setup.version != VERSION:
        why = f"is of version {setup.version}, not {VERSION}; remove the folder and build the service anew"
        raise RefusedFile(str(path), why)
    return setup


def write_setup(folder: Path, setup: Setup) -> None:
    """Say which service is in a folder, in one step: the old or the new, never a part."""
    staged = folder / "service.json.new"
    staged.write_text(json.dumps(asdict(setup), indent=2) + "\n")
    staged.replace(folder / "service.json")


def day_number(day: date) -> int:
    """Days since 1970."""
    return (day - _EPOCH) // timedelta(days=1)
