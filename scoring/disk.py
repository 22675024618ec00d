"""What has a name is on disk: a power cut takes nothing back."""

from __future__ import annotations

import os
from pathlib import Path


def replace_durably(staged: Path, final: Path) -> None:
    """Give a whole file its name: on disk before it is named."""
    descriptor = os.open(staged, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    staged.replace(final)
    sync_folder(final.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
