"""What is compared: tallies, which add up over shards and engines, and estimates with their errors."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from math import hypot, sqrt
from typing import NamedTuple, SupportsIndex

from scoring.errors import BadData

FEW = 20  # wins in an arm below which a normal interval misses far too often


class Measure(NamedTuple):
    """An estimate and its standard error.

    >>> Measure(0.5, 0.03) - Measure(0.25, 0.04)
    Measure(estimate=0.25, standard_error=0.05)
    """

    estimate: float
    standard_error: float

    def __sub__(self, other: Measure) -> Measure:
        """The difference of two independent estimates."""
        return Measure(self.estimate - other.estimate, hypot(self.standard_error, other.standard_error))


class Tally(NamedTuple):
    """The members of an arm whose window has closed, and how many of them won back.

    >>> Tally(1000, 120) + Tally(500, 30)
    Tally(members=1500, won_back=150)
    >>> sum([Tally(1000, 120), Tally(500, 30)], Tally()).rate
    0.1
    """

    members: int = 0
    won_back: int = 0

    def __add__(self, other: tuple[int, int]) -> Tally:  # type: ignore[override]  # tallies add up; tuples are joined
        return Tally(self.members + other[0], self.won_back + other[1])

    @property
    def rate(self) -> float | None:
        """The share that won back; None of nobody."""
        return self.won_back / self.members if self.members else None

    @property
    def measure(self) -> Measure:
        """The share that won back with Wald's standard error. There must be members."""
        rate = self.won_back / self.members
        return Measure(rate, sqrt(rate * (1 - rate) / self.members))


def tally(arm: str, counts: Sequence[SupportsIndex]) -> Tally:
    """`counts`, (members, won_back), checked. BadData that names the `arm` where they can't be such counts."""
    try:
        members, won_back = counts
    except (TypeError, ValueError):
        raise BadData(arm, f"{counts!r} is no pair", "give (members, won_back)") from None
    checked = Tally(whole(f"{arm} members", members), whole(f"{arm} won_back", won_back))
    if checked.won_back > checked.members:
        raise BadData(arm, f"{checked.won_back} won back of {checked.members} members", "count each member once")
    return checked


def whole(name: str, value: SupportsIndex) -> int:
    """`value` as a whole number that is not negative; BadData that names it otherwise."""
    try:
        number = operator.index(value)
    except TypeError:
        raise BadData(name, f"{value!r} is not a whole number", "give a count as int") from None
    if number < 0:
        raise BadData(name, f"{number} is negative", "give a count")
    return number


def within(name: str, value: float) -> float:
    """`value` where it lies between 0 and 1, both excluded; BadData that names it otherwise."""
    if not 0 < value < 1:
        raise BadData(name, f"{value!r} is out of range", "give a number between 0 and 1")
    return value
