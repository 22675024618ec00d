"""Files in the import contract → contacts and the lake; rows that can't be taken → quarantine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from campaigns.intake.folder import Format, import_folder
    from campaigns.intake.load import CONTACT, Tally
    from campaigns.intake.report import FileReport, Imported

__all__ = ["CONTACT", "FileReport", "Format", "Imported", "Tally", "import_folder"]

_HOMES = {
    "import_folder": "folder",
    "Format": "folder",
    "CONTACT": "load",
    "Tally": "load",
    "Imported": "report",
    "FileReport": "report",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for once it is: polars and DuckDB take half a second, and most commands read no file."""
    if name not in _HOMES:
        raise AttributeError(name)
    from importlib import import_module  # noqa: PLC0415 - only on the way to something heavy

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
