"""Rows that could not be taken, kept whole with the reason, for whoever mends them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from campaigns.errors import BadInput
from campaigns.intake.rows import FAULT

SHOWN = 5  # rows that a command names; the file has them all


class SetAside:
    """The rows of one file that are set aside, written to `staging` until `keep` gives them a name in `folder`.

    The name tells the file and what is in it: the same bad rows make the same file, however often they come.
    """

    def __init__(self, source: Path, columns: Sequence[str], *, staging: Path, folder: Path) -> None:
        self.source, self.columns, self.folder = source, columns, folder
        self.rows = 0
        self.first: list[BadInput] = []
        self._open = staging / f"{source.name}.set-aside"

    def add(self, faults: pl.DataFrame) -> None:
        """Keep faults: row, column, value, expected, then the row's cells as text."""
        if faults.is_empty():
            return
        told = faults.select(pl.lit(self.source.name).alias("file"), *FAULT, *self.columns)
        with os.fdopen(os.open(self._open, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
            told.write_csv(file, include_header=self.rows == 0)
        self.rows += faults.height
        shown = told.head(SHOWN - len(self.first)).select("file", *FAULT)
        self.first += [BadInput(*fault) for fault in shown.iter_rows()]

    def keep(self) -> Path | None:
        """The file in quarantine; None where no row was set aside."""
        if not self.rows:
            return None
        with self._open.open("rb") as file:
            told = hashlib.file_digest(file, "sha256").hexdigest()[:8]
            os.fsync(file.fileno())
        return self._open.replace(self.folder / f"{self.source.stem}-{told}.csv")
