"""Which files of the lake are live, in one small file that is replaced whole.

Writers take turns (one `flock` a lake). Readers take no lock: the manifest they read names files that stay for a day
after they were replaced. What no manifest names was left by a writer that died, and the next one sweeps it.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from scoring.disk import sync_folder

KEPT_FOR = 24 * 3600.0  # seconds that a replaced file stays for those who still read it
NAME, LOCK, SPILL = "manifest.json", "lock", ".spill-"


class Part(NamedTuple):
    """One Parquet file. `file` is relative to the lake; `name`: given by whoever may write it again, else empty."""

    file: str
    rows: int
    name: str = ""


@dataclass(frozen=True)
class Manifest:
    """The live parts of each table, and what was retired when (wall clock, seconds)."""

    commit: str = "empty"
    sequence: int = 0  # commits so far
    tables: dict[str, tuple[Part, ...]] = field(default_factory=dict)
    retired: dict[str, float] = field(default_factory=dict)

    def parts(self, table: str) -> tuple[Part, ...]:
        """The table's live parts, oldest first."""
        return self.tables.get(table, ())

    def with_parts(self, table: str, parts: tuple[Part, ...], now: float) -> Manifest:
        """The next manifest, in which `parts` are all that is live of the table."""
        live = {part.file for part in parts}
        gone = {part.file: now for part in self.parts(table) if part.file not in live}
        return replace(
            self,
            commit=uuid.uuid4().hex,
            sequence=self.sequence + 1,
            tables=self.tables | {table: parts},
            retired=self.retired | gone,
        )

    def files(self) -> set[str]:
        """Every file that a reader may still hold."""
        return {part.file for parts in self.tables.values() for part in parts} | set(self.retired)


def read(folder: Path) -> Manifest:
    """The manifest in force; an empty one where nothing was written yet."""
    try:
        told: dict[str, Any] = json.loads((folder / NAME).read_bytes())
    except FileNotFoundError:
        return Manifest()
    tables = {table: tuple(Part(*part) for part in parts) for table, parts in told["tables"].items()}
    return Manifest(told["commit"], told["sequence"], tables, told["retired"])


def write(folder: Path, manifest: Manifest) -> None:
    """Put the manifest in force: from here on its files are what readers see, all at once."""
    path = folder / f"{NAME}.new"
    with path.open("w") as file:
        json.dump(vars(manifest), file)
        file.flush()
        os.fsync(file.fileno())
    path.replace(folder / NAME)
    sync_folder(folder)


@contextmanager
def writing(folder: Path) -> Iterator[Manifest]:
    """Be the lake's only writer while the block runs; yields the manifest in force.

    What writers that died left behind, and what was replaced long ago, is swept first.
    """
    with (folder / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        manifest = _without_old(read(folder), time.time())
        _sweep(folder, manifest.files())
        try:
            yield manifest
        except BaseException:
            _sweep(folder, read(folder).files())  # a full disk gets its room back at once
            raise


def _without_old(manifest: Manifest, now: float) -> Manifest:
    return replace(manifest, retired={file: at for file, at in manifest.retired.items() if now - at < KEPT_FOR})


def _sweep(folder: Path, known: set[str]) -> None:
    for path in folder.glob("*/part-*.parquet*"):
        if str(path.relative_to(folder)) not in known:
            path.unlink(missing_ok=True)
    for spill in folder.glob(f"{SPILL}*"):
        shutil.rmtree(spill, ignore_errors=True)
