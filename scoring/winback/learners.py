"""The learners that the stack combines: forests in the shape of an X-learner, a single one, and a ridge.

Künzel, Sekhon, Bickel, Yu: "Metalearners for estimating heterogeneous treatment effects using machine learning"
(PNAS 2019). Golub, Heath, Wahba: "Generalized cross-validation as a method for choosing a good ridge parameter" (1979).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from scoring.encoding import Floats
from scoring.winback.qini import Outcomes

THREADS = 1  # fixed: the same input gives the same file; and threads that wait for each other cost more than they bring
EVERY = 0  # threads of LightGBM: as many as there are cores
RATE = 0.1
BINS = 63  # of a column: enough for thresholds among members of whom a leaf holds 200, and less noise to fit than 255
STRONG = 1.0  # penalty a member: halves what a column of variance 1 says


class Size(NamedTuple):
    """How large each forest is."""

    leaves: int
    trees: int


class Bins(NamedTuple):
    """Members cut into bins, for LightGBM: once for all forests of a fit, since it takes as long as many a tree.

    Where a bin ends follows from what is known of the members, never from what became of them: that those held out had
    a say in it tells nothing of their outcomes.
    """

    plain: lgb.Dataset
    armed: lgb.Dataset  # the arm is a column behind the others

    @classmethod
    def of(cls, matrix: Floats, mailed: npt.NDArray[np.bool_], words: list[int]) -> Bins:
        """The bins of encoded members [n × columns], whose columns `words` hold codes."""
        return cls(_binned(matrix, words), _binned(with_arm(matrix, mailed), words))

    def take(self, rows: npt.NDArray[Any]) -> Bins:
        """These rows alone; it costs nothing until a forest learns from them."""
        places = np.flatnonzero(rows).tolist()
        return Bins(self.plain.subset(places), self.armed.subset(places))


def _binned(matrix: Floats, words: list[int]) -> lgb.Dataset:
    settings = {"max_bin": BINS, "feature_pre_filter": False, "num_threads": THREADS, "verbosity": -1}
    return lgb.Dataset(matrix, categorical_feature=words, params=settings).construct()


@dataclass(frozen=True)
class Sample(Outcomes):
    """Members of whom a known chance decided who was mailed: what became of them, and what trees know of them."""

    matrix: Floats  # [n × columns]
    bins: Bins

    def take(self, rows: npt.NDArray[Any]) -> Sample:
        """These rows alone."""
        told = (self.mailed[rows], self.won_back[rows], self.propensity[rows])
        return Sample(*told, self.matrix[rows], self.bins.take(rows))

    @property
    def share(self) -> float:
        """The mean chance of being mailed."""
        return float(self.propensity.mean())


class Told(NamedTuple):
    """What forests say of n members, each [n]."""

    mailed: Floats  # P(win-back | mailed)
    unmailed: Floats  # P(win-back | not mailed)
    gain: Floats  # the X-learner's uplift
    lift: Floats  # the S-learner's: what the arm changes in the single forest's P(win-back)


class Forests(NamedTuple):
    """P(win-back) and the gain from a mail, each learnt on those mailed and on those not.

    `single` learnt P(win-back) on all, the arm a column behind the others: it sees an effect only where it is plain.
    A view that was not asked for has none, and says 0.
    """

    mailed: lgb.Booster
    unmailed: lgb.Booster
    gain_mailed: lgb.Booster | None
    gain_unmailed: lgb.Booster | None
    single: lgb.Booster | None

    @classmethod
    def grown(cls, sample: Sample, size: Size, seed: int, *, gain: bool = True, lift: bool = True) -> Forests:
        """Those that P(win-back) and the views `gain` and `lift` need, learnt from one sample."""
        settings = tree_settings(sample, size, seed)
        treated, control = sample.take(sample.mailed), sample.take(~sample.mailed)
        mailed = grow(treated.bins.plain, treated.won_back, "binary", settings, size)
        unmailed = grow(control.bins.plain, control.won_back, "binary", settings, size)
        gain_mailed = gain_unmailed = None
        if gain:
            added = treated.won_back - predicted(unmailed, treated.matrix, THREADS)
            missed = predicted(mailed, control.matrix, THREADS) - control.won_back
            gain_mailed = grow(treated.bins.plain, added, "l2", settings, size)
            gain_unmailed = grow(control.bins.plain, missed, "l2", settings, size)
        everybody = sample.bins.take(np.full(len(sample.matrix), True)).armed  # to label beside other threads
        single = grow(everybody, sample.won_back, "binary", settings, size) if lift else None
        return cls(mailed, unmailed, gain_mailed, gain_unmailed, single)

    def told(self, matrix: Floats, share: float, threads: int = EVERY) -> Told:
        """What they say of encoded members [n × columns]; `share` of those that they learnt from were mailed."""
        mailed, unmailed = (predicted(forest, matrix, threads) for forest in (self.mailed, self.unmailed))
        return Told(mailed, unmailed, self._gain(matrix, share, threads), self._lift(matrix, threads))

    def _gain(self, matrix: Floats, share: float, threads: int) -> Floats:
        if self.gain_mailed is None or self.gain_unmailed is None:
            return np.zeros(len(matrix))
        mailed, unmailed = (predicted(forest, matrix, threads) for forest in (self.gain_mailed, self.gain_unmailed))
        return share * unmailed + (1 - share) * mailed

    def _lift(self, matrix: Floats, threads: int) -> Floats:
        if self.single is None:
            return np.zeros(len(matrix))
        mailed, unmailed = (predicted(self.single, arm, threads) for arm in in_each_arm(matrix))
        return mailed - unmailed


def with_arm(matrix: Floats, mailed: npt.NDArray[Any]) -> Floats:
    """Encoded members with the arm as the last column."""
    return np.column_stack([matrix, mailed])


def in_each_arm(matrix: Floats) -> tuple[Floats, Floats]:
    """Encoded members as if all were mailed, and as if nobody was."""
    mailed, unmailed = (with_arm(matrix, np.full(len(matrix), arm)) for arm in (1, 0))
    return mailed, unmailed


def linear(design: Floats, target: Floats, weight: Floats) -> Floats:
    """Coefficients [width] of the mean of two ridges: the penalty that the data ask for, and a strong one.

    Where effects are small, the data ask now for far too little and now for far too much; a strong penalty is wrong
    too, but never by much.
    """
    coefficients: Floats = _ridges(design, target, weight, (None, STRONG)).mean(axis=0)
    return coefficients


def ridge(design: Floats, target: Floats, weight: Floats) -> Floats:
    """Coefficients [width] of a weighted ridge; the penalty by generalised cross-validation through the Gram matrix.

    There is no intercept among them: the columns and the target are centred.
    """
    coefficients: Floats = _ridges(design, target, weight, (None,))[0]
    return coefficients


def _ridges(design: Floats, target: Floats, weight: Floats, penalties: Sequence[float | None]) -> Floats:
    """A ridge for each penalty a member [penalties × width], from one Gram matrix; None: by cross-validation."""
    weight = weight / weight.mean()
    columns = design - np.average(design, axis=0, weights=weight)
    aim = target - np.average(target, weights=weight)
    values, vectors = np.linalg.eigh(columns.T @ (columns * weight[:, None]))
    values = np.maximum(values, 0)
    along = vectors.T @ (columns.T @ (weight * aim))
    asked = _penalty(values, along, float(weight @ aim**2), len(aim))
    held = (asked if penalty is None else penalty * len(aim) for penalty in penalties)
    return np.stack([vectors @ (along / (values + one)) for one in held])


def along(columns: Floats, weights: Floats) -> Floats:
    """Sums of columns × weights [n], each row summed by itself: a matrix product rounds by how many rows there are."""
    summed: Floats = (columns * weights).sum(axis=1)
    return summed


def _penalty(values: Floats, along: Floats, total: float, n: int) -> float:
    """The penalty of the least generalised cross-validation error, from 1e-4 to 1e2 times n."""
    grid = n * np.logspace(-4, 2, 25)[:, None]
    residual = total - (along**2 * (values + 2 * grid) / (values + grid) ** 2).sum(axis=1)
    freedom = 1 + (values / (values + grid)).sum(axis=1)
    error = np.where(freedom < n, residual / (1 - np.minimum(freedom / n, 1 - 1e-9)) ** 2, np.inf)
    return float(grid[int(np.argmin(error)), 0])


def tree_settings(sample: Sample, size: Size, seed: int) -> dict[str, Any]:
    """LightGBM's parameters. A leaf holds 200 members and 8 expected win-backs, less where the arms are small."""
    smaller = min(int(sample.mailed.sum()), int((~sample.mailed).sum()))
    least = min(max(200.0, 8 / max(sample.won_back.mean(), 1e-9)), smaller / 8)
    return {
        "num_leaves": size.leaves,
        "learning_rate": RATE,
        "min_child_samples": max(int(least), 1),
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": THREADS,
        "verbosity": -1,
    }


def predicted(booster: lgb.Booster, matrix: Floats, threads: int = EVERY) -> Floats:
    """What a forest says of encoded members [n × columns], [n]; each by itself, however many threads there are."""
    return np.asarray(booster.predict(matrix, num_threads=threads), dtype=np.float64)


def grow(rows: lgb.Dataset, target: Floats, objective: str, settings: dict[str, Any], size: Size) -> lgb.Booster:
    """A forest that learns `target` [n] from rows; `objective` is LightGBM's."""
    labelled = rows.construct().set_label(target)
    booster = lgb.train({**settings, "objective": objective}, labelled, num_boost_round=size.trees)
    return lgb.Booster(model_str=booster.model_to_string())  # as it will be read back, to the last bit
