"""Layers under experiment: which arm of each a member is in, for good, in both arms of the campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from scoring import chance

if TYPE_CHECKING:
    from campaigns.planning.runs import Run

SUBJECT, ROWS, ARTWORK = "subject", "rows", "artwork"
LAYERS = (SUBJECT, ROWS, ARTWORK)
PERSONAL, POPULAR, EVERYONE = "personal", "popular", "everyone"  # the last two: what the first is held against
LOGGED = {SUBJECT: "subject", ROWS: "rows", ARTWORK: "artwork_arm"}  # as which kind of decision; "artwork" is a picture


def with_arms(run: Run, members: pl.DataFrame) -> pl.DataFrame:
    """`members` with `{layer}_arm` for each layer (null: no experiment on it), and all of them as JSON in `arms`."""
    under = [layer for layer in LAYERS if layer in run.asked.experiments]
    drawn = members.with_columns(**{arm_of(layer): _drawn(run, layer, members["member_id"]) for layer in LAYERS})
    told = pl.struct(pl.col(arm_of(layer)).alias(layer) for layer in under).struct.json_encode() if under else None
    return drawn.with_columns(arms=pl.lit("{}") if told is None else told)


def arm_of(layer: str) -> str:
    """The column of a layer's arms."""
    return f"{layer}_arm"


def shares(run: Run, layer: str) -> dict[str, float]:
    """A layer's arms with their shares; none without an experiment on it."""
    experiment = run.asked.experiments.get(layer)  # type: ignore[call-overload]  # any text is a key worth asking for
    return dict(experiment.arms) if experiment else {}


def _drawn(run: Run, layer: str, ids: pl.Series) -> pl.Series:
    arms = shares(run, layer)
    if not arms:
        return pl.Series([None] * len(ids), dtype=pl.String)
    return chance.arms_of(chance.uniforms(ids, run.asked.salt(layer)), arms)
