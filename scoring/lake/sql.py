"""DuckDB as the lake uses it: over Parquet, in bounded memory, on UTC; and names and paths as its SQL wants them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

MEMORY = "1GB"  # beyond it DuckDB spills to disk
_SETTINGS = "SET TimeZone = 'UTC'; SET preserve_insertion_order = false; SET enable_progress_bar = false"


@contextmanager
def engine(spill: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a DuckDB in memory that spills into the folder `spill`."""
    with duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(spill)}) as connection:
        connection.execute(_SETTINGS)
        yield connection


def names(columns: Iterable[str], alias: str = "") -> str:
    """Columns for a SELECT: `"at"` is a column, `at` a keyword."""
    prefix = f"{alias}." if alias else ""
    return ", ".join(f'{prefix}"{column}"' for column in columns)


def parquet(files: Iterable[Path]) -> str:
    """The files as one table; its virtual column `filename` tells which of them a row is in."""
    listed = ", ".join(f"'{quoted(file)}'" for file in files)
    return f"read_parquet([{listed}])"


def quoted(path: Path) -> str:
    """A path to stand between single quotes."""
    return str(path).replace("'", "''")
