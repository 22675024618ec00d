"""P(win-back | mailed), P(win-back | not mailed) and their difference, learnt from a trial whose chances are known."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeAlias

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.encoding import Codes, Design, Encoding, Floats, numbered
from scoring.errors import BadData, NotEnoughHistory, NotFitted
from scoring.sealed import seal, unsealed
from scoring.threads import one_thread
from scoring.winback.calibration import Ceiling, Levels
from scoring.winback.chances import check_chances
from scoring.winback.contributions import Reason, contributions, shared_out, strongest, thinned
from scoring.winback.learners import Bins, Forests, Sample, Size
from scoring.winback.stack import FOLDS, HeldOut, Stack, fit_stack, overlap

Column: TypeAlias = pl.Series | npt.NDArray[Any] | Sequence[Any]

SIZES = (
    Size(leaves=4, trees=100),
    Size(leaves=8, trees=50),
)  # kinds of data disagree on which is better: the mean of both
FEWEST = FOLDS  # members of each arm with and without a win-back: one a fold
FORMAT = "5"  # of the saved files
EDGE = 0.01  # of the pooled chance, at least, in either arm; and of the chance of not coming back
AT_ONCE = 50_000  # members that are scored at once: memory depends on these, never on how many there are
MEND = "train again, or go back to another version: encore train, encore models rollback"


class WinbackModel:
    """Whom a mail brings back: the mean of two stacks of uplift learners, with calibrated levels.

    `seed` decides how members fall into folds; the same seed and input give the same model, to the last bit. A `quick`
    one has one stack, of the size that is grown faster, at some two fifths of the time: to try the recipe, not to use.
    Columns of features may hold numbers, flags, times or words, with gaps; words never seen count as gaps.
    """

    def __init__(self, seed: int = 0, *, quick: bool = False) -> None:
        if not isinstance(seed, int | np.integer) or seed < 0:
            raise BadData("seed", f"{seed!r} is none", "give a whole number from 0 on")
        self.seed = int(seed)
        self.sizes = SIZES[-1:] if quick else SIZES
        self._fitted: _Fitted | None = None

    def fit(
        self,
        features: pl.DataFrame,
        mailed: Column,
        won_back: Column,
        propensity: Column | float | None = None,
        members: Column | None = None,
    ) -> Self:
        """Learn from rows [n] of members of whom a known chance decided who was mailed.

        `mailed` and `won_back` are [n], true or false, 0 or 1. `propensity` is P(mailed), one number or [n], strictly
        between 0 and 1; None: everybody's chance was the share that was mailed. `members` says whose each row is, where
        some have several: nothing is held against what is known of the same member; None: each is another's. Features
        that tell nothing are no error: everybody then has the mean uplift.

        Raises:
            BadData: an argument that cannot be used, by name; or chances that are not those of who was mailed.
            NotEnoughHistory: fewer than 3 members in an arm who came back, or who did not; or so few that held out
                together they leave nobody of their arm.
        """
        _check_features(features)
        arms, outcomes = _flags("mailed", mailed, features.height), _flags("won_back", won_back, features.height)
        whose = _whose(members, features.height)
        _check_arms(arms, outcomes, whose)
        chance = _chances(propensity, arms)
        check_chances(chance, arms, whose)
        encoding = Encoding.of(features)
        matrix = encoding.matrix(features)
        design = Design.of(matrix, encoding.words)
        bins, spread = Bins.of(matrix, arms, encoding.words), design.spread(matrix)
        sample = Sample(arms, outcomes.astype(float), chance, matrix, bins)
        seeds = (len(SIZES) * self.seed + place for place in range(len(self.sizes)))
        with one_thread():  # how many there are must not show in the model
            with ThreadPoolExecutor(len(self.sizes)) as threads:
                stacks = threads.map(partial(fit_stack, sample, spread, whose), self.sizes, seeds)
            self._fitted = _fitted(sample, encoding, design, list(stacks))
        return self

    def predict(self, features: pl.DataFrame) -> pl.DataFrame:
        """For each row, in the same order: p_mailed, p_unmailed (both between 0 and 1) and uplift, their difference."""
        fitted = self._known
        _check_features(features)
        if not features.height:
            return pl.DataFrame(schema=dict.fromkeys(("p_mailed", "p_unmailed", "uplift"), pl.Float64))
        return pl.concat([fitted.predicted(part) for part in features.iter_slices(AT_ONCE)])

    def upper(self, uplift: pl.Series) -> pl.Series:
        """How large each predicted uplift could truly be, as `uplift_high`: where it is below 0, a mail does harm.

        A bound (95%, one side) of the mean uplift of members with like predictions, from members held out in fitting.
        """
        return pl.Series("uplift_high", self._known.ceiling(uplift.to_numpy()))

    def contributions(self, features: pl.DataFrame) -> pl.DataFrame:
        """What each feature adds to each member's uplift, beyond what it adds to the typical member's.

        A column a feature, rows in the same order. A row sums to the member's uplift less the typical member's.
        """
        fitted = self._known
        _check_features(features)
        added = fitted.added(fitted.encoding.matrix(features)) if features.height else np.empty((0, len(self.columns)))
        return pl.DataFrame(added, schema=dict.fromkeys(self.columns, pl.Float64))

    def reasons(self, features: pl.DataFrame, k: int = 3) -> list[list[Reason]]:
        """For each row the k features that move its uplift furthest from the typical member's, the strongest first."""
        return strongest(self.contributions(features).to_numpy(), self.columns, k)

    @property
    def columns(self) -> tuple[str, ...]:
        """The features that it was fitted on, in order."""
        return self._known.encoding.columns

    def to_files(self, folder: Path, features_version: str = "") -> None:
        """Write the model as LightGBM's text and JSON; `features_version` names what it was fitted on."""
        fitted = self._known
        folder.mkdir(parents=True, exist_ok=True)
        for name, booster in fitted.boosters.items():
            (folder / f"{name}.txt").write_text(booster.model_to_string(), encoding="utf-8")
        facts = {"format": FORMAT, "features_version": features_version, "seed": self.seed, **fitted.to_json()}
        seal(folder, facts, [f"{name}.txt" for name in fitted.boosters])

    @classmethod
    def check(cls, folder: Path, features_version: str = "") -> None:
        """Raise what `from_files` would; the files are compared with what was written, not read as forests."""
        unsealed(folder, MEND, format=FORMAT, features_version=features_version)

    @classmethod
    def from_files(cls, folder: Path, features_version: str = "") -> Self:
        """Read what `to_files` wrote.

        LightGBM ends the whole process over a forest that is cut short: it is given none that is not as it was written.

        Raises:
            OtherVersion: the format, or the version of the features, differs.
            BadData: there is no model in the folder, or one of its files, named, is damaged.
        """
        saved = unsealed(folder, MEND, format=FORMAT, features_version=features_version)
        model = cls(seed=saved["seed"], quick=len(saved["stacks"]) < len(SIZES))
        model._fitted = _Fitted.from_json(saved, folder)
        return model

    @property
    def boosters(self) -> dict[str, lgb.Booster]:
        """The forests inside, by name."""
        return self._known.boosters

    @property
    def _known(self) -> _Fitted:
        if self._fitted is None:
            raise NotFitted("WinbackModel")
        return self._fitted


@dataclass(frozen=True)
class _Fitted:
    """All that fitting found."""

    encoding: Encoding
    design: Design
    stacks: tuple[Stack, ...]
    levels: Levels
    ceiling: Ceiling
    typical: Floats  # [columns + 1]: what each, and the arm, adds to the uplift of the typical member

    @property
    def share(self) -> float:
        """The mean chance of being mailed."""
        return self.stacks[0].share

    def answers(self, matrix: Floats) -> tuple[Floats, Floats]:
        """Uplift and pooled P(win-back) of encoded members, both [n]."""
        design = self.design.spread(matrix)
        views = [stack.views(matrix, design) for stack in self.stacks]
        uplift = np.mean([stack.uplift(seen) for stack, seen in zip(self.stacks, views, strict=True)], axis=0)
        response, pooled = (
            np.mean(values, axis=0) for values in zip(*((v.response, v.pooled) for v in views), strict=True)
        )
        return np.clip(uplift + 1e-9 * response, EDGE - 1, 1 - EDGE), self.levels(pooled)

    def predicted(self, features: pl.DataFrame) -> pl.DataFrame:
        """p_mailed, p_unmailed and uplift of members [n]."""
        uplift, pooled = self.answers(self.encoding.matrix(features))
        low, high = EDGE * pooled, 1 - EDGE * (1 - pooled)
        unmailed = np.clip(pooled - self.share * uplift, np.maximum(low, low - uplift), np.minimum(high, high - uplift))
        mailed = unmailed + uplift
        return pl.DataFrame({"p_mailed": mailed, "p_unmailed": unmailed, "uplift": mailed - unmailed})

    def added(self, matrix: Floats) -> Floats:
        """What each column of encoded members [n × columns] adds to their uplift, beyond the typical member's."""
        return shared_out(_added(self.stacks, self.design, matrix) - self.typical)

    @property
    def boosters(self) -> dict[str, lgb.Booster]:
        """The forests inside, by name."""
        named = (
            (f"stack{place}_{name}", booster)
            for place, stack in enumerate(self.stacks)
            for name, booster in stack.forests._asdict().items()
            if booster
        )
        return dict(named)

    def to_json(self) -> dict[str, Any]:
        """All but the forests."""
        return {
            "encoding": self.encoding.to_json(),
            "design": self.design.to_json(),
            "stacks": [stack.to_json() for stack in self.stacks],
            "levels": self.levels.to_json(),
            "ceiling": self.ceiling._asdict(),
            "typical": self.typical.tolist(),
        }

    @classmethod
    def from_json(cls, saved: dict[str, Any], folder: Path) -> _Fitted:
        """What `to_json` wrote, with the forests in `folder`."""
        stacks = tuple(Stack.from_json(part, _read(folder, place)) for place, part in enumerate(saved["stacks"]))
        ceiling = Ceiling(tuple(saved["ceiling"]["edges"]), tuple(saved["ceiling"]["highs"]))
        encoding, design = Encoding.from_json(saved["encoding"]), Design.from_json(saved["design"])
        return cls(encoding, design, stacks, Levels.from_json(saved["levels"]), ceiling, np.array(saved["typical"]))


def _read(folder: Path, place: int) -> Forests:
    files = [folder / f"stack{place}_{name}.txt" for name in Forests._fields]
    texts = (file.read_text(encoding="utf-8") if file.exists() else None for file in files)  # a view without weight
    return Forests._make(lgb.Booster(model_str=text) if text else None for text in texts)


def _fitted(sample: Sample, encoding: Encoding, design: Design, both: list[tuple[Stack, HeldOut]]) -> _Fitted:
    uplift, pooled, score = (np.mean(values, axis=0) for values in zip(*(held for _, held in both), strict=True))
    share, chance = sample.share, sample.bounded
    mix = np.where(sample.mailed, share / chance, (1 - share) / (1 - chance))
    levels = Levels.fitted(pooled, sample.won_back, mix)
    ceiling = Ceiling.fitted(uplift, score, overlap(sample.propensity))
    stacks = tuple(stack for stack, _ in both)
    typical = _added(stacks, design, thinned(sample.matrix)).mean(axis=0)
    return _Fitted(encoding, design, stacks, levels, ceiling, typical)


def _added(stacks: tuple[Stack, ...], design: Design, matrix: Floats) -> Floats:
    """What each column, and the arm behind them, adds to the uplift of encoded members [n × columns]."""
    parts = [contributions(stack, design, matrix) for stack in stacks]
    mean: Floats = np.mean(parts, axis=0)
    return mean


def _check_features(features: object) -> None:
    if not isinstance(features, pl.DataFrame):
        raise BadData("features", f"{type(features).__name__} is no polars frame", "give a pl.DataFrame")
    if not features.width:
        raise BadData("features", "there are no columns", "give at least one feature")


def _flags(name: str, values: Column, n: int) -> npt.NDArray[np.bool_]:
    """Zeros and ones as flags. BadData where one is missing or anything else, or where their number is not n."""
    numbers = _numbers(name, values, n)
    wrong = np.flatnonzero((numbers != 0) & (numbers != 1))
    if len(wrong):
        raise BadData(name, f"row {wrong[0]} is {numbers[wrong[0]]}", "give true or false, 1 or 0, none missing")
    flags: npt.NDArray[np.bool_] = numbers == 1
    return flags


def _numbers(name: str, values: Column, n: int) -> Floats:
    column = _column(name, values)
    try:
        numbers = column.cast(pl.Float64).to_numpy()
    except pl.exceptions.PolarsError:
        raise BadData(name, f"{column.dtype} is no number", "give true or false, or numbers") from None
    if len(numbers) != n:
        raise BadData(name, f"there are {len(numbers)}, but {n} rows of features", "give one for each row")
    return numbers


def _column(name: str, values: Column) -> pl.Series:
    """A column of whatever kind. BadData where it is none."""
    if isinstance(values, pl.Series):
        return values
    try:
        return pl.Series(name, values, strict=False)
    except (TypeError, ValueError):
        raise BadData(name, f"{type(values).__name__} is no column", "give a series, an array or a list") from None


def _whose(members: Column | None, n: int) -> Codes:
    """A number for each member [n]; None: each row is another's. BadData where one is missing, or there are not n."""
    if members is None:
        return np.arange(n)
    ids = _column("members", members)
    if len(ids) != n:
        raise BadData("members", f"there are {len(ids)}, but {n} rows of features", "give one for each row")
    if ids.dtype.is_nested() or ids.dtype.is_float() or ids.dtype == pl.Object:
        raise BadData("members", f"{ids.dtype} can be no id", "give text or whole numbers")
    if ids.null_count():
        raise BadData("members", f"row {ids.is_null().arg_max()} is missing", "give one for each row")
    return numbered(ids)


def _check_arms(mailed: npt.NDArray[np.bool_], won_back: npt.NDArray[np.bool_], whose: Codes) -> None:
    """Both arms, and in each enough members who came back and who did not."""
    for arm, inside in (("mailed", mailed), ("not mailed", ~mailed)):
        for outcome, rows in (("came back", won_back), ("did not come back", ~won_back)):
            have = len(np.unique(whose[inside & rows]))
            if have < FEWEST:
                raise NotEnoughHistory(f"members {arm} who {outcome}", have, FEWEST)


def _chances(propensity: Column | float | None, mailed: npt.NDArray[np.bool_]) -> Floats:
    """P(mailed) of each. BadData where one is missing or not strictly between 0 and 1."""
    given = float(mailed.mean()) if propensity is None else propensity
    column = np.full(len(mailed), float(given)) if isinstance(given, int | float | np.number | Decimal) else given
    chances = _numbers("propensity", column, len(mailed))
    wrong = np.flatnonzero(~((chances > 0) & (chances < 1)))
    if len(wrong):
        raise BadData(
            "propensity", f"row {wrong[0]} is {chances[wrong[0]]}", "give a chance above 0 and below 1, none missing"
        )
    return chances
