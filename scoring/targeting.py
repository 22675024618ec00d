"""Who is chosen under a budget: the largest expected gain, with exploration, and only then the holdout.

Members are ranked without knowing their arm and walked down until the budget of *mailed* members is found; those met on
the way whose hash falls into the holdout's share are held out. Held out before choosing, a campaign without any effect
would show a lift: the mailed would be the best of theirs, the held out the average of theirs.
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from scoring import chance
from scoring.errors import BadData

MAILED, HOLDOUT = "mailed", "holdout"
TIE = 6  # decimals of a gain that count: linear algebra rounds differently with a batch's shape


class Salts(NamedTuple):
    """What draws are salted with: the holdout's never changes in a campaign, exploration's changes with the run."""

    holdout: str
    explore: str


def choose(candidates: pl.DataFrame, *, budget: int, explore: float, holdout: float, salts: Salts) -> pl.DataFrame:
    """The members chosen, in the order in which they were.

    Args:
        candidates: member_id; gain (expected gain of a mail, null where no model says) and gain_high (its upper bound).
        budget: mails that may go, at most.
        explore: share of the budget that is drawn at random from all that ranking leaves, the put-off too.
        holdout: share of the chosen that is held out.
        salts: of the two draws.

    Returns:
        member_id, gain, arm (mailed or holdout), explored, explore_propensity (the exact probability, over all salts of
        exploration, of being drawn by it; null for the ranked), place (1 the first).

    Raises:
        BadData: a share outside [0, 1], or a gain or bound that is not finite.
    """
    _check(candidates, explore=explore, holdout=holdout)
    drawn = chance.uniforms(candidates["member_id"], salts.holdout)
    pool = candidates.with_columns(arm=chance.arms_of(drawn, {HOLDOUT: holdout, MAILED: 1 - holdout}))
    exploring = budget if pool["gain"].is_null().all() else int(budget * explore + 0.5)
    ranked = walk(_by_gain(pool), budget - exploring).with_columns(
        explored=pl.lit(value=False), explore_propensity=pl.lit(None, pl.Float64)
    )
    left = pool.join(ranked, on="member_id", how="anti")
    explored = walk(_by_chance(left, salts.explore), exploring).with_columns(
        explored=pl.lit(value=True), explore_propensity=_propensity(left, exploring)
    )
    columns = ["member_id", "gain", "arm", "explored", "explore_propensity"]
    return pl.concat([ranked.select(columns), explored.select(columns)]).with_row_index("place", offset=1)


def walk(order: pl.DataFrame, budget: int) -> pl.DataFrame:
    """The members of `order` (arm and whatever else) that are met until `budget` of them are mailed."""
    before = (pl.col("arm") == MAILED).cum_sum().shift(1, fill_value=0)
    return order.filter(before < budget)


def _check(candidates: pl.DataFrame, **shares: float) -> None:
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise BadData(name, f"{share} is no share", "give a number from 0 to 1")
    for column in ("gain", "gain_high"):
        wrong = candidates.filter(~pl.col(column).cast(pl.Float64).is_finite())
        if wrong.height:
            why = f"that of member {wrong['member_id'][0]!r} is {wrong[column][0]}"
            raise BadData(f"candidates.{column}", why, "give a number, or null where no model says")


def _by_gain(pool: pl.DataFrame) -> pl.DataFrame:
    """Best first, up to the first whose gain is below 0 even at its upper bound."""
    known = pool.filter(pl.col("gain").is_not_null())
    best = known.sort(-pl.col("gain").round(TIE), "member_id")
    return best.filter((pl.col("gain_high") < 0).fill_null(value=False).cum_sum() == 0)


def _by_chance(pool: pl.DataFrame, salt: str) -> pl.DataFrame:
    return pool.with_columns(draw=chance.uniforms(pool["member_id"], salt)).sort("draw", "member_id")


def _propensity(left: pl.DataFrame, exploring: int) -> pl.Expr:
    """How likely exploration is to meet a member of `left`, whose n mailed ones stand in random order.

    It stops at the mailed member that fills the budget: of n mailed each is among the first b with b / n. One who is
    held out stands with equal chances in each of the n + 1 gaps between them, and is met in the first b.
    """
    mailed = left.filter(pl.col("arm") == MAILED).height
    places = pl.when(pl.col("arm") == MAILED).then(mailed).otherwise(mailed + 1)
    return (pl.lit(exploring) / places).clip(0.0, 1.0)
