"""One file of a table: read, checked and staged until all of it is known; then taken in, all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import NamedTuple, Protocol

import polars as pl

from campaigns.errors import RefusedFile
from campaigns.intake.checks import check
from campaigns.intake.csvfile import read_csv
from campaigns.intake.kinds import ENCORE, Rules
from campaigns.intake.parquetfile import read_parquet
from campaigns.intake.quarantine import SetAside
from campaigns.intake.report import FileReport
from campaigns.intake.rows import ROW, Block
from campaigns.intake.staging import conflict_faults, frames, without_repeats
from scoring.contracts import CONSENT, MEMBERS, PERSONAL, Table
from scoring.lake.schema import write_parquet
from scoring.lake.store import Lake
from scoring.lake.writer import Counts

CONTACT = ("member_id", *PERSONAL, "country", "language", "timezone", "signed_up_at", *CONSENT)


class Tally(Protocol):
    """How many contacts were new, and how many changed."""

    @property
    def new(self) -> int:
        """Contacts not known before."""
        ...

    @property
    def changed(self) -> int:
        """Contacts known with other values."""
        ...


@dataclass(frozen=True)
class Import:
    """Where one import takes rows to, and when they were true."""

    lake: Lake
    contacts: Callable[[pl.DataFrame], Tally]  # takes the columns of `CONTACT`, some thousands of members at a time
    as_of: datetime
    quarantine: Path
    staging: Path


class Staged(NamedTuple):
    """A file's good rows, each key once, and what became of the others."""

    files: list[Path]
    rows: int
    aside: SetAside
    ignored: tuple[str, ...]


def load(path: Path, table: Table, into: Import) -> FileReport:
    """Take in one file.

    Raises:
        RefusedFile: nothing of it was taken.
    """
    staged = stage(path, table, into)
    return report(staged, take(table, staged.files, into))


def stage(path: Path, table: Table, into: Import, rules: Rules = ENCORE) -> Staged:
    """Read and check a file, and stage what is good of it as Parquet with row numbers.

    Raises:
        RefusedFile: it cannot be read, or lacks a required column.
    """
    blocks = _read(path, table)
    first = next(blocks)
    present = first.frame.columns[1:]
    lacking = [name for name in table.required if name not in present]
    if lacking:
        raise RefusedFile(path.name, f"has no column {', '.join(lacking)}; it must have {', '.join(table.required)}")
    aside = SetAside(path, present, staging=into.staging, folder=into.quarantine)
    rows, files = 0, list[Path]()
    for block in chain([first], blocks):
        good = _judged(block, table, rules, aside)
        files.append(into.staging / f"{path.name}-{len(files):06}.parquet")
        write_parquet(good, files[-1])
        rows += block.frame.height + block.faults.height
    once = without_repeats(table, files, into.staging)
    for faults in conflict_faults(table, once.conflicts) if once.conflicts else ():
        aside.add(faults)
    return Staged(once.files, rows, aside, first.ignored)


def take(table: Table, files: list[Path], into: Import) -> Counts:
    """Hand staged rows to the lake, and what is personal of members to the contacts.

    A member counts as new or changed as often as the one of the two that saw more of it.
    """
    counts = into.lake.put(table, files, as_of=into.as_of)
    if table != MEMBERS:
        return counts
    told = [into.contacts(frame.select(CONTACT)) for frame in frames(files)]
    new, changed = sum(tally.new for tally in told), sum(tally.changed for tally in told)
    return Counts(max(counts.new, new), max(counts.changed, changed))


def report(staged: Staged, counts: Counts) -> FileReport:
    """What became of the file's rows; those set aside get their place in quarantine."""
    aside = staged.aside
    return FileReport(
        file=aside.source.name,
        rows=staged.rows,
        new=counts.new,
        changed=counts.changed,
        unchanged=staged.rows - aside.rows - counts.new - counts.changed,
        set_aside=aside.rows,
        quarantine=aside.keep(),
        examples=tuple(aside.first),
        ignored_columns=staged.ignored,
    )


def _read(path: Path, table: Table) -> Iterator[Block]:
    if not path.is_file():
        raise RefusedFile(path.name, "is not a file; put a CSV or Parquet file in its place")
    return read_parquet(path, table) if path.suffix == ".parquet" else read_csv(path, table.names)


def _judged(block: Block, table: Table, rules: Rules, aside: SetAside) -> pl.DataFrame:
    checked = check(table, block.frame, rules)
    aside.add(pl.concat([block.faults, checked.faults], how="diagonal").sort(ROW))
    return checked.good
