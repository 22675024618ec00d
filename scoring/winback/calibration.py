"""Levels that mean what they say, and how large an uplift could be.

Platt: "Probabilistic outputs for support vector machines" (1999). Uplifts need no such step: the stack is a regression
on held-out scores with an intercept, which calibrates by itself.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression
from scipy.special import expit, logit

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
        columns = np.column_stack([np.ones(len(raw)), _log_odds(raw)])
        start = np.array([0.0, 1.0])
        found = start.copy()
        for _ in range(25):
            expected = expit(columns @ found)
            slope = columns.T @ (weight * (won_back - expected)) - (found - start)
            curve = columns.T @ (columns * (weight * expected * (1 - expected))[:, None]) + np.eye(2)
            step = np.linalg.solve(curve, slope)
            found += np.clip(step, -1, 1)
        return cls(float(found[0]), float(found[1]))

    def __call__(self, raw: Floats) -> Floats:
        """Calibrated probabilities [n]."""
        calibrated: Floats = expit(self.intercept + self.slope * _log_odds(raw))
        return calibrated


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
    """Neighbouring bins pooled until their mean scores rise, and how many bins each pool holds."""
    means = [_mean(score[rows], weight[rows]) for rows in bins]
    blocks = isotonic_regression(means, weights=[weight[rows].sum() for rows in bins]).blocks
    return [(np.concatenate(bins[first:end]), int(end - first)) for first, end in pairwise(blocks)]


def _mean(score: Floats, weight: Floats) -> float:
    return float(np.average(score, weights=weight))


def _high(score: Floats, weight: Floats) -> float:
    mean = _mean(score, weight)
    error = np.sqrt((weight**2 * (score - mean) ** 2).sum()) / weight.sum()
    return float(mean + QUANTILE * error)


def _log_odds(p: Floats) -> Floats:
    inside: Floats = logit(np.clip(p, 1e-9, 1 - 1e-9))
    return inside
