"""Do predictions mean what they say: levels against rates, uplifts against measured effects.

Naeini, Cooper, Hauskrecht: "Obtaining well calibrated probabilities using Bayesian binning" (2015) for the expected
calibration error. With few members it is large by chance alone, so what chance would give stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.encoding import Floats
from scoring.winback.qini import SURE, Estimate, Outcomes

BINS = 10
GROUPS = 5  # of uplifts: effects are far noisier than levels


@dataclass(frozen=True)
class Bin:
    """Members of like predictions: the mean of those, and what was measured."""

    members: int
    predicted: float
    measured: Estimate


@dataclass(frozen=True)
class Reliability:
    """How far predicted chances lie from the rates, on average; and how far they would by chance if they were right."""

    error: float
    by_chance: float
    bins: list[Bin]


def reliability(predicted: Floats, outcomes: Outcomes, *, mailed: bool) -> Reliability:
    """P(win-back) of one arm [n, of all members] against the rates in that arm, in bins of equally many members."""
    rows = outcomes.mailed == mailed
    chance = outcomes.propensity if mailed else 1 - outcomes.propensity
    p, won, weight = predicted[rows], outcomes.won_back[rows], 1 / chance[rows]
    parts = list(_parts(p, BINS))
    bins = [Bin(len(part), _mean(p[part], weight[part]), _rate(won[part], weight[part])) for part in parts]
    shares = np.array([weight[part].sum() for part in parts]) / weight.sum()
    gaps = np.array([abs(found.predicted - found.measured.value) for found in bins])
    errors = np.array([_error(weight[part], p[part] * (1 - p[part])) for part in parts])
    return Reliability(float(shares @ gaps), float(shares @ errors * np.sqrt(2 / np.pi)), bins)


def uplifts(predicted: Floats, outcomes: Outcomes) -> list[Bin]:
    """Predicted uplifts [n] against measured effects, in groups of equally many members."""
    parts = _parts(predicted, GROUPS)
    return [Bin(len(part), float(predicted[part].mean()), mean_effect(outcomes.take(part))) for part in parts]


def slope(predicted: Floats, outcomes: Outcomes) -> Estimate | None:
    """By how much the measured effect rises where the predicted one [n] rises by 1; None where that never does."""
    around = predicted - predicted.mean()
    spread = float(around @ around)
    if spread < 1e-12 * len(predicted):
        return None
    effect = outcomes.effect
    found = float(around @ effect) / spread
    left = effect - effect.mean() - found * around
    return Estimate.likely(found, float(np.sqrt(around**2 @ left**2)) / spread)


def mean_effect(outcomes: Outcomes) -> Estimate:
    """The measured mean effect, no surer than if one more had come back in each arm: of a few none may have."""
    effect = outcomes.effect
    found = Estimate.likely(float(effect.mean()), float(effect.std() / len(effect) ** 0.5))
    return no_surer(found, outcomes.one_more / len(effect))


def no_surer(estimate: Estimate, error: float) -> Estimate:
    """An estimate whose likely range is widened by a further standard error."""
    low, high = (float(np.hypot(estimate.value - end, SURE * error)) for end in (estimate.low, estimate.high))
    return Estimate(estimate.value, estimate.value - low, estimate.value + high)


def standard_error(estimate: Estimate) -> float:
    """Of an estimate whose likely range is that of a normal one."""
    return (estimate.high - estimate.low) / (2 * SURE)


def _parts(predicted: Floats, count: int) -> Iterator[npt.NDArray[np.int64]]:
    """Rows from the least prediction to the largest, in parts of equal size."""
    order = np.argsort(predicted, kind="stable")
    return (part for part in np.array_split(order, count) if len(part))


def _rate(won: Floats, weight: Floats) -> Estimate:
    """A share that came back, no surer than if one more had."""
    mean = _mean(won, weight)
    found = Estimate.likely(mean, float(np.hypot(_error(weight, (won - mean) ** 2), 1 / len(won))))
    return Estimate(mean, max(0.0, found.low), min(1.0, found.high))


def _mean(values: Floats, weight: Floats) -> float:
    return float(np.average(values, weights=weight))


def _error(weight: Floats, variance: Floats) -> float:
    """Standard error of a weighted mean."""
    return float(np.sqrt(weight**2 @ variance) / weight.sum())
