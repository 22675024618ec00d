"""`python -m bench artworks`: what the artwork bandit reaches in simulated services whose tastes are known.

60,000 members, 400 titles with six artworks in three styles; 20,000 looks a day for 50 days, and what a day taught is
used from the day after next. In world A the artworks of a style are alike; in B they also differ within their title.
In the third, A's tastes turn round on day 25. A figure is a share of what an oracle wins over a random choice. Whoever
knows a member's context alone cannot win it all: `reach` is what the best lines through the context would win.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy.stats import chi2

from bench.means import mean
from scoring.artwork import ArtworkModel
from scoring.encoding import Floats

MEMBERS, TITLES, EACH, STYLES = 60_000, 400, 6, 3
LOOKS, DAYS, LATE = 20_000, 50, 2
GENRES, DEVICES, HIDDEN = 8, 3, 3
OWN = 0.3  # of all that leads a member, what bears on nothing else
LIKING, COMMON = 0.22, 0.1  # how far tastes for a style lie apart, and styles as all like them
RATE, WITHIN, FLIP = 0.03, 0.08, 25
DRAWS = 1_000_000
Rows = np.ndarray  # places of members or titles


class World(NamedTuple):
    """Tastes and titles. `flips`: tastes for styles turn round on day 25."""

    context: pl.DataFrame  # a row a member, what the bandit may look at
    taste: Floats  # [members × styles], about 1
    rate: Floats  # [titles] clicks a look
    quality: Floats  # [titles × artworks], about 1
    flips: bool

    @classmethod
    def made(cls, seed: int, within: float, *, flips: bool) -> World:
        """A world whose artworks differ within their title by `within` (log standard deviation)."""
        draw = np.random.default_rng([seed, 6])
        hidden = draw.normal(size=(MEMBERS, HIDDEN))

        def led(width: int, strength: float) -> Floats:
            leading = hidden @ draw.normal(size=(HIDDEN, width)) / HIDDEN**0.5
            return np.asarray(strength * (leading + OWN * draw.normal(size=(MEMBERS, width))))

        shares = np.exp(led(GENRES, 1.0))
        device = (led(DEVICES, 1.0) + draw.gumbel(size=(MEMBERS, DEVICES))).argmax(axis=1)
        taste = np.clip(np.exp(led(STYLES, LIKING) + COMMON * draw.normal(size=STYLES)), 0.7, 1.4)
        genres = {f"genre_{place}": column for place, column in enumerate((shares / shares.sum(1, keepdims=True)).T)}
        context = pl.DataFrame(genres | {"device": np.array(["tv", "phone", "web"])[device]})
        rate = RATE * np.exp(draw.normal(0, 0.5, TITLES))
        return cls(context, taste, rate, np.exp(draw.normal(0, within, (TITLES, EACH))), flips)

    def chances(self, day: int, member: Rows, title: Rows) -> Floats:
        """Chance of a click on each artwork of a title [looks × artworks]."""
        turned = self.flips and day >= FLIP
        taste = (2 - self.taste if turned else self.taste)[member]
        return np.asarray(self.rate[title][:, None] * taste[:, np.arange(EACH) % STYLES] * self.quality[title])


class Lived(NamedTuple):
    """Shares of the oracle's gain: within reach, over all days, and on the last."""

    reach: float
    cumulative: float
    last: float


def lines(arguments: Sequence[str]) -> Iterator[str]:
    """A line a world, with means and their standard errors over seeds; then whether chances are true, and speed."""
    parser = argparse.ArgumentParser(prog="python -m bench artworks", description=__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="worlds of each kind")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--days", type=int, default=DAYS)
    asked = parser.parse_args(arguments)
    yield f"{'world':<28}{'worlds':>7}{'reach':>18}{'all days':>18}{'last day':>18}"
    kinds = {"A: alike within a style": (0.0, False), "B: they differ": (WITHIN, False), "A, turned": (0.0, True)}
    for name, (within, flips) in kinds.items():
        seeds = range(asked.first, asked.first + asked.seeds)
        lived = np.array([live(World.made(seed, within, flips=flips), asked.days) for seed in seeds])
        yield f"{name:<28}{asked.seeds:>7}" + "".join(f"{mean(column):>18}" for column in lived.T)
    yield from drawn()


def live(world: World, days: int = DAYS) -> Lived:
    """Let a bandit choose day by day, with what it was told so far."""
    draw = np.random.default_rng(1)
    log: list[pl.DataFrame] = []
    won = np.zeros((days, 3))  # expected clicks of the bandit, of a random choice and of an oracle
    for day in range(days):
        member, title = draw.integers(MEMBERS, size=LOOKS), draw.integers(TITLES, size=LOOKS)
        asked, chances = looks(world, member, title), world.chances(day, member, title)
        chosen = bandit(log[: max(day - LATE + 1, 0)], seed=day).choose(asked)
        place = chosen["artwork_id"].str.split("-").list.last().cast(pl.Int64).to_numpy()
        mine = chances[np.arange(LOOKS), place]
        won[day] = mine.sum(), chances.mean(axis=1).sum(), chances.max(axis=1).sum()
        told = {"reward": (draw.random(LOOKS) < mine).astype(float), "day": np.full(LOOKS, day)}
        log.append(asked.drop("candidates").hstack(chosen).with_columns(pl.DataFrame(told)))
    return Lived(reach(world), _share(won.sum(axis=0)), _share(won[-1]))


def reach(world: World) -> float:
    """The share of the oracle's gain on day 0 by the best lines through the context, artworks' qualities known."""
    draw = np.random.default_rng(3)
    member, title = draw.integers(MEMBERS, size=DRAWS), draw.integers(TITLES, size=DRAWS)
    known = world.context.select(pl.col("^genre_.*$").log(), bias=1.0).hstack(
        world.context.select("device").to_dummies()
    )
    liked = known.to_numpy() @ np.linalg.lstsq(known.to_numpy(), world.taste)[0]
    best = (liked[member][:, np.arange(EACH) % STYLES] * world.quality[title]).argmax(axis=1)
    chances = world.chances(0, member, title)
    mine = chances[np.arange(DRAWS), best]
    return _share(np.array([mine.sum(), chances.mean(axis=1).sum(), chances.max(axis=1).sum()]))


def looks(world: World, member: Rows, title: Rows) -> pl.DataFrame:
    """The contexts of members who look at titles."""
    ids = pl.Series("title", title).cast(pl.String)
    candidates = pl.DataFrame(ids).select(pl.concat_list([pl.col("title") + f"-{place}" for place in range(EACH)]))
    return world.context[member].with_columns(candidates.to_series().alias("candidates"))


def bandit(log: Sequence[pl.DataFrame], seed: int) -> ArtworkModel:
    """A model of what was logged."""
    pairs = [(title, place) for title in range(TITLES) for place in range(EACH)]
    works = [(f"{title}-{place}", str(title), str(place % STYLES)) for title, place in pairs]
    artworks = pl.DataFrame(works, schema=["artwork_id", "title_id", "style"], orient="row")
    nothing = {"artwork_id": pl.String, "propensity": pl.Float64, "reward": pl.Float64}
    return ArtworkModel(seed).fit(pl.concat(log) if log else pl.DataFrame(schema=nothing), artworks)


def drawn() -> Iterator[str]:
    """A million draws of fifty looks against the chances that are logged; and how long they take."""
    world, draw = World.made(0, WITHIN, flips=False), np.random.default_rng(2)
    member, title = draw.integers(MEMBERS, size=LOOKS), draw.integers(TITLES, size=LOOKS)
    asked = looks(world, member, title)
    told = asked.with_columns(artwork_id=pl.col("candidates").list.first(), propensity=pl.lit(1 / EACH), reward=1.0)
    model = bandit([told.drop("candidates").with_columns(day=pl.lit(0))], seed=0)
    few = pl.concat([asked.head(50)] * (DRAWS // 50), rechunk=True)
    start = time.process_time()
    found = model.choose(few)
    seconds = time.process_time() - start
    counts = found.with_columns(context=np.arange(DRAWS) % 50).group_by("context", "artwork_id").len()
    expected = model.probabilities(asked.head(50)).join(counts, on=["context", "artwork_id"], how="left")
    mean = expected["probability"].to_numpy() * DRAWS / 50
    statistic = float(((expected["len"].fill_null(0).to_numpy() - mean) ** 2 / mean).sum())
    freedom = 50 * (EACH - 1)
    likely = f"chi-squared {statistic:.0f} on {freedom}, p {chi2.sf(statistic, freedom):.2f}"
    yield f"logged chances against {DRAWS:,} draws: {likely}"
    yield f"picks: {DRAWS / seconds:,.0f} a second of one core"


def _share(won: Floats) -> float:
    mine, chance, most = won
    return float((mine - chance) / (most - chance))
