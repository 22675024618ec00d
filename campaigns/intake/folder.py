"""A folder of files in the import contract: each is taken or refused by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Literal

import duckdb
import polars as pl

from campaigns.errors import RefusedFile, Unavailable
from campaigns.intake import movielens
from campaigns.intake.load import Import, Tally, load
from campaigns.intake.report import FileReport, Imported
from campaigns.intake.staging import staging
from scoring.contracts import IMPORT, Table
from scoring.lake.store import Lake

Format = Literal["encore", "movielens"]
SUFFIXES = (".csv", ".parquet")


def import_folder(
    folder: Path,
    *,
    lake: Lake,
    contacts: Callable[[pl.DataFrame], Tally],
    as_of: datetime,
    quarantine: Path,
    format: Format = "encore",  # noqa: A002 - the option's name
) -> Imported:
    """Take in a folder's files; importing it again changes nothing, and completes what was cut short.

    Args:
        folder: any subset of the contract's files, or MovieLens's `ratings.csv`, `movies.csv` and `tags.csv`.
        lake: takes what is not personal.
        contacts: takes members' addresses, names and consent, some thousands of rows at a time, and tells how many
            were new and how many changed.
        as_of: when the files were true, with a zone; it dates new versions of members and titles.
        quarantine: a folder that only its owner may enter; rows that can't be taken are kept there.
        format: whose files they are.

    Raises:
        RefusedFile: the folder holds none of the files, or cannot be read.
        Unavailable: there is no room to write, or no right to.
    """
    present = _present(folder, format)
    try:
        with staging(quarantine) as shop:
            into = Import(lake, contacts, as_of, quarantine, shop)
            if format == "movielens":
                return Imported(movielens.load(present, into))
            return Imported(tuple(_loaded(paths, table, into) for table, paths in _by_table(present)))
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise Unavailable(str(quarantine.parent), why, "see that there is room to write, and import again") from error


def _present(folder: Path, format: Format) -> list[Path]:  # noqa: A002 - as above
    if not folder.is_dir():
        raise RefusedFile(str(folder), "is not a folder; name the one that holds the files")
    names = movielens.FILES if format == "movielens" else [f"{table.name}{end}" for table in IMPORT for end in SUFFIXES]
    try:
        here = {path.name for path in folder.iterdir()}
    except OSError as error:
        raise RefusedFile(str(folder), f"cannot be read ({error.strerror})") from error
    present = [folder / name for name in names if name in here]
    if not present:
        raise RefusedFile(str(folder), f"holds none of {', '.join(names)}")
    return present


def _by_table(present: list[Path]) -> list[tuple[Table, list[Path]]]:
    """The tables with their files, in the contract's order: one file each, or the two forms of it."""
    files = {table: [path for path in present if path.stem == table.name] for table in IMPORT}
    return [(table, paths) for table, paths in files.items() if paths]


def _loaded(paths: list[Path], table: Table, into: Import) -> FileReport:
    if len(paths) > 1:
        names = " and ".join(path.name for path in paths)
        return FileReport(table.name, refused=f"there are {names}, and they may differ; keep one of them")
    try:
        return load(paths[0], table, into)
    except RefusedFile as refusal:
        return FileReport(paths[0].name, refused=refusal.why)
