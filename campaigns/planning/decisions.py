"""The log of chance: every random choice of a run with its probability, as the lake keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from campaigns.planning.layers import LAYERS, LOGGED, arm_of, share_of

if TYPE_CHECKING:
    from campaigns.planning.runs import Run


def decisions(run: Run, members: pl.DataFrame, picks: pl.DataFrame) -> pl.DataFrame:
    """Arms, exploration, rows at their places, and pictures.

    Returns member_id, kind, title_id, choice, propensity, candidates, and the run's campaign and run_date.

    Those of an entry are logged with its first mail, once; those of a mail with each.
    """
    first = members.filter(pl.col("step") == 0)
    layers = [_layer(layer, first) for layer in LAYERS]
    logged = [_arm(run, first), _explored(first), *layers, _order(picks), _artwork(picks)]
    run_of = {"campaign": pl.lit(run.campaign), "run_date": pl.lit(run.run_date)}
    return pl.concat(logged, how="diagonal").with_columns(**run_of)


def _arm(run: Run, members: pl.DataFrame) -> pl.DataFrame:
    share = run.asked.holdout.share
    held = pl.col("arm") == "holdout"
    return _decisions(members, "arm", pl.col("arm"), pl.when(held).then(share).otherwise(1 - share))


def _explored(members: pl.DataFrame) -> pl.DataFrame:
    drawn = members.filter("explored")
    known = "explore_propensity" in members.columns
    return _decisions(
        drawn, "explore", pl.lit("explored"), pl.col("explore_propensity") if known else pl.lit(None, pl.Float64)
    )


def _layer(layer: str, members: pl.DataFrame) -> pl.DataFrame:
    drawn = members.filter(pl.col(share_of(layer)).is_not_null())
    return _decisions(drawn, LOGGED[layer], pl.col(arm_of(layer)), pl.col(share_of(layer)))


def _order(picks: pl.DataFrame) -> pl.DataFrame:
    drawn = picks.filter(pl.col("row_choice").is_not_null(), pl.col("slot") == 0).drop("title_id", "candidates")
    rows = drawn.rename({"row_candidates": "candidates"})
    return _decisions(rows, "order", pl.col("row_choice"), pl.col("row_propensity"))


def _artwork(picks: pl.DataFrame) -> pl.DataFrame:
    drawn = picks.filter(pl.col("artwork_id").is_not_null())
    return _decisions(drawn, "artwork", pl.col("artwork_id"), pl.col("propensity"))


def _decisions(frame: pl.DataFrame, kind: str, choice: pl.Expr, propensity: pl.Expr) -> pl.DataFrame:
    title = pl.col("title_id") if "title_id" in frame.columns else pl.lit(None, pl.String)
    candidates = pl.col("candidates") if "candidates" in frame.columns else pl.lit(None, pl.List(pl.String))
    return frame.select(
        "member_id",
        kind=pl.lit(kind),
        title_id=title,
        choice=choice.cast(pl.String),
        propensity=propensity.cast(pl.Float64),
        candidates=candidates,
    )
