"""One write to the lake, from the rows handed over to the manifest that makes them visible.

Lives only while its lake's lock is held. Works in DuckDB with bounded memory: what does not fit spills to disk.
"""

# ruff: noqa: S608 - names in these queries come from the contract, paths are quoted, values bound or made here

from __future__ import annotations

import tempfile
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import polars as pl

from scoring import disk
from scoring.contracts import Kind, Table
from scoring.lake import manifest as manifests
from scoring.lake import merge
from scoring.lake.manifest import Manifest, Part
from scoring.lake.schema import lake_schema, value_schema
from scoring.lake.sql import engine, names, parquet, quoted

SLICE = 4_000_000  # rows that are compared and sorted at once
SMALL, MANY = 1_000_000, 50  # parts of fewer rows are merged once there are more than so many of them


class Counts(NamedTuple):
    """What became of the rows handed over; the rest was there already."""

    new: int = 0
    changed: int = 0


class Writer:
    """What the lake's one writer does. Parts it makes are nobody's until `commit`."""

    def __init__(self, folder: Path, manifest: Manifest, engine: duckdb.DuckDBPyConnection) -> None:
        self.folder, self.manifest, self.engine = folder, manifest, engine

    def put_versions(self, table: Table, as_of: datetime) -> Counts:
        """Add a version of each incoming row that differs from the one in force."""
        parts = self.manifest.parts(table.name)
        self._see_known(table, parts, "true")
        self.engine.execute(merge.changed_versions(table, as_of, self.manifest.sequence + 1))
        counts = self._counts()
        self.commit(table.name, (*parts, *self._write_fresh(table)))
        return counts

    def put_set(self, table: Table) -> Counts:
        """Add rows with new keys and replace those with other values, in slices of time that stay small."""
        new = changed = 0
        parts = self.manifest.parts(table.name)
        for where in self._slices(table):
            self._see_known(table, parts, where)
            self._view("incoming", f"FROM handed_over WHERE {where}")
            self.engine.execute(merge.changed_by_key(table))
            found = self._counts()
            kept = self._without_replaced(table, parts) if found.changed else parts
            parts = (*kept, *self._write_fresh(table))
            new, changed = new + found.new, changed + found.changed
        self.commit(table.name, parts)
        return Counts(new, changed)

    def erase(self, table: str, column: str, value: str) -> int:
        """Write the parts that hold the value anew without it."""
        parts: list[Part] = []
        for part in self.manifest.parts(table):
            self._see_part(part)
            hits = self._one(f"SELECT count(*) FROM part WHERE {names([column])} = ?", [value])
            rest = f"SELECT * FROM part WHERE {names([column])} IS DISTINCT FROM ?"
            parts += self.write(table, rest, part.name, [value]) if hits else [part]
        before = sum(part.rows for part in self.manifest.parts(table))
        self.commit(table, tuple(parts))
        return before - sum(part.rows for part in parts)

    def write(self, table: str, query: str, name: str = "", values: Sequence[Any] = ()) -> tuple[Part, ...]:
        """The rows of a query as a part, on disk; none for no rows."""
        final = new_path(self.folder, table)
        staged = final.with_suffix(".parquet.new")
        rows = self._one(f"COPY ({query}) TO '{quoted(staged)}' (FORMAT parquet, COMPRESSION zstd)", values)
        if not rows:
            staged.unlink()
            return ()
        disk.replace_durably(staged, final)
        return (Part(str(final.relative_to(self.folder)), rows, name),)

    def commit(self, table: str, parts: tuple[Part, ...]) -> None:
        """Make the parts all that is live of the table, in one step; where they are already, nothing happens."""
        if parts == self.manifest.parts(table):
            return
        compact = self._compact(table, parts)
        self.manifest = self.manifest.with_parts(table, compact, time.time())
        manifests.write(self.folder, self.manifest)

    def hand_over(self, table: Table, rows: pl.DataFrame | Sequence[Path]) -> None:
        """Let the queries see the rows, as `handed_over` and, until sliced, as `incoming`."""
        if isinstance(rows, pl.DataFrame):
            self.engine.register("frame", rows)
        source = "frame" if isinstance(rows, pl.DataFrame) else parquet(rows)
        for view in ("handed_over", "incoming"):
            self._view(view, f"SELECT {names(value_schema(table))} FROM {source}")

    def _slices(self, table: Table) -> Iterable[str]:
        """Conditions that cut the rows into slices of about `SLICE` by the time in their key."""
        times = _times(table)
        rows = self._one("SELECT count(*) FROM handed_over")
        if rows <= SLICE or not times:
            return ["true"]
        sample = self.engine.execute(f"SELECT {names(times)} FROM handed_over USING SAMPLE 10000 ROWS").fetchall()
        moments = sorted(moment for (moment,) in sample)
        step = max(1, len(moments) * SLICE // rows)
        return list(merge.slices(times[0], moments[step::step]))

    def _see_known(self, table: Table, parts: Sequence[Part], where: str) -> None:
        files = [self.folder / part.file for part in parts] or [none_path(self.folder, table.name)]
        columns = names(lake_schema(table))
        self._view("known_files", f"SELECT {columns}, filename FROM {parquet(files)} WHERE {where}")
        self._view("known", f"SELECT {columns} FROM {parquet(files)} WHERE {where}")

    def _see_part(self, part: Part) -> None:
        self._view("part", f"FROM {parquet([self.folder / part.file])}")

    def _view(self, name: str, query: str) -> None:
        self.engine.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {query}")

    def _without_replaced(self, table: Table, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        touched = {Path(name) for (name,) in self.engine.execute(merge.parts_with(table)).fetchall()}
        kept: list[Part] = []
        for part in parts:
            if self.folder / part.file not in touched:
                kept.append(part)
                continue
            self._see_part(part)
            kept += self.write(table.name, merge.rest_of(table), part.name)
        return tuple(kept)

    def _write_fresh(self, table: Table) -> tuple[Part, ...]:
        times = _times(table)
        order = [*times, *(column for column in table.key if column not in times)]
        return self.write(table.name, f"SELECT {names(lake_schema(table))} FROM fresh ORDER BY {names(order)}")

    def _compact(self, table: str, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        """The parts, the small ones merged where they have become many; those with a name stay as they are."""
        small = [part for part in parts if part.rows < SMALL and not part.name]
        if len(small) <= MANY:
            return parts
        merged: list[Part] = [part for part in parts if part not in small]
        for group in _groups(small):
            files = [self.folder / part.file for part in group]
            merged += self.write(table, f"FROM {parquet(files)}")
        return tuple(merged)

    def _counts(self) -> Counts:
        row = self.engine.execute("SELECT count(*) FILTER (NOT was_known), count(*) FILTER (was_known) FROM fresh")
        return Counts(*(row.fetchone() or ()))

    def _one(self, query: str, values: Sequence[Any] = ()) -> int:
        row = self.engine.execute(query, list(values)).fetchone()
        return int(row[0]) if row else 0


@contextmanager
def writer(folder: Path) -> Iterator[Writer]:
    """The lake's one writer, with an engine whose spills are gone afterwards."""
    with (
        manifests.writing(folder) as manifest,
        tempfile.TemporaryDirectory(prefix=manifests.SPILL, dir=folder) as spill,
        engine(Path(spill)) as connection,
    ):
        yield Writer(folder, manifest, connection)


def new_path(folder: Path, table: str) -> Path:
    """A name that no part has had yet."""
    (folder / table).mkdir(mode=0o700, exist_ok=True)
    return folder / table / f"part-{uuid.uuid4().hex}.parquet"


def none_path(folder: Path, table: str) -> Path:
    """The table's file without rows, which says its columns while there are no parts."""
    return folder / table / "none.parquet"


def _groups(parts: Sequence[Part]) -> Iterator[list[Part]]:
    """Runs of parts of at most `SLICE` rows together."""
    group: list[Part] = []
    for part in parts:
        if group and sum(one.rows for one in group) + part.rows > SLICE:
            yield group
            group = []
        group.append(part)
    if group:
        yield group


def _times(table: Table) -> list[str]:
    """The times in the table's key: none or one."""
    return [column.name for column in table.columns if column.name in table.key and column.kind is Kind.TIME]
