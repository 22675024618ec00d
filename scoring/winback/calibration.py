"""Levels that mean what they say, and how large an uplift could be.

Platt: "Probabilistic outputs for support vector machines" (1999). Zadrozny, Elkan: "Transforming classifier scores into
accurate multiclass probability estimates" (2002) for isotonic regression. Uplifts need no such step: the stack is a
regression on held-out scores with an intercept, which calibrates by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression
from scipy.special import expit, logit

from scoring.encoding import Floats

Pair: TypeAlias = tuple[float, float]
Rows: TypeAlias = npt.NDArray[np.int64]

BINS = 20
QUANTILE = 1.6449  # of the normal: the upper bound holds for 95 in 100 bins
SHALLOW = 0.05  # the least slope of Platt's line: below it the order of the raw chances would be turned or lost
FIXED = 1e12  # members' worth of prior: what it holds does not move
KNOTS = 10  # of the curve of levels: parts of equally many members
FEW = 100.0  # comebacks in a part: with fewer it says less than Platt's line
LEAST = 0.05  # of the slope of Platt's line that the curve keeps where rates are flat: unequal members stay unequal


class Platt(NamedTuple):
    """logit(p) = intercept + slope · logit(raw)."""

    intercept: float = 0.0
    slope: float = 1.0

    @classmethod
    def fitted(cls, raw: Floats, won_back: Floats, weight: Floats) -> Platt:
        """By weighted maximum likelihood on held-out members, with a member's worth of prior at (0, 1).

        The slope is above 0, whatever the members say: of few, those ranked last may have come back by luck.
        """
        columns = np.column_stack([np.ones(len(raw)), _log_odds(raw)])
        intercept, slope = _likeliest(columns, won_back, weight, (0.0, 1.0), (1.0, 1.0))
        if slope < SHALLOW:
            intercept, slope = _likeliest(columns, won_back, weight, (0.0, SHALLOW), (1.0, FIXED))
        return cls(float(intercept), float(slope))

    def __call__(self, raw: Floats) -> Floats:
        """Calibrated probabilities [n]."""
        calibrated: Floats = expit(self.intercept + self.slope * _log_odds(raw))
        return calibrated


class Levels(NamedTuple):
    """Platt's answers, bent to the rates of members held out: of two raw chances the larger stays the larger.

    One line in log-odds leaves the likeliest and the least likely a point off where comebacks are many.
    """

    platt: Platt
    told: tuple[float, ...]  # Platt's answers at the knots, from 0 to 1
    found: tuple[float, ...]  # what came of them

    @classmethod
    def fitted(cls, raw: Floats, won_back: Floats, weight: Floats) -> Levels:
        """From held-out raw chances, outcomes and weights, each [n]; weights are members' worths, about 1 on average.

        Parts whose rates contradict the order of their answers are pooled (isotonic regression).
        """
        platt = Platt.fitted(raw, won_back, weight)
        told = platt(raw)
        edges = np.unique(np.quantile(told, np.linspace(0, 1, KNOTS + 1)[1:-1]))
        parts = np.searchsorted(edges, told, side="right")
        sums = np.stack([np.bincount(parts, weight * of) for of in (np.ones_like(told), told, won_back)])
        members, expected, won = sums[:, sums[0] > 0]
        means = expected / members
        rising = isotonic_regression(means * (won + FEW) / (expected + FEW), weights=members).x
        return cls(platt, (0.0, *means.tolist(), 1.0), (0.0, *rising.tolist(), 1.0))

    def __call__(self, raw: Floats) -> Floats:
        """Calibrated probabilities [n], strictly between 0 and 1."""
        line = self.platt(raw)
        bent: Floats = LEAST * line + (1 - LEAST) * np.interp(line, self.told, self.found)
        return bent

    def to_json(self) -> dict[str, Any]:
        """All of it, as `from_json` reads it."""
        return {**self._asdict(), "platt": self.platt._asdict()}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Levels:
        """What `to_json` wrote."""
        return cls(Platt(**saved["platt"]), tuple(saved["told"]), tuple(saved["found"]))


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


def _likeliest(columns: Floats, won_back: Floats, weight: Floats, prior: Pair, sure: Pair) -> Floats:
    """Coefficients of a logistic regression, by Newton's method; `sure` is the prior's precision in members."""
    found, held = np.array(prior), np.diag(sure)
    for _ in range(25):
        expected = expit(columns @ found)
        slope = columns.T @ (weight * (won_back - expected)) - held @ (found - prior)
        curve = columns.T @ (columns * (weight * expected * (1 - expected))[:, None]) + held
        found += np.clip(np.linalg.solve(curve, slope), -1, 1)
    return found


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
