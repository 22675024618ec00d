"""Every random draw of the simulated service: a hash of what it is for and whose it is.

A draw belongs to its name and its counters (member, day, number), never to a generator's stream, so that shards, order
and another process give the same world, and so that a member's fate with a mail and without one hang on the same draw.
Mixing is splitmix64's (Steele, Lea, Flood 2014, doi 10.1145/2660193.2660195): some 20 ns a draw, where the MD5 of
`scoring.chance` would take twenty times as long for the plays of a large service.
"""

from __future__ import annotations

import hashlib
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Counter: TypeAlias = Ints | int

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_MOST = 12  # events that one short span may hold


class Draws:
    """The draws of one world.

    >>> draws = Draws(0)
    >>> float(draws.uniform("return", np.arange(9), 5)[7]) == float(draws.uniform("return", 7, 5))
    True
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def uniform(self, what: str, *counters: Counter) -> Floats:
        """Draws in [0, 1), one for each element of the counters, which broadcast."""
        hashed = np.asarray(self._key(what))
        with np.errstate(over="ignore"):
            for counter in counters:
                step = np.asarray(counter, dtype=np.int64).astype(np.uint64) + np.uint64(1)
                hashed = _mixed(hashed + step * _GOLDEN)
        units: Floats = (hashed >> np.uint64(11)).astype(np.float64) * 2.0**-53
        return units

    def normal(self, what: str, *counters: Counter) -> Floats:
        """Standard normal draws."""
        values: Floats = ndtri(np.clip(self.uniform(what, *counters), 1e-12, 1 - 1e-12))
        return values

    def choice(self, what: str, shares: Floats, *counters: Counter) -> Ints:
        """Indices into `shares`, each as likely as its share."""
        return pick(np.cumsum(shares) / np.sum(shares), self.uniform(what, *counters))

    def poisson(self, what: str, mean: Floats, *counters: Counter) -> Ints:
        """Counts with means of at most a few, by inversion."""
        units = self.uniform(what, *counters)
        counts = np.zeros(units.shape, dtype=np.int64)
        term = np.exp(-mean)
        below = term.copy()
        for number in range(1, _MOST + 1):
            counts += units >= below
            term = term * mean / number
            below += term
        return counts

    def _key(self, what: str) -> np.uint64:
        digest = hashlib.blake2b(f"{self.seed}:{what}".encode(), digest_size=8).digest()
        return np.uint64(int.from_bytes(digest, "little"))


def pick(ends: Floats, units: Floats) -> Ints:
    """Which of the intervals that end at `ends` (the last at 1) each unit falls into."""
    found: Ints = np.minimum(np.searchsorted(ends, units, side="right"), len(ends) - 1).astype(np.int64)
    return found


def _mixed(hashed: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    hashed = (hashed ^ (hashed >> np.uint64(30))) * _FIRST
    hashed = (hashed ^ (hashed >> np.uint64(27))) * _SECOND
    mixed: npt.NDArray[np.uint64] = hashed ^ (hashed >> np.uint64(31))
    return mixed
