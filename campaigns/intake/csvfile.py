"""CSV in blocks of whole rows, so that memory stays small and a bad row costs one row.

A block goes through pyarrow where that reads it without a question. Where there is one (a byte that is no UTF-8, a
row with too few cells, an odd quote) it goes through the `csv` module line by line, which is slower and tells the row.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import polars as pl
import pyarrow as pa
import pyarrow.csv as pacsv

from campaigns.errors import RefusedFile
from campaigns.intake.rows import ROW, WHOLE_ROW, Block, faults

BLOCK = 8 << 20  # bytes read at once
LONGEST_ROW = 2 * BLOCK
STRAY_QUOTE = re.compile(rb'[^,\n"]"[^,\r\n"]')  # opens no cell and closes none
LONGEST_CELL = 200  # lines that a quoted cell may span; beyond it the quote was never closed


def read_csv(path: Path, wanted: Sequence[str]) -> Iterator[Block]:
    """The rows of the columns wanted, as text. The first block has no rows: it tells which of the columns there are.

    Raises:
        RefusedFile: it names no columns, or one of them twice, is not UTF-8, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            yield from _blocks(path.name, file, wanted)
    except OSError as error:
        raise RefusedFile(path.name, f"cannot be read ({error.strerror})") from error


class _Shape(NamedTuple):
    """The header's columns, and those of them that are wanted."""

    header: list[str]
    wanted: list[str]


class _Read(NamedTuple):
    """What came out of some whole lines: how many rows they were, and the lines of a row that goes on in the next."""

    block: Block
    rows: int
    left: bytes = b""


def _blocks(name: str, file: BinaryIO, wanted: Sequence[str]) -> Iterator[Block]:
    shape, data = _header(name, file.read(BLOCK), wanted)
    ignored = tuple(name for name in shape.header if name not in shape.wanted)
    yield Block(_frame([], shape), faults([], shape.wanted), ignored)
    row, at_end = 2, False
    while not at_end:
        more = file.read(BLOCK)
        data, at_end = data + more, not more
        whole = len(data) if at_end else data.rfind(b"\n") + 1
        read = _fast(data[:whole], shape, row) or _careful(data[:whole], shape, row, at_end=at_end)
        yield read.block
        row, data = row + read.rows, read.left + data[whole:]
        if len(data) > LONGEST_ROW:
            raise RefusedFile(name, f"row {row} is longer than {LONGEST_ROW >> 20} MB; write one row a line")


def _header(name: str, start: bytes, wanted: Sequence[str]) -> tuple[_Shape, bytes]:
    line, _, rest = start.removeprefix(b"\xef\xbb\xbf").partition(b"\n")
    try:
        cells = next(csv.reader([line.decode()]), [])
    except (UnicodeDecodeError, csv.Error):
        raise RefusedFile(name, "is not CSV in UTF-8; write it as that") from None
    header = [cell.strip() for cell in cells]
    if not any(header):
        raise RefusedFile(name, "is empty; its first line must name the columns")
    twice = [column for column in wanted if header.count(column) > 1]
    if twice:
        raise RefusedFile(name, f"names the column {twice[0]} twice; keep one")
    return _Shape(header, [column for column in header if column in wanted]), rest


def _fast(data: bytes, shape: _Shape, row: int) -> _Read | None:
    """The rows as pyarrow reads them; None where it may have misread some."""
    quotes = data.count(b'"')
    lone_returns = data.count(b"\r") - data.count(b"\r\n")
    if not data or quotes % 2 or lone_returns or STRAY_QUOTE.search(data) or not _is_utf8(data):
        return None
    try:
        table = pacsv.read_csv(pa.BufferReader(data), *_pyarrow_options(data, shape))
    except pa.ArrowInvalid:
        return None
    cells = pl.DataFrame(pl.from_arrow(table))
    if _is_odd(cells, quoted=quotes > 0):
        return None
    numbers = pl.int_range(row, row + cells.height, dtype=pl.Int64, eager=True).alias(ROW)
    frame = cells.select(numbers, *(pl.col(str(shape.header.index(name))).alias(name) for name in shape.wanted))
    return _Read(Block(frame, faults([], shape.wanted)), cells.height)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _pyarrow_options(data: bytes, shape: _Shape) -> tuple[Any, Any, Any]:
    names = [str(number) for number in range(len(shape.header))]
    return (
        pacsv.ReadOptions(column_names=names, block_size=len(data) + 1, use_threads=False),
        pacsv.ParseOptions(ignore_empty_lines=False),
        pacsv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
    )


def _is_odd(cells: pl.DataFrame, *, quoted: bool) -> bool:
    """Whether a line is blank, or a cell spans lines: a quote that was never closed looks so."""
    odd = pl.all_horizontal(pl.all() == "").any()
    if quoted:
        odd |= pl.any_horizontal(pl.all().str.contains("\n", literal=True)).any()
    return bool(cells.select(odd).item())


class _Lines:
    """Hands lines to a `csv.reader`; `ran_out` when a row asks for more than there are, or than a cell may span."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines, self.at, self.start, self.ran_out = lines, 0, 0, False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.at == len(self.lines) or self.at - self.start > LONGEST_CELL:
            self.ran_out = True
            raise StopIteration
        self.at += 1
        return self.lines[self.at - 1] + "\n"

    def begin(self, at: int) -> None:
        """The next row starts at this line."""
        self.at, self.start, self.ran_out = at, at, False


def _careful(data: bytes, shape: _Shape, row: int, *, at_end: bool) -> _Read:
    """The rows as the `csv` module reads them. One whose quote is never closed costs its first line alone."""
    lines = data.decode("utf-8", "surrogateescape").removesuffix("\n").split("\n") if data else []
    source, good, bad = _Lines(lines), [], []
    reader, number = csv.reader(source, strict=True), row
    while source.at < len(lines):
        source.begin(source.at)
        cells = _next_row(reader)
        if source.ran_out and source.at == len(lines) and not at_end:
            source.at = source.start  # it may go on in the next block
            break
        if cells is None:
            source.at = source.start + 1
            reader = csv.reader(source, strict=True)
        fault = _fault(cells, "\n".join(lines[source.start : source.at]), shape)
        if fault:
            bad.append({ROW: number} | fault)
        elif cells:
            good.append((number, *cells))
        number += 1
    left = "".join(line + "\n" for line in lines[source.at :]).encode("utf-8", "surrogateescape")
    return _Read(Block(_frame(good, shape), faults(bad, shape.wanted)), number - row, left)


def _next_row(reader: Any) -> list[str] | None:
    try:
        return list(next(reader))
    except csv.Error:  # a cell of more than 131,072 characters, or a carriage return outside quotes
        return None


def _fault(cells: list[str] | None, text: str, shape: _Shape) -> dict[str, Any] | None:
    """What is wrong with a row as such, if anything is. A blank line is no row at all."""
    if cells is None:
        return {"column": WHOLE_ROW, "value": _shown(text), "expected": "a row of CSV, its quotes closed"}
    if cells and len(cells) != len(shape.header):
        expected = f"{len(shape.header)} cells, as in the header"
        return {"column": WHOLE_ROW, "value": _shown(text), "expected": expected}
    if not cells or _shown(text) == text:
        return None
    told = {name: cell for name, cell in zip(shape.header, cells, strict=True) if name in shape.wanted}
    own = {name: _shown(cell) for name, cell in told.items()}
    broken = next((name for name in own if own[name] != told[name]), None)
    return {"column": broken, "value": own[broken], "expected": "text in UTF-8"} | own if broken else None


def _shown(text: str) -> str:
    r"""The text, its bytes that are no UTF-8 written as `\xff`."""
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _frame(rows: Sequence[tuple[Any, ...]], shape: _Shape) -> pl.DataFrame:
    columns = list(zip(*rows, strict=True)) or [()] * (len(shape.header) + 1)
    own = {name: pl.Series(name, columns[shape.header.index(name) + 1], dtype=pl.String) for name in shape.wanted}
    return pl.DataFrame({ROW: pl.Series(ROW, columns[0], dtype=pl.Int64)} | own)
