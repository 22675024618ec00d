"""How much a ranking is worth, measured on a trial: gains by the share mailed, the Qini area, and how sure they are.

Each member's score of effect is won_back / P(mailed) where mailed, and −won_back / P(not mailed) where not: its mean
over any group is the group's mean effect, whatever the chances were (inverse-propensity weighting). Radcliffe: "Using
control groups to target on predicted lift" (2007). Intervals are of a Poisson bootstrap over members, in which all
rankings of the same members meet the same resamples, so that their differences are paired.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from scoring.encoding import Codes, Floats

Statistic: TypeAlias = Callable[[Floats], Floats]  # weights [b × n] → values [b × k]

RESAMPLES = 500
CELLS = 2_000_000  # of a chunk of resamples: some tens of megabytes
FARTHEST = (0.01, 0.99)  # propensities in denominators


@dataclass(frozen=True)
class Estimate:
    """A value, and between what it is likely to lie."""

    value: float
    low: float
    high: float


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


class Ranking:
    """Members from the largest score to the smallest; equal scores share a place."""

    def __init__(self, score: Floats, effect: Floats) -> None:
        self.order = np.argsort(-score, kind="stable")
        ranked = score[self.order]
        self.starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
        self.effect = effect[self.order]

    def qini(self, weight: Floats) -> Floats:
        """The area between the gains of this ranking and those of a random one, a member; for weights [b × n], [b]."""
        members, won = self._places(weight)
        total = members.sum(axis=1)
        rank = (np.cumsum(members, axis=1) - members / 2) / total[:, None]
        area: Floats = (won * (0.5 - rank)).sum(axis=1) / total
        return area

    def gains(self, weight: Floats, shares: Floats) -> Floats:
        """Incremental win-backs, a member of all, when the best `shares` [k] of them are mailed: [b × k]."""
        members, won = (_running(part) for part in self._places(weight))
        totals = members[:, -1]
        curves = [np.interp(shares * total, x, y) for total, x, y in zip(totals, members, won, strict=True)]
        return np.array(curves) / totals[:, None]

    def _places(self, weight: Floats) -> tuple[Floats, Floats]:
        """Members, and their scores of effect, summed a place."""
        members = weight[:, self.order]
        won = members * self.effect
        if len(self.starts) == len(self.order):
            return members, won
        return np.add.reduceat(members, self.starts, axis=1), np.add.reduceat(won, self.starts, axis=1)


def _running(values: Floats) -> Floats:
    """Running sums of each row [b × k], from 0 on: [b × (k + 1)]."""
    sums = np.zeros((len(values), values.shape[1] + 1))
    np.cumsum(values, axis=1, out=sums[:, 1:])
    return sums


def estimates(statistic: Statistic, members: Codes, seed: int) -> list[Estimate]:
    """The statistic's k values for rows whose members are told [n], each with its likely range (95%)."""
    values = statistic(np.ones((1, len(members))))[0]
    draws = np.concatenate([statistic(weight) for weight in resamples(members, seed)])
    lows, highs = np.quantile(draws, [0.025, 0.975], axis=0)
    return [Estimate(*map(float, told)) for told in zip(values, lows, highs, strict=True)]


def resamples(members: Codes, seed: int) -> Iterator[Floats]:
    """Poisson weights of rows [b × n], one a member, `RESAMPLES` in all, as many at a time as fit in memory."""
    random = np.random.default_rng(seed)
    whose, rows = np.unique(members, return_inverse=True)
    step = max(1, CELLS // max(len(rows), 1))
    for done in range(0, RESAMPLES, step):
        yield random.poisson(1.0, (min(step, RESAMPLES - done), len(whose))).astype(np.float64)[:, rows]
