"""Randomised trials whose true effects are known: members to learn from, and fresh ones to judge by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import polars as pl

from scoring.encoding import Floats

Law: TypeAlias = Callable[[Floats, np.random.Generator], tuple[Floats, Floats]]

BASES = (0.01, 0.02, 0.05, 0.10, 0.15)
SHARES = (0.5, 0.9)  # of the members, mailed
PLANS = ("free", "basic", "family", "gold")
HIGHEST = 0.95  # P(win-back)


@dataclass(frozen=True)
class Members:
    """n members of a trial: what is known of them, what happened, and what a mail truly adds to P(win-back)."""

    features: pl.DataFrame
    mailed: np.ndarray
    won_back: np.ndarray
    effect: Floats
    share: float

    def slice(self, start: int, stop: int) -> Members:
        """Some of them."""
        rows = slice(start, stop)
        return Members(self.features[rows], self.mailed[rows], self.won_back[rows], self.effect[rows], self.share)


def members(shape: str, count: int, base: float, share: float, seed: int) -> Members:
    """A trial of `count` members, of whom a share is mailed and about `base` come back unmailed.

    The seed decides the law within the shape (which features matter, and how much) as well as the members.
    """
    draw = np.random.default_rng([seed, *map(ord, shape)])
    width, law = SHAPES[shape]
    x = draw.normal(size=(count, width))
    plan = draw.integers(0, len(PLANS), count)
    response, gain = law(np.column_stack([x, plan - 1.5]), draw)
    unmailed = base * np.exp(response) / np.exp(response).mean()
    effect = np.clip(unmailed + base * gain if shape in ADDED else unmailed * (1 + gain), base / 50, HIGHEST) - unmailed
    mailed = draw.random(count) < share
    won = draw.random(count) < unmailed + mailed * effect
    columns = {f"f{place}": column for place, column in enumerate(x.T)}
    features = pl.DataFrame(columns | {"plan": np.array(PLANS)[plan]})
    gaps = features.with_columns(pl.when(pl.col("f0") > -1.5).then("f0"))
    return Members(gaps, mailed, won, effect, share)


def linear(x: Floats, draw: np.random.Generator) -> tuple[Floats, Floats]:
    """Eight features add up to the response, and eight to the effect."""
    return 0.7 * _sum(x[:, :8], draw), 0.4 + 0.5 * _sum(x[:, 4:12], draw)


def steps(x: Floats, draw: np.random.Generator) -> tuple[Floats, Floats]:
    """Thresholds, some of which count only beyond another."""
    gain = _steps(x, 6, draw)
    return _steps(x, 4, draw), 0.3 + gain - gain.mean()


def sparse(x: Floats, draw: np.random.Generator) -> tuple[Floats, Floats]:
    """Of thirty features two make the response and three, curved, the effect."""
    a, b, c, d, e = x[:, draw.choice(30, 5, replace=False)].T
    return 0.5 * a + 0.4 * np.abs(b), 0.4 + 0.6 * np.tanh(2 * c) * (d > -0.5) + 0.4 * np.maximum(e, 0)


def proportional(x: Floats, draw: np.random.Generator) -> tuple[Floats, Floats]:
    """The effect is half of the response: whoever ranks by response is right."""
    return 0.6 * _sum(x[:, :6], draw) + _steps(x, 3, draw), np.full(len(x), 0.5)


def dogs(x: Floats, draw: np.random.Generator) -> tuple[Floats, Floats]:
    """A mail helps, but the fifth likeliest to come back lets sleep: it drives them away."""
    response = 0.6 * _sum(x[:, :6], draw) + _steps(x, 3, draw)
    likeliest = (response > np.quantile(response, 0.79)).astype(float)
    return response, 0.57 - 1.16 * likeliest


SHAPES: dict[str, tuple[int, Law]] = {
    "linear": (20, linear),
    "steps": (20, steps),
    "sparse": (30, sparse),
    "proportional": (20, proportional),
    "dogs": (20, dogs),
}
ADDED = ("linear", "steps", "sparse")  # gains in units of the base; in others, of the member's own chance


def _sum(x: Floats, draw: np.random.Generator) -> Floats:
    """A sum of columns, of variance about 1."""
    weights = draw.normal(size=x.shape[1])
    summed: Floats = x @ (weights / np.linalg.norm(weights))
    return summed


def _steps(x: Floats, count: int, draw: np.random.Generator) -> Floats:
    """A sum of steps, every other only where another feature is high too."""
    total = np.zeros(len(x))
    for place in range(count):
        i, j = draw.choice(12, 2, replace=False)
        beyond = x[:, i] > draw.normal(0, 0.5)
        total += draw.choice([-0.4, 0.5, 0.8]) * beyond * (1 if place % 2 else x[:, j] > draw.normal(-0.3, 0.3))
    return total
