"""How much a ranking is worth, measured on a trial: gains by the share mailed, the Qini area, and how sure they are.

Each member's score of effect is won_back / P(mailed) where mailed, and −won_back / P(not mailed) where not: its mean
over any group is the group's mean effect, whatever the chances were (inverse-propensity weighting). Radcliffe: "Using
control groups to target on predicted lift" (2007). Intervals are of influence functions (Hampel: "The influence curve
and its role in robust estimation", 1974): by how much each row moves a figure, other rows changing places with it.
Those of two rankings of the same members subtract row by row, so that their differences are paired.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from scoring.encoding import Codes, Floats

SURE = 1.96  # standard errors on either side
FARTHEST = (0.01, 0.99)  # propensities in denominators


@dataclass(frozen=True)
class Estimate:
    """A value, and between what it is likely to lie."""

    value: float
    low: float
    high: float

    @classmethod
    def likely(cls, value: float, error: float) -> Estimate:
        """A value with its standard error: it lies between with a chance of 95%."""
        return cls(value, value - SURE * error, value + SURE * error)


@dataclass(frozen=True)
class Outcomes:
    """What became of n members of a trial. All arrays have length n."""

    mailed: npt.NDArray[np.bool_]
    won_back: Floats  # 0 or 1
    propensity: Floats  # P(mailed), in (0, 1)

    @property
    def bounded(self) -> Floats:
        """P(mailed) [n] as it stands in denominators."""
        return np.clip(self.propensity, *FARTHEST)

    @property
    def effect(self) -> Floats:
        """A score of each member [n] whose mean over a group estimates the group's mean effect."""
        scores: Floats = self.won_back * np.where(self.mailed, 1 / self.bounded, -1 / (1 - self.bounded))
        return scores

    @property
    def one_more(self) -> float:
        """What one more comeback in each arm would change in the sum of their effects: nothing is known closer."""
        chance = float(np.clip(self.propensity.mean(), *FARTHEST))
        return float(np.hypot(1 / chance, 1 / (1 - chance)))

    @property
    def fewest_wins(self) -> int:
        """Comebacks in the arm that has fewer."""
        mailed = int(self.won_back[self.mailed].sum())
        return min(mailed, int(self.won_back.sum()) - mailed)

    def take(self, rows: npt.NDArray[Any]) -> Outcomes:
        """These rows alone."""
        return Outcomes(self.mailed[rows], self.won_back[rows], self.propensity[rows])


@dataclass(frozen=True)
class Measured:
    """A figure of n rows, and by how much each of them moves it [n]: n times its derivative by the row's weight."""

    value: float
    influence: Floats

    def __sub__(self, other: Measured) -> Measured:
        return Measured(self.value - other.value, self.influence - other.influence)

    def __truediv__(self, by: float) -> Measured:
        return Measured(self.value / by, self.influence / by)

    def estimate(self, members: Codes) -> Estimate:
        """With its likely range (95%); `members` [n]: whose each row is, since those of one member come together."""
        moved = np.bincount(members, weights=self.influence)
        return Estimate.likely(self.value, float(np.sqrt(moved @ moved)) / len(members))


class Ranking:
    """Members from the largest score to the smallest; equal scores share a place."""

    def __init__(self, score: Floats, effect: Floats) -> None:
        _, place = np.unique(-score, return_inverse=True)
        self.place = place  # of each row, from 0
        self.effect = effect
        self.reached = _running(np.bincount(place))  # members up to each place
        self.won = _running(np.bincount(place, weights=effect))  # their scores of effect, summed

    def qini(self) -> Measured:
        """The area between the gains of this ranking and those of a random one, a member."""
        n, mean = len(self.effect), float(self.effect.mean())
        rank, above = (((sums[:-1] + sums[1:]) / 2 / n)[self.place] for sums in (self.reached, self.won))
        own = self.effect * (0.5 - rank)
        value = float(own.mean())
        lowered = mean - above  # what the rows behind it won: each row puts them back
        return Measured(value, own - lowered + mean / 2 - 2 * value)

    def gains(self, shares: Sequence[float]) -> list[Measured]:
        """Incremental win-backs, a member of all, when the best `shares` of them are mailed; one a share."""
        return [self._gain(share) for share in shares]

    def _gain(self, share: float) -> Measured:
        n, last = len(self.effect), share * len(self.effect)
        value = self._won(last) / n
        counts = np.diff(self.reached)
        mailed = np.clip((last - self.reached[:-1]) / counts, 0, 1)[self.place]
        return Measured(value, mailed * self.effect - value - self._marginal(last) * (mailed - share))

    def _marginal(self, last: float) -> float:
        """The mean score of effect around the last member mailed, as far as who that is moves from sample to sample."""
        n = len(self.effect)
        away = np.sqrt(max(last * (n - last) / n, 0.0))
        low, high = max(last - away, 0.0), min(last + away, n)
        return (self._won(high) - self._won(low)) / (high - low) if high > low else 0.0

    def _won(self, members: float) -> float:
        """The summed scores of effect of so many of the best."""
        return float(np.interp(members, self.reached, self.won))


def _running(values: npt.NDArray[Any]) -> Floats:
    """Running sums, from 0 on."""
    sums: Floats = np.r_[0.0, np.cumsum(values)]
    return sums
