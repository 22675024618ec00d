"""How large a share of the members each arm gets next: learnt from logged draws, whose shares changed from day to day.

An arm's mean reward is estimated by self-normalised inverse propensities, so that days on which it had a larger share,
or better members, do not speak for it. Its next share is the chance that it is the best of all (Thompson's rule, with
the chance worked out instead of drawn: so every draw's probability is known exactly), above a floor that keeps
evidence coming.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.stats import norm

from scoring.offpolicy import evaluate

Floats: TypeAlias = npt.NDArray[np.float64]

FLOOR = 0.2  # of all members are spread over the arms evenly, whatever was learnt
FEW = 20  # rewards of an arm, below which its spread is not known: until each has as many, shares stay as they were
SIGMA = float(2 * norm.sf(1))  # the alpha at which an interval is as long as a standard error on each side
LEAST = 1e-3  # standard error: nothing is taken for surer, as where all members of an arm came back
POINTS, REACH = 2_001, 6.0  # of the integral, and to how many standard errors it goes


def learnt_shares(log: pl.DataFrame, begun: Mapping[str, float]) -> dict[str, float]:
    """Each arm's next share, adding up to 1; the same log and arms give the same shares.

    Args:
        log: one row a draw: arm, propensity (of that arm, then), reward. Arms that are no longer drawn are left out.
        begun: the arms with the shares they began with, which hold until there is enough to go by.
    """
    ours = log.filter(pl.col("arm").is_in(list(begun)))
    rewards = {arm: ours.filter(pl.col("arm") == arm, pl.col("reward") > 0).height for arm in begun}
    if min(rewards.values()) < FEW:
        return dict(begun)
    names = sorted(begun)
    best = chances_of_best(*np.array([_mean_and_error(ours, arm) for arm in names]).T)
    return {arm: FLOOR / len(names) + (1 - FLOOR) * float(chance) for arm, chance in zip(names, best, strict=True)}


def chances_of_best(means: Floats, errors: Floats) -> Floats:
    """The chance that each of independent normal values [arms] is the largest of all; they add up to 1.

    >>> chances_of_best(np.array([0.0, 1.0]), np.array([0.6, 0.8])).round(3).tolist()
    [0.159, 0.841]
    """
    low, high = (means - REACH * errors).min(), (means + REACH * errors).max()
    points = np.linspace(low, high, POINTS)[:, None]
    below = norm.cdf(points, means, errors)
    others = np.stack([np.delete(below, arm, axis=1).prod(axis=1) for arm in range(len(means))], axis=1)
    weights: Floats = (norm.pdf(points, means, errors) * others).sum(axis=0)
    chances: Floats = weights / weights.sum()
    return chances


def _mean_and_error(log: pl.DataFrame, arm: str) -> tuple[float, float]:
    """What the arm would have brought if everyone had been in it, and its standard error."""
    target = (log["arm"] == arm).cast(pl.Float64).to_numpy()
    found = evaluate(log["reward"].to_numpy(), log["propensity"].to_numpy(), target, method="snips", alpha=SIGMA)
    return found.value, max(found.high - found.value, LEAST)
