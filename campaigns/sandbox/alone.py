"""One command at a time works on a service: two at once would write over each other's files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from campaigns import locks
from campaigns.errors import NotAllowed

LOCK = ".lock"


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Have the service in a folder for oneself as long as the block lasts.

    Raises:
        NotAllowed: another command is building it or living a day.
    """
    lock = locks.take(folder / LOCK)
    if lock is None:
        raise NotAllowed(f"work on {folder}", "another command is at work there; wait until it ends, and try again")
    try:
        yield
    finally:
        os.close(lock)
