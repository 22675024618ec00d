"""Which artwork a member sees of a title: a contextual bandit whose every choice has an exact, known probability.

What is learnt are ratios, clicks over expected clicks, so that all titles teach each other, popular or not. A ridge in
closed form for each style says whom the style suits; each artwork's own quality multiplies it, shrunk towards 1. The
choice is a softmax that grows sharper day by day, above a floor of equal chances that keeps evidence coming.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple, Self, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl
import polars.selectors as cs

from scoring.chance import uniforms
from scoring.encoding import Design, Encoding, Floats
from scoring.errors import BadData, NotFitted
from scoring.threads import one_thread

Codes: TypeAlias = npt.NDArray[np.int64]

FLOOR = 0.02  # of all choices fall on the candidates evenly
FIRST, SHARPEST = 0.05, 0.01  # the softmax's temperature, in ratios: on day 1, falling with the root of days; at least
DAILY = 20_000  # choices that count as a day where the log does not say which day it was
KEPT = 0.95  # of what is known of styles, from one day to the next
MEAN_PRIOR, TASTE_PRIOR = 50.0, 100.0  # clicks' worth of "all like a style the same": its mean, each context column
QUALITY_PRIOR = 100.0  # clicks' worth of "an artwork is as good as its style"
LEVEL_PRIOR = 200.0  # looks' worth of "a title draws as many clicks as any"
BLOCK = 4096  # contexts at once: what is reckoned of them stays in the processor's cache
LEAST = 0.05  # of the ratio that the ridge may predict
CONTEXT = cs.numeric() | cs.boolean() | cs.string(include_categorical=True) | cs.enum()
NO_CONTEXT = ("style", "propensity", "reward", "day", "key", "candidates")


class ArtworkModel:
    """Which artwork to show whom. `seed` takes part in every draw."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self._learnt: _Learnt | None = None

    def fit(self, choices: pl.DataFrame, artworks: pl.DataFrame | None = None) -> Self:
        """Learn from logged choices: context columns, artwork_id, propensity in (0, 1], reward ≥ 0 and, if known, day.

        A day is a number, a date or any moment of it. Context columns are all the others that hold numbers, flags or
        words, but for ids (`…_id`) and `key`. `artworks` has artwork_id, and title_id and style where known: without
        them, an artwork is a style of its own. No choices at all is no error: then every candidate is as likely.

        Raises:
            BadData: a column that is missing or cannot be used, with its first bad row.
        """
        _check_choices(choices)
        works = _Works.of(choices, artworks)
        with one_thread():  # how many there are must not show in what is drawn
            self._learnt = _learnt(choices, works)
        return self

    def choose(self, contexts: pl.DataFrame) -> pl.DataFrame:
        """For each context, in the same order: the artwork_id drawn from `candidates`, and its exact propensity.

        `candidates` is a list of artwork_id, in any order; where it is empty, both answers are null. Where there is a
        column `key`, the draw belongs to the key, whatever the rows around it; else it belongs to the row's place.
        """
        candidates, chances = self._chances(contexts)
        passed = np.count_nonzero(chances.cumsum(axis=1) <= self._draws(contexts).to_numpy()[:, None], axis=1)
        drawn = np.minimum(passed, np.maximum(candidates.lengths - 1, 0))
        rows = np.arange(contexts.height)
        found = pl.DataFrame({"place": candidates.places[rows, drawn], "propensity": chances[rows, drawn]})
        found = found.select(pl.when(pl.Series(candidates.lengths > 0)).then(pl.all()))
        return found.select(candidates.known.gather(found["place"]).alias("artwork_id"), "propensity")

    def probabilities(self, contexts: pl.DataFrame) -> pl.DataFrame:
        """How likely `choose` is to draw each candidate: context (the row's place), artwork_id, probability."""
        candidates, chances = self._chances(contexts)
        rows, places = np.nonzero(np.arange(chances.shape[1]) < candidates.lengths[:, None])
        ids = candidates.ids(rows, places)
        return pl.DataFrame({"context": rows, "artwork_id": ids, "probability": chances[rows, places]})

    def _chances(self, contexts: pl.DataFrame) -> tuple[_Candidates, Floats]:
        """The candidates of each context, and the probability of each [contexts × most], 0 behind the last."""
        if self._learnt is None:
            raise NotFitted("ArtworkModel")
        candidates = _Candidates.of(contexts)
        return candidates, self._learnt.chances(contexts, candidates)

    def _draws(self, contexts: pl.DataFrame) -> pl.Series:
        """One draw in [0, 1) for each context."""
        if "key" in contexts.columns:
            return uniforms(contexts["key"], f"artwork:{self.seed}")
        places = pl.Series("place", np.arange(contexts.height))
        return uniforms(places, f"artwork:{self.seed}:{self._learnt.rows if self._learnt else 0}")


@dataclass(frozen=True)
class _Candidates:
    """The candidates of n contexts: places in `known`, sorted by id, no repeats, padded with 0."""

    known: pl.Series  # ids, sorted
    places: Codes  # [n × most candidates]
    lengths: Codes  # [n]

    @classmethod
    def of(cls, contexts: pl.DataFrame) -> _Candidates:
        """From the column `candidates`. BadData where it is missing or holds no lists."""
        kind = contexts.schema.get("candidates")
        if not isinstance(kind, pl.List | pl.Array):
            raise BadData(
                "contexts.candidates", f"{kind or 'no column'} is no list", "give a list of artwork_id for each row"
            )
        lists = contexts["candidates"].cast(pl.List(pl.String)).fill_null([])
        flat = lists.filter(lists.list.len() > 0).explode()
        known = flat.drop_nulls().unique().sort()
        codes = flat.cast(pl.Enum(known)).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
        places, lengths = _distinct(_padded(codes, lists.list.len().to_numpy()))
        return cls(known, places, lengths)

    def ids(self, rows: Codes, columns: Codes) -> pl.Series:
        """The artwork_id at each of these cells."""
        return self.known.gather(self.places[rows, columns])


@dataclass(frozen=True)
class _Works:
    """Every artwork known, sorted by id, and which title and style each belongs to, as places."""

    ids: pl.Series
    titles: Codes
    styles: Codes

    @classmethod
    def of(cls, choices: pl.DataFrame, artworks: pl.DataFrame | None) -> _Works:
        """From the log and, where given, the artworks' own table. An artwork of no known style is one of its own."""
        known = _described(artworks)
        seen = pl.DataFrame({"artwork_id": choices["artwork_id"].cast(pl.String)}).unique()
        works = seen.join(known, on="artwork_id", how="full", coalesce=True).sort("artwork_id")
        own = pl.concat_str(pl.lit("artwork "), "artwork_id")
        named = works.with_columns(
            pl.concat_str(pl.lit("style "), "style").fill_null(own).alias("style"), pl.col("title_id").fill_null("")
        )
        codes = [named[name].rank("dense").to_numpy().astype(np.int64) - 1 for name in ("title_id", "style")]
        return cls(works["artwork_id"], *codes)


@dataclass(frozen=True)
class _Learnt:
    """What the log taught. A value is a ratio: clicks over the clicks that the title draws on average.

    Behind the last artwork and the last style stands one of which nothing is known.
    """

    works: _Works
    encoding: Encoding
    design: Design
    tastes: Floats  # [styles + 1 × (1 + width)]
    quality: Floats  # [artworks + 1]
    temperature: float
    rows: int

    def chances(self, contexts: pl.DataFrame, candidates: _Candidates) -> Floats:
        """How likely each candidate is to be drawn [n × most candidates]; an artwork never heard of is worth 1."""
        matrix = _encoded(contexts, self.encoding)
        works = np.append(_places(candidates.known, self.works.ids), -1)  # the last: for where nothing is known
        styles, quality = (np.append(self.works.styles, -1) % len(self.tastes))[works], self.quality[works]
        chances = np.empty(candidates.places.shape)
        for begin in range(0, len(matrix), BLOCK):
            rows = slice(begin, begin + BLOCK)
            places, columns = candidates.places[rows], self.design.spread(matrix[rows], constant=True)
            values = self._ratios(columns, styles[places]) * quality[places]
            chances[rows] = _softened(values, candidates.lengths[rows], self.temperature)
        return chances

    def _ratios(self, columns: Floats, style: Codes) -> Floats:
        """What the tastes for these styles [n × most candidates] promise."""
        if len(self.tastes) > style.shape[1]:  # many styles: one pass for each place, not one for each of them
            return np.column_stack([_ratios(columns, self.tastes[place]) for place in style.T])
        of_styles = np.column_stack([_ratios(columns, taste) for taste in self.tastes])
        found: Floats = np.take_along_axis(of_styles, style, axis=1)
        return found


class _Evidence(NamedTuple):
    """Of each choice: its reward, the reward expected of its title, and how much it still counts. Arrays [n]."""

    reward: Floats
    level: Floats
    weight: Floats


def _learnt(choices: pl.DataFrame, works: _Works) -> _Learnt:
    """Levels of titles, tastes by style, qualities of artworks, in that order; levels again once tastes are known."""
    context = _logs(choices.select((CONTEXT - cs.by_name(NO_CONTEXT, require_all=False)) - cs.ends_with("_id")))
    encoding = Encoding.of(context)
    matrix = encoding.matrix(context) if encoding.columns else np.empty((choices.height, 0))
    design = Design.of(matrix, encoding.words)
    columns = design.spread(matrix, constant=True)
    shown = _places(choices["artwork_id"].cast(pl.String), works.ids)
    reward = choices["reward"].cast(pl.Float64).to_numpy()
    weight, days = _remembered(choices)
    level = _levels(works.titles[shown], reward, np.ones(len(reward)))
    for _ in range(2):
        tastes = _tastes(columns, works.styles, shown, _Evidence(reward, level, weight))
        ratios = _ratios(columns, tastes[works.styles[shown]])
        level = _levels(works.titles[shown], reward, ratios)
    clicks, expected = (_sums(shown, values, len(works.ids) + 1) for values in (reward, level * ratios))
    quality = (clicks + QUALITY_PRIOR) / (expected + QUALITY_PRIOR)
    return _Learnt(works, encoding, design, tastes, quality, max(FIRST / days**0.5, SHARPEST), len(reward))


def _sums(places: Codes, values: Floats, length: int = 0) -> Floats:
    return np.asarray(np.bincount(places, values, length), dtype=np.float64)


def _levels(titles: Codes, reward: Floats, looks: Floats) -> Floats:
    """Clicks that a look at each row's title is worth, shrunk towards the rate of all; looks count by their ratio."""
    overall = reward.sum() / max(looks.sum(), 1e-9)
    clicks, seen = _sums(titles, reward), _sums(titles, looks)
    levels: Floats = ((clicks + LEVEL_PRIOR * overall) / (seen + LEVEL_PRIOR))[titles]
    return levels


def _tastes(columns: Floats, styles: Codes, shown: Codes, evidence: _Evidence) -> Floats:
    """The ridge of each style, in closed form: ratio = columns · taste. The last is of a style never shown."""
    prior = np.diag([MEAN_PRIOR, *[TASTE_PRIOR] * (columns.shape[1] - 1)])
    tastes = np.tile(np.eye(1, columns.shape[1]), (int(styles.max(initial=-1)) + 2, 1))
    order = np.argsort(styles[shown], kind="stable")
    ends = np.flatnonzero(np.diff(styles[shown][order])) + 1
    for rows in np.split(order, ends) if len(order) else []:
        inside, reward, level, weight = columns[rows], *(values[rows] for values in evidence)
        gram = prior + inside.T @ (inside * (weight * level)[:, None])
        tastes[styles[shown[rows[0]]]] = np.linalg.solve(gram, prior[:, 0] + inside.T @ (weight * reward))
    return tastes


def _ratios(columns: Floats, tastes: Floats) -> Floats:
    """The ratio that tastes, one or a row each, promise; kept above 0."""
    summed = np.einsum("nw,w->n" if tastes.ndim == 1 else "nw,nw->n", columns, tastes)
    ratios: Floats = np.maximum(summed, LEAST)
    return ratios


def _remembered(choices: pl.DataFrame) -> tuple[Floats, float]:
    """How much each choice still counts, and how many days of evidence there are."""
    if "day" not in choices.columns or not choices.height:
        return np.ones(choices.height), max(choices.height / DAILY, 1.0)
    days = _day(choices).rank("dense").cast(pl.Float64).to_numpy()
    return np.power(KEPT, days.max() - days), float(days.max())


def _day(choices: pl.DataFrame) -> pl.Series:
    """The day of each choice, as something that can be ordered; of a moment, the day that it falls into."""
    day = choices["day"]
    return day.dt.date() if isinstance(day.dtype, pl.Datetime) else day


def _softened(values: Floats, lengths: Codes, temperature: float) -> Floats:
    """Floor plus softmax over each row's candidates, the first of it; rows without any are all 0."""
    inside = np.arange(values.shape[1]) < lengths[:, None]
    best = reduce(np.maximum, np.where(inside, values, -np.inf).T)[:, None]  # quicker than along short rows
    raised = np.where(inside, np.exp((values - np.where(np.isfinite(best), best, 0)) / temperature), 0.0)
    share = raised / np.maximum(raised.sum(axis=1, keepdims=True), 1e-300)
    softened: Floats = np.where(inside, FLOOR / np.maximum(lengths, 1)[:, None] + (1 - FLOOR) * share, 0.0)
    return softened


def _encoded(contexts: pl.DataFrame, encoding: Encoding) -> Floats:
    """The context columns [n × columns]; what a context lacks counts as missing."""
    if not encoding.columns:
        return np.empty((contexts.height, 0))
    absent = [pl.lit(None).alias(name) for name in encoding.columns if name not in contexts.columns]
    return encoding.matrix(_logs(contexts.with_columns(absent).select(encoding.columns)))


def _logs(context: pl.DataFrame) -> pl.DataFrame:
    """Genre shares as logarithms: a ratio of clicks goes with a ratio of shares."""
    shares = [name for name in context.columns if name.startswith("genre_") and context[name].dtype.is_numeric()]
    return context.with_columns((pl.col(name).cast(pl.Float64) + 0.01).log() for name in shares)


def _places(ids: pl.Series, known: pl.Series) -> Codes:
    """Where each id stands in `known`, -1 where it does not."""
    index = pl.DataFrame({"id": known, "place": np.arange(len(known))}, schema={"id": pl.String, "place": pl.Int64})
    found = pl.DataFrame({"id": ids}).join(index, on="id", how="left", maintain_order="left")["place"].fill_null(-1)
    return found.to_numpy()


def _padded(values: Codes, lengths: Codes) -> Codes:
    """Values, row by row, as rows [n × most], with -1 behind the last of each."""
    rows = np.full((len(lengths), max(int(lengths.max(initial=0)), 1)), -1)
    rows[np.arange(rows.shape[1]) < lengths[:, None]] = values
    return rows


def _distinct(rows: Codes) -> tuple[Codes, Codes]:
    """Each row in order and without repeats, padded with 0, and how many are left in each; those below 0 are none."""
    last = int(rows.max(initial=0)) + 1
    ordered = np.sort(np.where(rows < 0, last, rows), axis=1)
    repeats = ordered[:, 1:] == ordered[:, :-1]
    if (repeats & (ordered[:, 1:] < last)).any():
        ordered[:, 1:][repeats] = last
        ordered.sort(axis=1)
    inside = ordered < last
    return np.where(inside, ordered, 0), np.count_nonzero(inside, axis=1)


def _described(artworks: pl.DataFrame | None) -> pl.DataFrame:
    """artwork_id, title_id and style as text, one row an artwork; nulls where the table does not say."""
    names = ("artwork_id", "title_id", "style")
    if artworks is None:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    if "artwork_id" not in artworks.columns:
        raise BadData("artworks.artwork_id", "the column is missing", "give the ids that the choices bear")
    absent = [pl.lit(None).alias(name) for name in names if name not in artworks.columns]
    return (
        artworks.with_columns(absent)
        .select(pl.col(names).cast(pl.String))
        .unique("artwork_id", keep="first", maintain_order=True)
    )


def _check_choices(choices: pl.DataFrame) -> None:
    for name in ("artwork_id", "propensity", "reward"):
        if name not in choices.columns:
            raise BadData(f"choices.{name}", "the column is missing", "give one value for each choice")
    for name in ("propensity", "reward"):
        _check_kind(choices[name], choices[name].dtype.is_numeric() or choices[name].dtype == pl.Boolean, "numbers")
    _check(choices, "artwork_id", pl.col("artwork_id").is_null(), "give the artwork that was shown")
    _check(
        choices,
        "propensity",
        ~pl.col("propensity").is_between(0, 1, closed="right"),
        "give a chance above 0, at most 1",
    )
    _check(
        choices,
        "reward",
        ~(pl.col("reward").cast(pl.Float64).is_finite() & (pl.col("reward") >= 0)),
        "give a number from 0 up",
    )
    if "day" in choices.columns:
        kind = choices["day"].dtype
        _check_kind(choices["day"], kind.is_numeric() or kind == pl.Date or isinstance(kind, pl.Datetime), "days")
        unknown = pl.col("day").is_null() | pl.col("day").cast(pl.Float64).is_nan()
        _check(choices, "day", unknown, "give the day of each choice, or leave the column out")


def _check_kind(column: pl.Series, right: bool, wanted: str) -> None:
    """BadData where a column with values is not of the `right` kind; one of nulls alone is told by its first row."""
    if not right and column.dtype != pl.Null:
        raise BadData(f"choices.{column.name}", f"{column.dtype} cannot be {wanted}", f"give {wanted}")


def _check(choices: pl.DataFrame, name: str, wrong: pl.Expr, mend: str) -> None:
    """BadData with the first row where `wrong` holds or the value is missing."""
    rows = choices.select(wrong.fill_null(value=True).arg_true()).to_series()
    if len(rows):
        raise BadData(f"choices.{name}", f"row {rows[0]} is {choices[name][rows[0]]!r}", mend)
