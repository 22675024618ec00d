"""What became of an import, file by file."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from campaigns.errors import BadInput


class FileReport(NamedTuple):
    """One file: rows read = new + changed + unchanged + set aside. `refused`: why nothing of it was taken."""

    file: str
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0  # repeats within the file are among them
    set_aside: int = 0
    quarantine: Path | None = None  # where the rows set aside are
    examples: tuple[BadInput, ...] = ()  # the first of them
    ignored_columns: tuple[str, ...] = ()
    refused: str = ""


class Imported(NamedTuple):
    """What became of a folder."""

    files: tuple[FileReport, ...]

    @property
    def refused(self) -> bool:
        """Whether a file was refused."""
        return any(report.refused for report in self.files)
