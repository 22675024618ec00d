"""Timing two ways of doing one thing in turn, so that a machine's moods meet both."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple


class Figure(NamedTuple):
    """`count` things of `unit` took `ours` seconds, where the bare floor takes `floor`."""

    what: str
    count: int
    unit: str
    ours: float
    floor: float

    @property
    def cells(self) -> list[str]:
        """Ours and the floor, as rates."""
        return [f"{self.count / seconds:,.0f} {self.unit}/s" for seconds in (self.ours, self.floor)]


def paired(what: str, count: int, unit: str, ours: Callable[[], object], floor: Callable[[], object]) -> Figure:
    """The best of three of each, taken in turn."""
    times = [(_seconds(ours), _seconds(floor)) for _ in range(3)]
    return Figure(what, count, unit, min(a for a, _ in times), min(b for _, b in times))


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
