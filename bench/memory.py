"""What scoring a million members takes of memory, against a tenth of them: it must not grow with how many there are."""

from __future__ import annotations

import resource
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple

import numpy as np
import polars as pl

from scoring.winback import WinbackModel
from scoring.winback.features import NAMES

MANY, SEEN = 1_000_000, 4_000  # members that are scored, and those that are learnt from
BYTES = 1 if sys.platform == "darwin" else 1024  # in the unit in which the system tells a peak


class Peak(NamedTuple):
    """Scoring takes `ours` bytes beyond the members' own, where a tenth as many take `floor`."""

    what: str
    ours: float
    floor: float

    @property
    def cells(self) -> list[str]:
        """Ours and the floor, in megabytes."""
        return [f"{size / 1e6:,.0f} MB" for size in (self.ours, self.floor)]


def memory(members: int = MANY) -> Peak:
    """The peak of each in a process of its own, which has seen no other."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as processes:
        ours, floor = processes.map(_taken, [members, members // 10])
    return Peak(f"WinbackModel.predict, memory of {members:,}", ours, floor)


def _taken(members: int) -> int:
    """By how many bytes the peak rises in scoring."""
    draw = np.random.default_rng(0)
    frame = pl.DataFrame([pl.Series(name, draw.normal(size=members)) for name in NAMES])
    mailed = draw.random(SEEN) < 0.5
    won = draw.random(SEEN) < 0.1 + 0.1 * mailed
    model = WinbackModel(quick=True).fit(frame.head(SEEN), mailed, won, 0.5)
    before = _peak()
    model.predict(frame)
    return _peak() - before


def _peak() -> int:
    return BYTES * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
