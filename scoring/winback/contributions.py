"""What each feature adds to a member's uplift: exact for the forests' gains and the ridge, a secant for the response.

Forests: the Shapley values that LightGBM gives (Lundberg, Erion, Lee: "Consistent individualized feature attribution
for tree ensembles", 2018). Those of P(win-back | mailed) are of its log-odds: each gets its share of the change in
probability, so that what a member's features add comes to the uplift but for a constant. The single forest knows the
arm as one more column: what that adds is its interplay with the others, and falls to them by how much they move.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import expit

from scoring.encoding import Design, Floats
from scoring.winback.learners import in_each_arm

if TYPE_CHECKING:
    import lightgbm as lgb

    from scoring.winback.stack import Stack

SAMPLE = 300  # members whose mean contributions are those of the typical member


class Reason(NamedTuple):
    """A feature, and what it adds to a member's uplift beyond what it adds to the typical member's."""

    feature: str
    effect: float


def contributions(stack: Stack, spread: Design, matrix: Floats) -> Floats:
    """What each column of `matrix` [n × columns], and the arm behind them, adds to the stack's uplift.

    Rows [n × (columns + 1)] sum to it, but for a constant.
    """
    every = np.zeros((len(matrix), matrix.shape[1] + 1))
    gain, lift, linear, response = stack.weights
    added = every[:, :-1]
    treated, control, single = stack.forests.gain_mailed, stack.forests.gain_unmailed, stack.forests.single
    if treated and control:
        added += gain * (stack.share * _shapley(control, matrix) + (1 - stack.share) * _shapley(treated, matrix))
    if single:
        mailed, unmailed = (_of_probability(single, arm) for arm in in_each_arm(matrix))
        every += lift * (mailed - unmailed)
    if linear:
        added += linear * _linear(spread, stack.coefficients, matrix)
    if response:
        added += response * _of_probability(stack.forests.mailed, matrix)
    return every


def shared_out(moved: Floats) -> Floats:
    """What each column moves [n × columns], the arm's part behind them having fallen to them by how much they move."""
    own, arm = moved[:, :-1], moved[:, -1:]
    size = np.abs(own)
    shares: Floats = own + arm * size / np.maximum(size.sum(axis=1, keepdims=True), 1e-300)
    return shares


def strongest(added: Floats, names: tuple[str, ...], k: int) -> list[list[Reason]]:
    """Of each row the k largest by size, the largest first; those that add nothing are none."""
    order = np.argsort(-np.abs(added), axis=1, kind="stable")[:, :k]
    return [
        [Reason(names[place], float(row[place])) for place in places if row[place]]
        for row, places in zip(added, order, strict=True)
    ]


def thinned(matrix: Floats) -> Floats:
    """Rows at even distances."""
    return matrix[np.unique(np.linspace(0, len(matrix) - 1, SAMPLE).astype(np.int64))]


def _shapley(booster: lgb.Booster, matrix: Floats) -> Floats:
    return np.asarray(booster.predict(matrix, pred_contrib=True), dtype=np.float64)[:, :-1]


def _of_probability(booster: lgb.Booster, matrix: Floats) -> Floats:
    told = np.asarray(booster.predict(matrix, pred_contrib=True), dtype=np.float64)
    odds, base = told.sum(axis=1), told[:, -1]
    away = np.abs(odds - base) > 1e-9
    chord = (expit(odds) - expit(base)) / np.where(away, odds - base, 1.0)
    tangent = expit(odds) * (1 - expit(odds))
    scaled: Floats = told[:, :-1] * np.where(away, chord, tangent)[:, None]
    return scaled


def _linear(spread: Design, coefficients: Floats, matrix: Floats) -> Floats:
    """The ridge's terms, summed over the columns that one feature was spread to."""
    added = np.zeros(matrix.shape)
    owners = (*range(len(spread.means)), *spread.gaps, *(column for column, _ in spread.levels))
    for column, term in zip(owners, (spread.spread(matrix) * coefficients).T, strict=True):
        added[:, column] += term
    return added
