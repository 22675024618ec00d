"""Features of any type as one matrix of numbers, for trees and for a ridge alike.

Numbers, flags and times become float64; words become codes of their levels. What is missing, not finite, rare or never
seen is NaN. The trees read that matrix as it is; the ridge reads `design`, where a word is one column a level.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.errors import BadData

Floats: TypeAlias = npt.NDArray[np.float64]
Codes: TypeAlias = npt.NDArray[np.int64]

RAREST = 20  # rows that a word must appear in to be a level of its own
MOST_LEVELS = 64  # levels of one column; rarer words are as if missing
LARGEST = 1e100  # what is larger counts as this: its square is still a number
FARTHEST = 5.0  # standard deviations at which the ridge stops extrapolating


@dataclass(frozen=True)
class Encoding:
    """How a frame becomes a matrix: its columns in order, and the levels of those that hold words."""

    columns: tuple[str, ...]
    levels: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, features: pl.DataFrame) -> Encoding:
        """The encoding of a frame [n × columns]. BadData where a column holds lists, structs or the like."""
        kinds = {column.name: _is_words(column) for column in features.iter_columns()}
        levels = {name: _levels(features[name]) for name, words in kinds.items() if words}
        return cls(tuple(kinds), levels)

    @property
    def words(self) -> list[int]:
        """The places of the columns that hold codes."""
        return [place for place, name in enumerate(self.columns) if name in self.levels]

    def matrix(self, features: pl.DataFrame) -> Floats:
        """The frame as float64 [n × columns], row by row in memory; columns we don't know are left aside."""
        absent = [name for name in self.columns if name not in features.columns]
        if absent:
            raise BadData(
                f"features.{absent[0]}", "the column is missing", "give every column that the model was fitted on"
            )
        matrix = np.empty((features.height, len(self.columns)))
        for place, name in enumerate(self.columns):
            matrix[:, place] = self._numbers(features[name])
        matrix[np.isinf(matrix)] = np.nan
        return np.clip(matrix, -LARGEST, LARGEST, out=matrix)

    def _numbers(self, column: pl.Series) -> Floats:
        words = column.dtype != pl.Null and _is_words(column)
        if words != (column.name in self.levels) and column.dtype != pl.Null:
            expected = "words" if column.name in self.levels else "numbers"
            raise BadData(f"features.{column.name}", f"{column.dtype} where there were {expected}", f"give {expected}")
        return _codes(column, self.levels[column.name]) if words else _floats(column)

    def to_json(self) -> dict[str, Any]:
        """Plain lists and dicts."""
        return {"columns": list(self.columns), "levels": {name: list(levels) for name, levels in self.levels.items()}}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Encoding:
        """What `to_json` wrote."""
        return cls(tuple(saved["columns"]), {name: tuple(levels) for name, levels in saved["levels"].items()})


@dataclass(frozen=True)
class Design:
    """A matrix spread out for a linear model: standardised numbers, a column a level, a column a kind of gap."""

    means: tuple[float, ...]  # of the columns that hold numbers; 0 for words
    scales: tuple[float, ...]
    gaps: tuple[int, ...]  # columns with missing numbers
    levels: tuple[tuple[int, int], ...]  # (column, code)

    @classmethod
    def of(cls, matrix: Floats, words: list[int]) -> Design:
        """The design of an encoded matrix whose `words` columns hold codes. Constant columns get weight 0."""
        numbers = np.delete(np.arange(matrix.shape[1]), words)
        known = ~np.isnan(matrix)
        means, scales = np.zeros(matrix.shape[1]), np.zeros(matrix.shape[1])
        for column in numbers:
            if known[:, column].any():
                means[column], deviation = (
                    matrix[known[:, column], column].mean(),
                    matrix[known[:, column], column].std(),
                )
                scales[column] = 1 / deviation if deviation > 1e-12 * (1 + abs(means[column])) else 0.0
        gaps = [int(column) for column in numbers if not known[:, column].all() and known[:, column].any()]
        levels = [(column, int(code)) for column in words for code in np.unique(matrix[known[:, column], column])]
        return cls(tuple(means.tolist()), tuple(scales.tolist()), tuple(gaps), tuple(levels))

    def spread(self, matrix: Floats, *, constant: bool = False) -> Floats:
        """The linear model's columns [n × width], behind a `constant` one of ones where that is asked for."""
        first, last = int(constant), int(constant) + matrix.shape[1]
        columns = np.empty((len(matrix), last + len(self.gaps) + len(self.levels)))
        columns[:, :first] = 1.0
        numbers = (matrix - np.array(self.means)) * np.array(self.scales)
        numbers[np.isnan(numbers)] = 0.0
        np.clip(numbers, -FARTHEST, FARTHEST, out=columns[:, first:last])
        columns[:, last : last + len(self.gaps)] = np.isnan(matrix[:, list(self.gaps)])
        for place, (column, code) in enumerate(self.levels, last + len(self.gaps)):
            columns[:, place] = matrix[:, column] == code
        return columns

    def to_json(self) -> dict[str, Any]:
        """Plain lists and dicts."""
        return asdict(self)

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Design:
        """What `to_json` wrote."""
        levels = tuple((column, code) for column, code in saved["levels"])
        return cls(tuple(saved["means"]), tuple(saved["scales"]), tuple(saved["gaps"]), levels)


def numbered(ids: pl.Series) -> Codes:
    """A number for each id [n], the same for the same one; those that are missing are one."""
    return ids.rank("dense").fill_null(0).to_numpy().astype(np.int64)


def _is_words(column: pl.Series) -> bool:
    kind = column.dtype
    if kind in (pl.String, pl.Categorical, pl.Enum):
        return True
    if kind.is_numeric() or kind.is_temporal() or kind in (pl.Boolean, pl.Null):
        return False
    raise BadData(f"features.{column.name}", f"{kind} is no feature", "give numbers, flags, times or words")


def _levels(column: pl.Series) -> tuple[str, ...]:
    counts = (
        column.cast(pl.String).rename("word").drop_nulls().value_counts(name="rows").filter(pl.col("rows") >= RAREST)
    )
    common = counts.sort(["rows", "word"], descending=[True, False]).head(MOST_LEVELS)
    return tuple(common["word"].sort().to_list())


def _codes(column: pl.Series, levels: tuple[str, ...]) -> Floats:
    codes = {level: float(code) for code, level in enumerate(levels)}
    if not codes:
        return np.full(len(column), np.nan)
    return column.cast(pl.String).replace_strict(codes, default=None, return_dtype=pl.Float64).to_numpy()


def _floats(column: pl.Series) -> Floats:
    physical = _in_microseconds(column).to_physical() if column.dtype.is_temporal() else column
    return physical.cast(pl.Float64).to_numpy()


def _in_microseconds(column: pl.Series) -> pl.Series:
    """Times and durations in the unit that the lake has, whatever theirs is: a number means the same in every frame."""
    timed = isinstance(column.dtype, pl.Datetime | pl.Duration)
    return column.dt.cast_time_unit("us") if timed else column
