"""How large a share each arm of a layer has on a run's day: as asked for or, where the layer learns, as learnt by then.

What teaches are comebacks of the members mailed: of first entries alone, once their window has closed. The holdout is
the same for all arms; the report holds each arm against its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from campaigns.planning.layers import LAYERS, LOGGED
from campaigns.planning.matured import matured
from scoring.arms import learnt_shares
from scoring.winback.labels import comebacks

if TYPE_CHECKING:
    from campaigns.planning.runs import Run
    from campaigns.stores import Stores

SHARES = {"layer": pl.String, "arm": pl.String, "share": pl.Float64}
BEFORE = {"member_id": pl.String, "layer": pl.String, "arm": pl.String}
LOG = {"member_id": pl.String, "kind": pl.String, "arm": pl.String, "propensity": pl.Float64, "run_date": pl.Date}


def shares_of(stores: Stores, run: Run) -> dict[str, dict[str, float]]:
    """For each layer under experiment its arms with their shares: the same for every shard and after a restart."""
    told = run.once(stores.home, "shares", lambda: _shares(stores, run))
    found: dict[str, dict[str, float]] = {}
    for layer, arm, share in told.iter_rows():
        found.setdefault(layer, {})[arm] = share
    return found


def arms_before(stores: Stores, run: Run, members: pl.DataFrame) -> pl.DataFrame:
    """member_id, layer, arm: what earlier runs of the campaign drew for these members (member_id), as `BEFORE`."""
    if stores.lake.is_empty("decisions"):
        return pl.DataFrame(schema=BEFORE)
    log = _log(stores, run).join(members.lazy().select("member_id"), on="member_id", how="semi").collect()
    first = log.sort("run_date").unique(["member_id", "kind"], keep="first")
    layers = {kind: layer for layer, kind in LOGGED.items()}
    return first.select(
        "member_id", pl.col("kind").replace_strict(layers, return_dtype=pl.String).alias("layer"), "arm"
    )


def _shares(stores: Stores, run: Run) -> pl.DataFrame:
    experiments = {layer: run.asked.experiment(layer) for layer in LAYERS}
    log = _judged(stores, run) if any(asked and asked.learns for asked in experiments.values()) else pl.DataFrame()
    rows = [
        (layer, arm, share)
        for layer, asked in experiments.items()
        if asked
        for arm, share in (
            learnt_shares(log.filter(pl.col("kind") == LOGGED[layer]), asked.arms) if asked.learns else asked.arms
        ).items()
    ]
    return pl.DataFrame(rows, schema=SHARES, orient="row")


def _judged(stores: Stores, run: Run) -> pl.DataFrame:
    """The arms drawn for members mailed whose window has closed by the cut-off: kind, arm, propensity, reward."""
    if stores.lake.is_empty("decisions"):
        return pl.DataFrame(schema={**LOG, "reward": pl.Float64})
    ours = matured(stores, run.cutoff).filter(pl.col("campaign") == run.campaign, pl.col("arm") == "mailed")
    asked = ours.select("member_id", "run_date", "since", "until")
    judged = comebacks(asked, stores.lake.scan("plays"), stores.lake.scan("outcomes"))
    reward = judged.select("member_id", "run_date", reward=pl.col("came_at").is_not_null().cast(pl.Float64))
    return _log(stores, run).collect().join(reward, on=["member_id", "run_date"])


def _log(stores: Stores, run: Run) -> pl.LazyFrame:
    """The arms that earlier runs of the campaign drew: the columns of `LOG`."""
    ours = (pl.col("campaign") == run.campaign) & (pl.col("run_date") < run.run_date)
    drawn = stores.lake.scan("decisions").filter(ours, pl.col("kind").is_in(list(LOGGED.values())))
    return drawn.rename({"choice": "arm"}).select(list(LOG))
