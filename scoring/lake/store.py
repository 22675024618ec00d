"""The analytical store: a folder of Parquet, one folder a table, written by one at a time and read by all.

Plays, outcomes and mailings are sets by key. Members, titles, their names and artworks are *versions*: each row
holds from `valid_from` on, and of two from the same time the greater `import_no` is in force.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import polars as pl

from scoring import disk
from scoring.contracts import Table
from scoring.errors import BadData
from scoring.lake import manifest as manifests
from scoring.lake.manifest import Part
from scoring.lake.schema import (
    IMPORT_NO,
    TABLES,
    VALID_FROM,
    VERSIONED,
    fitted,
    lake_schema,
    value_schema,
    write_parquet,
)
from scoring.lake.writer import Counts, new_path, none_path, writer


class Lake:
    """The store under `folder`, which is made where it is missing and which only its owner may enter."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        if not none_path(self.folder, next(reversed(TABLES))).exists():
            _make(self.folder)

    def files(self, table: str) -> list[str]:
        """The table's live Parquet files, of one moment; a table of the contract without rows is one file without rows.

        They stay for a day after they were replaced: list them anew for each piece of work.

        Raises:
            BadData: no such table.
        """
        parts = manifests.read(self.folder).parts(table)
        if not parts and table not in TABLES:
            raise BadData("table", f"the lake holds no {table!r}", "append to it first")
        return [str(self.folder / part.file) for part in parts] or [str(none_path(self.folder, table))]

    def scan(self, table: str) -> pl.LazyFrame:
        """All rows of the table; of versioned ones all versions."""
        return pl.scan_parquet(self.files(table), glob=False)

    def at(self, table: str, when: datetime) -> pl.LazyFrame:
        """Of a versioned table what was in force just before `when`: one row a key, in the contract's columns."""
        versions = self.scan(table).filter(pl.col(VALID_FROM) < when)
        latest = versions.sort(VALID_FROM, IMPORT_NO).unique(list(TABLES[table].key), keep="last")
        return latest.drop(VALID_FROM, IMPORT_NO)

    def is_empty(self, table: str) -> bool:
        """Whether the table has no rows."""
        return not any(part.rows for part in manifests.read(self.folder).parts(table))

    def version(self) -> str:
        """A fingerprint of everything in the lake: equal only while nothing was written."""
        return manifests.read(self.folder).commit

    def append(self, table: str, frame: pl.DataFrame, *, part: str = "") -> None:
        """Add rows as they are; with a `part`, in place of those that were appended under that name before.

        Raises:
            BadData: the columns are not those that the table has.
        """
        with writer(self.folder) as one:
            kept = tuple(old for old in one.manifest.parts(table) if not part or old.name != part)
            ordered = self._ordered(table, frame, kept)
            one.commit(table, (*kept, *_written(self.folder, table, ordered, part)))

    def put(self, table: Table, rows: pl.DataFrame | Sequence[Path], *, as_of: datetime) -> Counts:
        """Take rows in by their key: the same is left alone, one that differs replaces it or becomes a version.

        All of it becomes visible at once, or nothing. Running it again with the same rows changes nothing.

        Args:
            table: one of the import contract.
            rows: in the contract's columns (more are ignored): a frame, of which the last row of a key counts, or
                Parquet files with all columns, no key twice.
            as_of: when the rows were true; it dates versions.
        """
        if isinstance(rows, pl.DataFrame):
            rows = (
                fitted(rows.lazy(), value_schema(table))
                .collect()
                .unique(list(table.key), keep="last", maintain_order=True)
            )
        with writer(self.folder) as one:
            one.hand_over(table, rows)
            return one.put_versions(table, as_of) if table.name in VERSIONED else one.put_set(table)

    def erase(self, table: str, column: str, value: str) -> int:
        """Take out every row whose column holds the value; returns how many. The old files go within a day's writes."""
        with writer(self.folder) as one:
            return one.erase(table, column, value)

    def _ordered(self, table: str, frame: pl.DataFrame, parts: Sequence[Part]) -> pl.DataFrame:
        """The frame in the table's columns; a new table takes the frame's."""
        if table in TABLES:
            schema = lake_schema(TABLES[table])
        else:
            known = parts[0].file if parts else None
            schema = pl.Schema(pl.read_parquet_schema(self.folder / known)) if known else frame.schema
        if set(frame.columns) != set(schema):
            raise BadData("frame", f"{table} has the columns {', '.join(schema)}", "append a frame with these")
        return frame.select(pl.col(name).cast(kind) for name, kind in schema.items())


def _written(folder: Path, table: str, frame: pl.DataFrame, name: str) -> tuple[Part, ...]:
    if frame.is_empty() and table in TABLES:
        return ()
    final = new_path(folder, table)
    staged = final.with_suffix(".parquet.new")
    write_parquet(frame, staged)
    disk.replace_durably(staged, final)
    return (Part(str(final.relative_to(folder)), frame.height, name),)


def _make(folder: Path) -> None:
    """The folders, and for each table of the contract a file without rows, which says its columns."""
    for private in (folder, *(folder / table for table in TABLES)):
        private.mkdir(parents=True, exist_ok=True, mode=0o700)
        private.chmod(0o700)
    with manifests.writing(folder):
        for name, table in TABLES.items():
            staged = none_path(folder, name).with_suffix(".new")
            write_parquet(pl.DataFrame(schema=lake_schema(table)), staged)
            disk.replace_durably(staged, none_path(folder, name))
