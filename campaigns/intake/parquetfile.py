"""Parquet in blocks of rows. Columns keep a type that their kind has, else become text and are judged like CSV's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from campaigns.errors import RefusedFile
from campaigns.intake.rows import ROW, Block, faults
from scoring.contracts import Column, Kind, Table

BLOCK = 100_000  # rows

_LISTS = (Kind.LIST, Kind.COUNTRIES)
_NUMBERS = (Kind.NUMBER, Kind.SHARE)


def read_parquet(path: Path, table: Table) -> Iterator[Block]:
    """The rows of the table's columns, at least one block: the first tells which of the columns there are.

    Raises:
        RefusedFile: it is no Parquet, a column has a type that its kind cannot have, or it cannot be read.
    """
    try:
        with pq.ParquetFile(path) as file:
            yield from _blocks(path.name, file, table)
    except OSError as error:
        raise RefusedFile(path.name, f"cannot be read ({error.strerror or error})") from error
    except pa.ArrowException as error:
        raise RefusedFile(path.name, f"is not Parquet that can be read ({str(error).splitlines()[0]})") from error


def _blocks(name: str, file: pq.ParquetFile, table: Table) -> Iterator[Block]:
    columns = [column for column in table.columns if column.name in file.schema_arrow.names]
    names = [column.name for column in columns]
    ignored = tuple(name for name in file.schema_arrow.names if name not in names)
    row = 2
    for read in _tables(file, names):
        read.validate(full=True)  # pyarrow takes text from Parquet without looking whether it is UTF-8
        yield Block(_numbered(_typed(name, read, columns), row), faults([], names), ignored)
        row += read.num_rows


def _tables(file: pq.ParquetFile, names: list[str]) -> Iterator[pa.Table]:
    """The columns, some rows at a time; once without rows where there are none."""
    if not names or not file.metadata.num_rows:
        yield file.schema_arrow.empty_table().select(names)
        return
    for batch in file.iter_batches(BLOCK, columns=names):
        yield pa.Table.from_batches([batch]).select(names)


def _typed(file: str, read: pa.Table, columns: list[Column]) -> pl.DataFrame:
    frame = pl.DataFrame(pl.from_arrow(_as_text(read)))
    return frame.select(_cast(file, column, frame.schema[column.name]) for column in columns)


def _as_text(read: pa.Table) -> pa.Table:
    """Bytes become text, which fails where they are no UTF-8; dictionaries become what they stand for."""
    for index, column in enumerate(read.schema):
        kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        target = pa.large_string() if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) else kind
        if target != column.type:
            read = read.set_column(index, column.name, read.column(index).cast(target))
    return read


def _cast(file: str, column: Column, dtype: pl.DataType) -> pl.Expr:
    """The column in a type of its kind, or as text."""
    cell = pl.col(column.name)
    if dtype in (pl.String, pl.Null):
        return cell.cast(pl.String)
    if _fits(column.kind, dtype):
        return _timed(cell, dtype) if column.kind is Kind.TIME else cell
    if dtype.is_integer() and column.kind in (Kind.TEXT, Kind.FLAG):
        return cell.cast(pl.String)
    raise RefusedFile(file, f"the column {column.name} holds {dtype}, not {column.kind.value}; write it as text")


def _fits(kind: Kind, dtype: pl.DataType) -> bool:
    if kind in (Kind.TIME, Kind.DATE):
        return isinstance(dtype, pl.Date | pl.Datetime)
    if kind in _NUMBERS:
        return dtype.is_numeric()
    if kind in _LISTS:
        return dtype == pl.List(pl.String)
    return kind is Kind.FLAG and dtype == pl.Boolean


def _timed(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A moment; without a zone it is of UTC, a day alone its first moment."""
    moment = cell.cast(pl.Datetime("us")) if dtype == pl.Date else cell.dt.cast_time_unit("us")
    zone = getattr(dtype, "time_zone", None)
    return moment.dt.convert_time_zone("UTC") if zone else moment.dt.replace_time_zone("UTC")


def _numbered(frame: pl.DataFrame, row: int) -> pl.DataFrame:
    numbers = pl.int_range(row, row + frame.height, dtype=pl.Int64, eager=True).alias(ROW)
    return frame.select(numbers, pl.all())
