"""A file that is written whole and named once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import polars as pl


def name_once(staged: Path, path: Path) -> None:
    """Give a whole file its name; where something bears it already, that counts."""
    try:
        path.hardlink_to(staged)
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links
        staged.replace(path)


def once(path: Path, make: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    """The frame at `path`, made where it is not there yet."""
    return pl.read_parquet(path if path.exists() else write_once(make(), path))


def write_once(frame: pl.DataFrame, path: Path) -> Path:
    """Write a frame whole or not at all, and once: where `path` is there already, what stands there counts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_name(f".{path.name}-{uuid4().hex}")
    try:
        frame.write_parquet(staged)
        name_once(staged, path)
    finally:
        staged.unlink(missing_ok=True)
    return path
