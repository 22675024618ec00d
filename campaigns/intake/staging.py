"""A private folder for the rows of one import, until they are all known to be good; and which of them repeat."""

# ruff: noqa: S608 - names in these queries come from the contract, paths are quoted, values bound or made here

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import duckdb
import polars as pl
import pyarrow.parquet as pq

from campaigns.intake.checks import as_text
from campaigns.intake.rows import ROW
from campaigns.settings import private_folder
from scoring.contracts import Table
from scoring.lake.sql import engine, names, parquet, quoted

_PREFIX = ".import-"


@contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """A folder of one's own within `folder`. Those of imports that were killed are swept: nobody holds their locks."""
    private_folder(folder)
    with (folder / ".lock").open("a") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        _sweep(folder)
        path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder))
        lock = (path / "lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        lock.close()


class Once(NamedTuple):
    """`files`: the staged rows, each key once. `conflicts`: a file of the rows whose key was taken, if any."""

    files: list[Path]
    conflicts: Path | None = None


def without_repeats(table: Table, files: Sequence[Path], folder: Path) -> Once:
    """Keep the first row of each key; exact repeats fall away, and rows that say other things are conflicts."""
    if len(files) == 1 and _is_unique(table, files[0]):
        return Once(list(files))
    kept, conflicts = folder / f"{table.name}-once.parquet", folder / f"{table.name}-conflicts.parquet"
    with engine(folder / "spill") as connection:
        connection.execute(f"CREATE VIEW staged AS FROM {parquet(files)}")
        if not _find_repeats(connection, table):
            return Once(list(files))
        connection.execute(f"COPY (FROM staged ANTI JOIN later USING ({ROW})) TO '{quoted(kept)}' (FORMAT parquet)")
        differing = f"SELECT s.*, first_row FROM staged s JOIN later USING ({ROW}) WHERE differs"
        connection.execute(f"COPY ({differing}) TO '{quoted(conflicts)}' (FORMAT parquet)")
    return Once([kept], conflicts)


def conflict_faults(table: Table, conflicts: Path) -> Iterator[pl.DataFrame]:
    """The conflicts as faults that name the row which has the key."""
    for frame in frames([conflicts]):
        first = frame["first_row"].cast(pl.String)
        yield frame.select(
            ROW,
            pl.lit(table.key[0]).alias("column"),
            pl.concat_str([as_text(frame[name]) for name in table.key], separator=", ").alias("value"),
            (f"{' and '.join(table.key)} of its own (row " + first + " has it with other values)").alias("expected"),
            *(as_text(frame[name]) for name in table.names),
        )


def frames(files: Sequence[Path]) -> Iterator[pl.DataFrame]:
    """The rows of staged files, some at a time."""
    for path in files:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(100_000):
                yield pl.DataFrame(pl.from_arrow(batch))


def _is_unique(table: Table, file: Path) -> bool:
    """Whether no key repeats in a staged file, a block at most: to start DuckDB takes longer than to look."""
    return not pl.read_parquet(file, columns=list(table.key)).is_duplicated().any()


def _find_repeats(connection: duckdb.DuckDBPyConnection, table: Table) -> int:
    """Make `later`: each row whose key an earlier one has, the first of these, and whether they differ."""
    key = names(table.key)
    values = names(name for name in table.names if name not in table.key) or "NULL"
    connection.execute(f"CREATE TABLE often AS SELECT hash({key}) AS h FROM staged GROUP BY h HAVING count(*) > 1")
    connection.execute(
        f"""CREATE TABLE later AS
            SELECT {ROW}, first_row, said IS DISTINCT FROM first_said AS differs
              FROM (SELECT {ROW}, min({ROW}) OVER one AS first_row, row({values}) AS said,
                           arg_min(row({values}), {ROW}) OVER one AS first_said
                      FROM staged WHERE hash({key}) IN (FROM often) WINDOW one AS (PARTITION BY {key}))
             WHERE {ROW} > first_row"""
    )
    found = connection.execute("SELECT count(*) FROM later").fetchone()
    return int(found[0]) if found else 0


def _sweep(folder: Path) -> None:
    for path in folder.glob(f"{_PREFIX}*"):
        if not _is_held(path / "lock"):
            shutil.rmtree(path, ignore_errors=True)


def _is_held(lock: Path) -> bool:
    try:
        with lock.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
