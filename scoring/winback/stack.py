"""A stack of four views of uplift, shrunk towards "the effect is proportional to the response".

The views are the X-learner, the S-learner, a ridge on the doubly robust score, and P(win-back | mailed). Their weights
come from members that the views had not seen, so each counts for as much as it has proved. Where that is little, the
prior is the answer: mail those likeliest to come back. Where much speaks against it, the response counts against a
member: the likeliest are then those whom a mail keeps away. One view alone fails somewhere; the stack is near the best
everywhere.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import lsq_linear

from scoring.encoding import Codes, Floats
from scoring.errors import NotEnoughHistory
from scoring.winback.learners import THREADS, Forests, Sample, Size, Told, along, linear

FOLDS = 3
FEWEST = 2  # folds with members of an arm
AT_ONCE = min(FOLDS, os.cpu_count() or 1)  # forests grown beside each other, each by one thread
# Of the weights of gain, lift, ridge and response:
PRIOR = np.array([2.0, 0.5, 2.0, 2.0])  # how sure the prior is where many came back: 1 / variance, its width being 1
FEW = np.array([70.0, 70.0, 70.0, 140.0])  # comebacks in an arm: with fewer the prior counts for more and more
LOWEST = np.array([0.0, 0.0, 0.0, -np.inf])
LEAST = 0.5  # standard errors that the mean effect is taken to be at least, where it may be above 0
SURE = 2.0  # standard errors below 0, beyond which mails do harm on average


class Views(NamedTuple):
    """What each view says of n members; `pooled` is P(win-back) in the mix of the arms."""

    gain: Floats
    lift: Floats
    ridge: Floats
    response: Floats
    pooled: Floats

    @property
    def members(self) -> Floats:
        """The four views of uplift as columns [n × 4]."""
        return np.column_stack([self.gain, self.lift, self.ridge, self.response])


class HeldOut(NamedTuple):
    """What the stack says of its own members, each from forests that never saw them; and their doubly robust score."""

    uplift: Floats
    pooled: Floats
    score: Floats


@dataclass(frozen=True)
class Stack:
    """uplift = intercept + weights · (gain, lift, ridge, response)."""

    forests: Forests
    coefficients: Floats  # the ridge's, [width]
    weights: Floats  # [4]
    intercept: float
    share: float

    def views(self, matrix: Floats, design: Floats) -> Views:
        """The views of members [n]."""
        return _views(self.forests.told(matrix, self.share), along(design, self.coefficients), self.share)

    def uplift(self, views: Views) -> Floats:
        """The stack's answer [n]."""
        return _combined(views.members, self.weights, self.intercept)

    def to_json(self) -> dict[str, Any]:
        """All but the forests."""
        numbers = {"coefficients": self.coefficients.tolist(), "weights": self.weights.tolist()}
        return {**numbers, "intercept": self.intercept, "share": self.share}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any], forests: Forests) -> Stack:
        """What `to_json` wrote, with its forests."""
        coefficients, weights = np.array(saved["coefficients"]), np.array(saved["weights"])
        return cls(forests, coefficients, weights, saved["intercept"], saved["share"])


def fit_stack(sample: Sample, design: Floats, members: Codes, size: Size, seed: int) -> tuple[Stack, HeldOut]:
    """The stack of one sample, and what it says of its rows when held out.

    `design` [n × width]: what the ridge knows of them; `members` [n]: whose each row is.
    What the stack keeps are the forests of the views that have a weight.
    """
    folds = _folds(sample, members, seed)
    _check_folds(sample, folds)
    told, weight = _held_out(sample, folds, size, seed), overlap(sample.propensity)
    score = _scores(sample, told)
    views = _views(told, _held_out_ridge(design, folds, score, weight), sample.share)
    weights, intercept = combine(views.members, score, weight, sample.fewest_wins)
    forests = Forests.grown(sample, size, seed, gain=bool(weights[0]), lift=bool(weights[1]))
    stack = Stack(forests, linear(design, score, weight), weights, intercept, sample.share)
    return stack, HeldOut(_combined(views.members, weights, intercept), views.pooled, score)


def combine(members: Floats, score: Floats, weight: Floats, wins: int) -> tuple[Floats, float]:
    """Weights of the views [n × 4] and the intercept that fit the score [n] best, given the prior.

    The prior goes from the response to the ridge as comebacks become many. Where they are few, the response's weight is
    the ratio of the mean effect to the mean response, give or take as much, and the ridge is noise. Where they are
    many, the ridge's is 1, its penalty having shrunk it already, and the response has to prove itself, as the gain and
    the lift always have: theirs is 0, give or take 1. `wins` are the comebacks in the arm that has fewer.
    Only the response's may be below 0: the others are views of the uplift itself.
    """
    weight = weight / weight.mean()
    centre, effect = np.average(members, axis=0, weights=weight), float(np.average(score, weights=weight))
    variance = float(np.average((score - effect) ** 2, weights=weight))
    doubt = (FEW / wins) ** 2
    ratio, give = _proportion(effect, (variance / len(score)) ** 0.5, float(centre[-1]))
    sure, unsure = 1 / (1 + doubt), doubt / (1 + doubt)
    prior = np.array([0, 0, sure[2], ratio * unsure[3]])
    held = variance * (PRIOR + doubt) / np.array([1, 1, 1, give]) ** 2
    around = members - centre
    gram = around.T @ (around * weight[:, None]) + np.diag(held)
    aim = around.T @ (weight * (score - effect)) + held * prior
    weights = _bounded(gram, aim)
    return weights, effect - float(centre @ weights)


def _proportion(effect: float, error: float, response: float) -> tuple[float, float]:
    """The ratio of the mean effect to the mean response, and by how much the response's weight may differ from it.

    A mean effect that is not told from 0 says nothing against mailing the likeliest: it is taken to be above 0.
    """
    likely = max(effect, LEAST * error) if effect > -SURE * error else 0.0
    one = max(response, 1e-9)
    return likely / one, max(abs(effect), error, 1e-9) / one


def overlap(propensity: Floats) -> Floats:
    """How much each member tells: the inverse of its score's variance, up to a factor."""
    return propensity * (1 - propensity)


def _bounded(gram: Floats, aim: Floats) -> Floats:
    """The x ≥ `LOWEST` of least ½x'Gx − a'x, through the Cholesky factor of G."""
    unit = np.sqrt(np.diag(gram))
    root = np.linalg.cholesky(gram / np.outer(unit, unit) + 1e-12 * np.eye(len(aim)))
    found = lsq_linear(root.T, np.linalg.solve(root, aim / unit), (LOWEST, np.inf), method="bvls")
    weights: Floats = found.x / unit
    return weights


def _combined(members: Floats, weights: Floats, intercept: float) -> Floats:
    return intercept + along(members, weights)


def _folds(sample: Sample, members: Codes, seed: int) -> Codes:
    """The fold of each row; a member's lie in one, and arms and outcomes are spread evenly over folds."""
    whose, rows = np.unique(members, return_inverse=True)
    cell = np.zeros(len(whose), dtype=np.int64)
    np.maximum.at(cell, rows, (2 * sample.won_back + sample.mailed).astype(np.int64))
    order = np.lexsort((np.random.default_rng(seed).random(len(cell)), cell))
    folds = np.empty(len(cell), dtype=np.int64)
    folds[order] = np.arange(len(cell)) % FOLDS
    return folds[rows]


def _check_folds(sample: Sample, folds: Codes) -> None:
    """NotEnoughHistory where all rows of an arm lie in one fold: held out, they leave nobody to learn that arm from."""
    for arm in (sample.mailed, ~sample.mailed):
        within = len(np.unique(folds[arm]))
        if within < FEWEST:
            raise NotEnoughHistory("parts of the members with both arms", within, FEWEST)


def _held_out(sample: Sample, folds: Codes, size: Size, seed: int) -> Told:
    """What is said of each row by forests that never saw its fold."""

    def of_fold(fold: int) -> Told:
        forests = Forests.grown(sample.take(folds != fold), size, seed)
        return forests.told(sample.matrix[folds == fold], sample.share, THREADS)

    held = Told(*np.empty((len(Told._fields), len(folds))))
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for fold, told in enumerate(threads.map(of_fold, range(FOLDS))):
            for column, part in zip(held, told, strict=True):
                column[folds == fold] = part
    return held


def _held_out_ridge(design: Floats, folds: Codes, score: Floats, weight: Floats) -> Floats:
    """What is said of each row by a ridge that never saw its fold."""
    held = np.empty(len(folds))
    for fold in range(FOLDS):
        rows, seen = folds == fold, folds != fold
        held[rows] = along(design[rows], linear(design[seen], score[seen], weight[seen]))
    return held


def _scores(sample: Sample, told: Told) -> Floats:
    """The doubly robust score of each row, by forests that never saw it."""
    treated = sample.mailed * (sample.won_back - told.mailed) / sample.bounded
    control = ~sample.mailed * (sample.won_back - told.unmailed) / (1 - sample.bounded)
    return told.mailed - told.unmailed + treated - control


def _views(told: Told, ridge: Floats, share: float) -> Views:
    pooled = share * told.mailed + (1 - share) * told.unmailed
    return Views(told.gain, told.lift, ridge, told.mailed, pooled)
