"""Which features move a model's uplifts, how much, and which way: from the contributions of a sample of members."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from scoring.winback.features import FEATURES

if TYPE_CHECKING:
    from scoring.winback.model import WinbackModel

ABOUT = {feature.name: feature.about.split(";")[0] for feature in FEATURES}
SAMPLE = 500  # members
CLEAR = 0.5  # rank correlation from which on a direction is told
RARE = 10  # members of the sample that a word must have to be told


@dataclass(frozen=True)
class Effect:
    """A feature, by how much it moves an uplift on average (either way), and which way, in words."""

    feature: str
    size: float
    direction: str


def effects(model: WinbackModel, features: pl.DataFrame, seed: int = 0) -> list[Effect]:
    """Of each feature that moves anything, the largest first."""
    some = features.sample(min(SAMPLE, features.height), seed=seed)
    added = model.contributions(some)
    sizes = np.abs(added.to_numpy()).mean(axis=0)
    found = [
        Effect(name, float(size), _direction(some[name], added[name]))
        for name, size in zip(added.columns, sizes, strict=True)
    ]
    return sorted((effect for effect in found if effect.size > 0), key=lambda effect: -effect.size)


def in_words(feature: str) -> str:
    """A feature as its table says it; by its name where that does not know it."""
    return ABOUT.get(feature, feature)


def _direction(values: pl.Series, added: pl.Series) -> str:
    if values.dtype in (pl.String, pl.Categorical, pl.Enum):
        return _words(values.cast(pl.String), added)
    numbers = values.cast(pl.Float64).fill_nan(None)
    known = numbers.is_not_null()
    alike = pl.select(pl.corr(numbers.filter(known), added.filter(known), method="spearman")).item()
    if not abs(alike) >= CLEAR:  # it is NaN where one side does not vary
        return "up and down"
    return "more of it raises" if alike > 0 else "more of it lowers"


def _words(values: pl.Series, added: pl.Series) -> str:
    """The words with the largest and the least contribution."""
    told = pl.DataFrame({"word": values.rename("word"), "added": added.rename("added")}).drop_nulls()
    means = told.group_by("word").agg(pl.len(), pl.col("added").mean()).filter(pl.col("len") >= RARE)
    ranked = means.sort("added", "word", descending=[True, False])["word"]
    return f"most: {ranked[0]}, least: {ranked[-1]}" if len(ranked) > 1 else "up and down"
