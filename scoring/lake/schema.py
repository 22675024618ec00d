"""The types that the import contract's columns have in polars, and what of them the lake keeps."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from scoring.contracts import CONSENT, IMPORT, MEMBERS, PERSONAL, Kind, Table

TABLES = {table.name: table for table in IMPORT}
VERSIONED = ("members", "titles", "title_names", "artworks")
VALID_FROM, IMPORT_NO = "valid_from", "import_no"  # of a version: since when it holds; which write brought it

TIME = pl.Datetime("us", "UTC")
_LIST = pl.List(pl.String)
_TYPES: dict[Kind, pl.DataType] = {
    Kind.TIME: TIME,
    Kind.DATE: pl.Date(),
    Kind.NUMBER: pl.Float64(),
    Kind.SHARE: pl.Float64(),
    Kind.FLAG: pl.Boolean(),
    Kind.LIST: _LIST,
    Kind.COUNTRIES: _LIST,
}


def write_parquet(rows: pl.DataFrame | pl.LazyFrame, path: Path) -> None:
    """Write rows as Parquet, some at a time.

    Raises:
        OSError: they could not be written; polars itself calls that a failed computation.
    """
    try:
        rows.lazy().sink_parquet(path)
    except pl.exceptions.ComputeError as error:
        raise OSError(str(error)) from error


def file_schema(table: Table) -> pl.Schema:
    """The columns of the table's file, with the types they have once read."""
    return pl.Schema({column.name: _TYPES.get(column.kind, pl.String()) for column in table.columns})


def value_schema(table: Table) -> pl.Schema:
    """The columns that the lake takes from the file: nothing personal."""
    private = (*PERSONAL, *CONSENT) if table is MEMBERS else ()
    return pl.Schema({name: kind for name, kind in file_schema(table).items() if name not in private})


def lake_schema(table: Table) -> pl.Schema:
    """The table's columns in the lake: those of the file and, of a versioned table, which version it is."""
    versions = {VALID_FROM: TIME, IMPORT_NO: pl.Int64()} if table.name in VERSIONED else {}
    return pl.Schema(value_schema(table) | versions)


def fitted(rows: pl.LazyFrame, schema: pl.Schema) -> pl.LazyFrame:
    """The rows in the schema's columns and types; a column that they lack is null, a list that is null empty."""
    present = rows.collect_schema().names()
    lacking = [pl.lit(None).alias(name) for name in schema if name not in present]
    typed = rows.with_columns(lacking).select(pl.col(name).cast(kind) for name, kind in schema.items())
    lists = [name for name, kind in schema.items() if kind == _LIST]
    return typed.with_columns(pl.col(name).fill_null([]) for name in lists)
