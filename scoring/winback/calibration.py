"""Levels that mean what they say, and how large an uplift could be.

Platt: "Probabilistic outputs for support vector machines" (1999). Uplifts need no such step: the stack is a regression
on held-out scores with an intercept, which calibrates by itself.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from scoring.encoding import Floats

Rows: TypeAlias = npt.NDArray[np.int64]

BINS = 20
QUANTILE = 1.6449  # of the normal: the upper bound holds for 95 in 100 bins


class Platt(NamedTuple):
    """logit(p) = intercept + slope · logit(raw)."""

    intercept: float = 0.0
    slope: float = 1.0

    @classmethod
    def fitted(cls, raw: Floats, won_back: Floats, weight: Floats) -> Platt:
        """By weighted maximum likelihood on held-out members, with a member's worth of prior at (0, 1)."""
        columns = np.column_stack([np.ones(len(raw)), _logit(raw)])
        start = np.array([0.0, 1.0])
        found = start.copy()
        for _ in range(25):
            expected = _expit(columns @ found)
            slope = columns.T @ (weight * (won_back - expected)) - (found - start)
            curve = columns.T @ (columns * (weight * expected * (1 - expected))[:, None]) + np.eye(2)
            step = np.linalg.solve(curve, slope)
            found += np.clip(step, -1, 1)
        return cls(float(found[0]), float(found[1]))

    def __call__(self, raw: Floats) -> Floats:
        """Calibrated probabilities [n]."""
        return _expit(self.intercept + self.slope * _logit(raw))


class Ceiling(NamedTuple):
    """An upper bound of the mean true uplift of members by their prediction; it never falls as that rises."""

    edges: tuple[float, ...]  # between bins of equally many members
    highs: tuple[float, ...]  # one a bin

    @classmethod
    def fitted(cls, uplift: Floats, score: Floats, weight: Floats) -> Ceiling:
        """From held-out predictions and doubly robust scores: the mean score of each bin plus 1.64 standard errors.

        Bins whose means contradict the order of predictions are pooled (isotonic regression), which narrows the error.
        """
        order = np.argsort(uplift, kind="stable")
        bins = [rows for rows in np.array_split(order, BINS) if len(rows)]
        highs = [_high(score[rows], weight[rows]) for rows, count in _rising(bins, score, weight) for _ in range(count)]
        edges = [float(uplift[rows[0]]) for rows in bins[1:]]
        return cls(tuple(edges), tuple(np.maximum.accumulate(highs).tolist()))

    def __call__(self, uplift: Floats) -> Floats:
        """The upper bound for each prediction [n]; never below the prediction itself."""
        bound: Floats = np.maximum(np.array(self.highs)[np.searchsorted(self.edges, uplift, side="right")], uplift)
        return bound


def _rising(bins: list[Rows], score: Floats, weight: Floats) -> list[tuple[Rows, int]]:
    """Neighbouring bins pooled until their mean scores rise (pool adjacent violators), and how many each pool holds."""
    pools: list[tuple[Rows, int]] = []
    for rows in bins:
        pool, count = rows, 1
        while pools and _mean(score[pools[-1][0]], weight[pools[-1][0]]) >= _mean(score[pool], weight[pool]):
            before, more = pools.pop()
            pool, count = np.concatenate([before, pool]), count + more
        pools.append((pool, count))
    return pools


def _mean(score: Floats, weight: Floats) -> float:
    return float(np.average(score, weights=weight))


def _high(score: Floats, weight: Floats) -> float:
    mean = _mean(score, weight)
    error = np.sqrt((weight**2 * (score - mean) ** 2).sum()) / weight.sum()
    return float(mean + QUANTILE * error)


def _logit(p: Floats) -> Floats:
    inside = np.clip(p, 1e-9, 1 - 1e-9)
    return np.log(inside / (1 - inside))


def _expit(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-x))
