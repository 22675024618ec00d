"""Which rows of a block can be taken, and what is wrong with the others: the first bad cell of each, by name."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from campaigns.intake.kinds import ENCORE, Rules
from campaigns.intake.rows import ROW, fault_schema
from scoring.contracts import Column, Kind, Table
from scoring.lake.schema import file_schema

LONGEST_ID = 200  # characters: ids stand in keys, links and mail tags
_LONG_TEXT = ("synopsis",)  # the only text that may have several lines


class Checked(NamedTuple):
    """`good`: row numbers and all columns of the table, in their types. `faults`: as `fault_schema`."""

    good: pl.DataFrame
    faults: pl.DataFrame


def check(table: Table, frame: pl.DataFrame, rules: Rules = ENCORE) -> Checked:
    """Judge a block: row numbers and the table's columns, as text or typed; a column that is not there is empty."""
    present = [column for column in table.columns if column.name in frame.columns]
    trimmed = frame.with_columns(_trimmed(frame, column.name) for column in present)
    read = {column.name: _read(table, column, trimmed[column.name], rules) for column in present}
    wrong = pl.DataFrame(
        {column.name: _is_wrong(column, trimmed[column.name], read[column.name]) for column in present}
    )
    bad = wrong.select(pl.any_horizontal(pl.all())).to_series()
    typed = _filled(table, trimmed.select(ROW, *(values.alias(name) for name, values in read.items())))
    if not bad.any():
        return Checked(typed, pl.DataFrame(schema=fault_schema([column.name for column in present])))
    return Checked(typed.filter(~bad), _faults(table, trimmed.filter(bad), wrong.filter(bad), rules))


def as_text(column: pl.Series) -> pl.Series:
    """Cells as a file would say them."""
    if isinstance(column.dtype, pl.List):
        return column.list.join("|")
    if isinstance(column.dtype, pl.Datetime):
        return column.dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ")
    return column.cast(pl.String)


def expectation(table: Table, column: Column, rules: Rules = ENCORE) -> str:
    """What a cell of the column must hold, in words."""
    if column.name in table.key and column.kind is Kind.TEXT:
        return f"text of one line, of at most {LONGEST_ID} characters"
    if column.kind is Kind.TEXT and column.name not in _LONG_TEXT:
        return "text of one line"
    return rules[column.kind].expected


def _trimmed(frame: pl.DataFrame, name: str) -> pl.Expr:
    """The cell without spaces around it; null where nothing is left."""
    cell = pl.col(name)
    return cell.str.strip_chars(" \t").replace("", None) if frame.schema[name] == pl.String else cell


def _read(table: Table, column: Column, cells: pl.Series, rules: Rules) -> pl.Series:
    values = rules[column.kind].read(cells)
    if column.kind is not Kind.TEXT or column.name in _LONG_TEXT:
        return values
    fits = ~values.str.contains(r"[\x00-\x1f]")
    if column.name in table.key or column.name.endswith("_id"):
        fits &= values.str.len_chars() <= LONGEST_ID
    return pl.select(pl.when(fits).then(values)).to_series()


def _is_wrong(column: Column, cells: pl.Series, values: pl.Series) -> pl.Series:
    missing = values.is_null()
    return missing if column.required else missing & cells.is_not_null()


def _filled(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """All columns of the table; no flag is null, nor any list."""
    lacking = [pl.lit(None).alias(name) for name in table.names if name not in frame.columns]
    schema = file_schema(table)
    typed = frame.with_columns(lacking).select(pl.col(ROW), *(pl.col(name).cast(kind) for name, kind in schema.items()))
    return typed.with_columns(
        pl.col(name).fill_null(False if kind == pl.Boolean else [])
        for name, kind in schema.items()
        if _has_default(kind)
    )


def _has_default(kind: pl.DataType) -> bool:
    return kind == pl.Boolean or isinstance(kind, pl.List)


def _faults(table: Table, frame: pl.DataFrame, wrong: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """One fault a row, of its first wrong column in the contract's order."""
    cells = frame.with_columns(as_text(frame[name]) for name in wrong.columns)
    columns = [column for column in table.columns if column.name in wrong.columns]

    def first(values: list[pl.Expr]) -> pl.Expr:
        pairs = zip(columns, values, strict=True)
        return pl.coalesce(pl.when(wrong[column.name]).then(value) for column, value in pairs)

    return cells.select(
        ROW,
        first([pl.lit(column.name) for column in columns]).alias("column"),
        first([pl.col(column.name).fill_null("") for column in columns]).alias("value"),
        first([pl.lit(_wanted(table, column, rules)) for column in columns]).alias("expected"),
        *wrong.columns,
    )


def _wanted(table: Table, column: Column, rules: Rules) -> str:
    return expectation(table, column, rules) + (" (required)" if column.required else "")
