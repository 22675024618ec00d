"""A file that is written whole and named once."""

from __future__ import annotations

from pathlib import Path


def name_once(staged: Path, path: Path) -> None:
    """Give a whole file its name; where something bears it already, that counts."""
    try:
        path.hardlink_to(staged)
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links
        staged.replace(path)
