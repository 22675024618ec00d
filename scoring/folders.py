"""Folders that several processes write to: one at a time, and each version in them whole or not at all."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from scoring.disk import replace_durably, sync_folder

LOCK = ".lock"


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Be the only writer of a folder while the block runs.

    What begins with a dot is a writer's: what is there when a block begins was left by one that died, and is removed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for path in folder.glob(".*"):
            if path.name != LOCK:
                _remove(path)
        yield


def place(folder: Path, save: Callable[[Path], object]) -> None:
    """Let `save` write files that appear as `folder` all at once; only for who is `writing` its parent.

    Where the folder stands already, its files are replaced one by one, and others in it stay.
    """
    staged = folder.with_name(f".{folder.name}")
    staged.mkdir()
    try:
        save(staged)
        if folder.exists():
            for file in staged.iterdir():
                replace_durably(file, folder / file.name)
        else:
            _name(staged, folder)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def write(path: Path, text: str) -> None:
    """Write a file whole; only for who is `writing` its folder."""
    staged = path.with_name(f".{path.name}")
    staged.write_text(text, encoding="utf-8")
    replace_durably(staged, path)


def _name(staged: Path, folder: Path) -> None:
    """On disk before it is named."""
    for path in (*staged.iterdir(), staged):
        sync_folder(path)
    staged.rename(folder)
    sync_folder(folder.parent)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
