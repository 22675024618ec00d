"""Locks that processes hold on files; the kernel frees them when their holders end, however that was (flock(2)).

A lock belongs to the open file: it is held until that is closed here and in every child that inherited it. Children
inherit it only where it is passed to them.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

ALONE = fcntl.LOCK_EX
SHARED = fcntl.LOCK_SH
PAUSE = 0.02  # seconds between two looks


def take(path: Path, how: int = ALONE, *, limit: float = 0) -> int | None:
    """An open file that holds the lock until it is closed; None where others still hold it after `limit` seconds."""
    deadline = time.monotonic() + limit
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    while not _locked(file, how):
        if time.monotonic() >= deadline:
            os.close(file)
            return None
        time.sleep(PAUSE)
    return file


def is_held(path: Path, how: int = ALONE) -> bool:
    """Whether others hold the lock so that it could not be had in this way."""
    if not path.exists():
        return False
    lock = take(path, how)
    if lock is not None:
        os.close(lock)
    return lock is None


def _locked(file: int, how: int) -> bool:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
