"""The single learners that a scorer of uplift is compared with, written small; all grow the trees that ours grows.

Künzel and others: "Metalearners for estimating heterogeneous treatment effects using machine learning" (PNAS 2019);
Kennedy: "Towards optimal doubly robust estimation of heterogeneous causal effects" (2023).
"""

from __future__ import annotations

import lightgbm as lgb
import numpy as np

from bench.trials import Members
from scoring.encoding import Design, Encoding, Floats
from scoring.winback.learners import Bins, Forests, Sample, Size, grow, predicted, ridge, tree_settings
from scoring.winback.model import SIZES

FOLDS = 3


def peers(seen: Members, fresh: Members) -> dict[str, Floats]:
    """What each learner says of the fresh members' uplift, the mean over the sizes of forest that ours has.

    `mailed` and `unmailed` are no uplifts but the raw chances, of forests that know one arm each.
    """
    sample, encoding, design = trial_of(seen)
    spread, new = design.spread(sample.matrix), encoding.matrix(fresh.features)
    told = [_told(sample, spread, new, design.spread(new), size) for size in SIZES]
    return {name: np.mean([each[name] for each in told], axis=0) for name in told[0]}


def response(seen: Members, fresh: Members) -> Floats:
    """P(win-back | mailed) alone, as in `peers`."""
    sample, encoding, _ = trial_of(seen)
    new, mailed = encoding.matrix(fresh.features), sample.take(sample.mailed)
    told = [predicted(_chance(mailed, sample, size), new) for size in SIZES]
    return np.asarray(np.mean(told, axis=0))


def trial_of(seen: Members) -> tuple[Sample, Encoding, Design]:
    """Members as the learners want them."""
    encoding = Encoding.of(seen.features)
    matrix = encoding.matrix(seen.features)
    design = Design.of(matrix, encoding.words)
    chance = np.full(len(matrix), seen.share)
    won = seen.won_back.astype(float)
    return Sample(seen.mailed, won, chance, matrix, Bins.of(matrix, seen.mailed, encoding.words)), encoding, design


def _told(sample: Sample, design: Floats, new: Floats, spread: Floats, size: Size) -> dict[str, Floats]:
    told, score = Forests.grown(sample, size, seed=0).told(new, sample.share), _score(sample, size)
    linear = ridge(design, score, np.ones(len(score)))
    settings = tree_settings(sample, size, 0)
    return {
        "S": told.lift,
        "T": told.mailed - told.unmailed,
        "X": told.gain,
        "DR": predicted(grow(sample.bins.plain, score, "l2", settings, size), new),
        "ridge": spread @ linear,
        "response": told.mailed,
        "unmailed": told.unmailed,
    }


def _score(sample: Sample, size: Size) -> Floats:
    """The doubly robust score of each member, by forests of the other folds."""
    fold = np.random.default_rng(0).integers(0, FOLDS, len(sample.won_back))
    score = np.empty(len(fold))
    for held in range(FOLDS):
        rows = fold == held
        seen, inside = sample.take(~rows), sample.take(rows)
        arms = (seen.take(seen.mailed == arm) for arm in (True, False))
        levels = [predicted(_chance(arm, seen, size), inside.matrix) for arm in arms]
        score[rows] = _robust(inside, *levels)
    return score


def _chance(arm: Sample, sample: Sample, size: Size) -> lgb.Booster:
    """P(win-back) in one arm of a trial."""
    return grow(arm.bins.plain, arm.won_back, "binary", tree_settings(sample, size, 0), size)


def _robust(sample: Sample, mailed: Floats, unmailed: Floats) -> Floats:
    treated = sample.mailed * (sample.won_back - mailed) / sample.propensity
    control = ~sample.mailed * (sample.won_back - unmailed) / (1 - sample.propensity)
    return mailed - unmailed + treated - control
