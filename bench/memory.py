"""What scoring a million members takes of memory, against a tenth of them: it must not grow with how many there are."""

from __future__ import annotations

import tracemalloc
from typing import NamedTuple

import numpy as np
import polars as pl

from scoring.winback import WinbackModel
from scoring.winback.features import NAMES

MANY, SEEN = 1_000_000, 4_000  # members that are scored, and those that are learnt from


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
    """The peak of each."""
    ours, floor = (_taken(count) for count in (members, members // 10))
    return Peak(f"WinbackModel.predict, memory of {members:,}", ours, floor)


def _taken(members: int) -> int:
    """How many bytes of NumPy's arrays are there at once in scoring: what is members × features is one of those."""
    draw = np.random.default_rng(0)
    frame = pl.DataFrame([pl.Series(name, draw.normal(size=members)) for name in NAMES])
    mailed = draw.random(SEEN) < 0.5
    won = draw.random(SEEN) < 0.1 + 0.1 * mailed
    model = WinbackModel(quick=True).fit(frame.head(SEEN), mailed, won, 0.5)
    tracemalloc.start()
    try:
        model.predict(frame)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
