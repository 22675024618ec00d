"""Layers under experiment: which arm of each a member is in, for good, in both arms of the campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from campaigns.definition import ARMS
from scoring import chance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from campaigns.planning.runs import Run

SUBJECT, ROWS, ARTWORK, POPULARITY, HERO = "subject", "rows", "artwork", "popularity", "hero"
LAYERS = (SUBJECT, *ARMS)
PERSONAL, POPULAR, EVERYONE = "personal", "popular", "everyone"  # the last two: what the first is held against
BEYOND_POPULAR, NEWEST_HERO = "beyond_popular", "newest"  # held against what the title model says as it says it
LOGGED = {**{layer: layer for layer in LAYERS}, ARTWORK: "artwork_arm"}  # as which decision; "artwork" is a picture


def with_arms(
    run: Run, members: pl.DataFrame, shares: Mapping[str, Mapping[str, float]], before: pl.DataFrame
) -> pl.DataFrame:
    """`members` with their arms.

    Args:
        run: whose layers they are.
        members: member_id and whatever else.
        shares: of each layer under experiment, its arms with their shares today.
        before: member_id, layer, arm: which arms they were put in on earlier days.

    Returns:
        `members` with `{layer}_arm` for each layer (null: no experiment on it), `{layer}_share`, the chance with which
        it was drawn (null: it was drawn before), and all arms as JSON in `arms`.
    """
    known = members
    for layer in LAYERS:
        known = _with_arm(run, layer, known, shares.get(layer, {}), before.filter(pl.col("layer") == layer))
    under = [layer for layer in LAYERS if shares.get(layer)]
    told = pl.struct(pl.col(arm_of(layer)).alias(layer) for layer in under).struct.json_encode() if under else None
    return known.with_columns(arms=pl.lit("{}") if told is None else told)


def arm_of(layer: str) -> str:
    """The column of a layer's arms."""
    return f"{layer}_arm"


def share_of(layer: str) -> str:
    """The column of the chances with which a layer's arms were drawn."""
    return f"{layer}_share"


def _with_arm(
    run: Run, layer: str, members: pl.DataFrame, shares: Mapping[str, float], before: pl.DataFrame
) -> pl.DataFrame:
    """A layer's two columns; an arm that there is no longer is drawn anew."""
    still = before.filter(pl.col("arm").is_in(list(shares))).select("member_id", kept="arm")
    both = members.join(still, on="member_id", how="left", maintain_order="left")
    drawn = _drawn(run, layer, members["member_id"], shares)
    share = drawn.replace_strict(dict(shares), default=None, return_dtype=pl.Float64)
    new = pl.col("kept").is_null()
    told = {arm_of(layer): pl.coalesce("kept", drawn), share_of(layer): pl.when(new).then(share)}
    return both.with_columns(**told).drop("kept")


def _drawn(run: Run, layer: str, ids: pl.Series, shares: Mapping[str, float]) -> pl.Series:
    if not shares:
        return pl.Series([None] * len(ids), dtype=pl.String)
    return chance.arms_of(chance.uniforms(ids, run.asked.salt(layer)), shares)
