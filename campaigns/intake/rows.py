"""What the readers hand on: blocks of rows with their numbers, and the rows that are none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import polars as pl

ROW = "row"  # the row's number in its file: the header is row 1, in Parquet too
WHOLE_ROW = "(row)"  # named where a row is wrong as a whole
FAULT = pl.Schema({ROW: pl.Int64, "column": pl.String, "value": pl.String, "expected": pl.String})


class Block(NamedTuple):
    """`frame`: the row numbers and the wanted columns. `faults`: rows that have no such cells, as `fault_schema`."""

    frame: pl.DataFrame
    faults: pl.DataFrame
    ignored: tuple[str, ...] = ()  # columns of the file that nobody wanted; told with the first block


def fault_schema(columns: Sequence[str]) -> pl.Schema:
    """Where, what and what was expected, then the row's own cells as text."""
    return pl.Schema(FAULT | {column: pl.String() for column in columns})


def faults(told: Sequence[dict[str, Any]], columns: Sequence[str]) -> pl.DataFrame:
    """Faults found one by one as a frame."""
    return pl.DataFrame(told, schema=fault_schema(columns))
