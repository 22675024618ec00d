"""What a service keeps for itself: members and mails as its next day begins, under `state/2026-12-01/`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from campaigns.errors import RefusedFile
from campaigns.sandbox import life
from campaigns.sandbox.constants import CONSTANTS as C
from campaigns.sandbox.draws import Ints
from campaigns.sandbox.ledger import LEDGER
from campaigns.sandbox.life import State
from campaigns.sandbox.setup import Setup

DAMAGED = "is missing or damaged; remove the service's folder and build it anew"
PLAYS = ("member_id", "title_id", "played_at")


def state_folder(folder: Path, day: str) -> Path:
    """Where the state is kept in which a day begins."""
    return folder / "state" / day


def shards(count: int) -> Iterator[Ints]:
    """The members' numbers, some tens of thousands at a time."""
    for first in range(0, count, C.shard):
        yield np.arange(first, min(first + C.shard, count))


def must_be_whole(folder: Path, setup: Setup) -> None:
    """Refuse a service whose next day would begin without what it knew.

    Raises:
        RefusedFile: a file that is missing or damaged.
    """
    kept = state_folder(folder, setup.next_day)
    _columns(folder / "start" / "plays.parquet", PLAYS)
    _columns(kept / "mails.parquet", LEDGER)
    if _columns(kept / "members.parquet", life.STATE).num_rows != setup.members:
        raise RefusedFile(str(kept / "members.parquet"), DAMAGED)


def _columns(path: Path, columns: Iterable[str]) -> pq.FileMetaData:
    """What a file says of itself, which must name these columns."""
    with readable(path):
        told = pq.read_metadata(path)
    if not set(columns) <= set(told.schema.to_arrow_schema().names):
        raise RefusedFile(str(path), DAMAGED)
    return told


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Refuse a file of the service's own that the block cannot read.

    Raises:
        RefusedFile: it is missing or damaged.
    """
    try:
        yield
    except (OSError, pa.ArrowException, pl.exceptions.PolarsError):
        raise RefusedFile(str(path), DAMAGED) from None


def states(folder: Path, setup: Setup) -> Iterator[tuple[Ints, State]]:
    """The members' state as the next day begins, shard by shard."""
    return ((numbers, state_at(folder, setup, numbers)) for numbers in shards(setup.members))


def state_at(folder: Path, setup: Setup, numbers: Ints) -> State:
    """The state of these members as the next day begins, in the order of `numbers`."""
    path = state_folder(folder, setup.next_day) / "members.parquet"
    wanted = pl.DataFrame({"number": numbers})
    with readable(path):
        kept = pl.scan_parquet(path)
        if len(numbers) and len(numbers) == numbers[-1] - numbers[0] + 1:
            return life.state_of(kept.slice(int(numbers[0]), len(numbers)).collect())
        found = kept.join(wanted.lazy().unique(), on="number", how="semi").collect()
    return life.state_of(wanted.join(found, on="number", how="left", maintain_order="left"))


def known_mails(folder: Path, setup: Setup) -> pl.DataFrame:
    """The mails that the service knows of as the next day begins (`ledger.LEDGER`)."""
    path = state_folder(folder, setup.next_day) / "mails.parquet"
    with readable(path):
        return pl.read_parquet(path)
