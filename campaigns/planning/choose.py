"""The one global step: whose day it is, under one budget for all shards."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from campaigns.planning.eligibility import count_reasons, globally_held_out
from campaigns.planning.runs import SQL
from scoring.lake.schema import TIME
from scoring.once import write_once
from scoring.targeting import HOLDOUT, MAILED, Salts, choose, walk
from scoring.winback.labels import comebacks

if TYPE_CHECKING:
    from campaigns.planning.runs import Run
    from campaigns.stores import Stores

FOLLOWED: dict[str, Any] = {
    "member_id": pl.String,
    "arm": pl.String,
    "propensity": pl.Float64,
    "explored": pl.Boolean,
    "step": pl.Int64,
    "cutoff": TIME,
    "reason": pl.String,
}


def choose_members(stores: Stores, run: Run, scored: Sequence[Path]) -> Path:
    """Who gets a message or a shadow: member_id, arm, step, propensity, explored, explore_propensity, gain.

    Steps that have come are taken out of the budget first; new members fill the rest.
    """
    path = run.folder(stores.home) / "chosen.parquet"
    if path.exists():
        return path
    followed = follow_ups(stores, run)
    left = run.budget - followed.filter(pl.col("arm") == MAILED).height
    pool = pl.scan_parquet(list(scored)).filter(pl.col("reason").is_null())
    candidates = pool.select("member_id", "gain", "gain_high").collect()
    asked = run.asked
    salts = Salts(asked.salt("holdout"), f"{asked.salt('explore')}/{run.run_date}")
    first = choose(
        candidates, budget=max(0, left), explore=asked.run.explore, holdout=asked.holdout.share, salts=salts
    ).with_columns(step=pl.lit(0, pl.Int64), propensity=pl.lit(1 - asked.holdout.share))
    columns = ["member_id", "arm", "step", "propensity", "explored", "explore_propensity", "gain"]
    return write_once(pl.concat([followed.select(columns), first.select(columns)]), path)


def follow_ups(stores: Stores, run: Run) -> pl.DataFrame:
    """Entries whose next step has come and who may be written to, as far as the budget goes.

    Those who came back leave their series; those whom a rule holds back today wait for the next run.
    """
    cap = stores.settings.frequency_cap
    values = {"campaign_id": run.campaign_id, "run_date": run.run_date, "now": run.now}
    values |= {"cap_since": run.now - cap.within, "cap_mails": cap.mails}
    due = stores.database.frame(SQL["steps_due"], values, FOLLOWED).with_columns(
        explore_propensity=pl.lit(None, pl.Float64), gain=pl.lit(None, pl.Float64)
    )
    if not due.height:
        return due
    back = _came_back(stores, run, due)
    with stores.database.connect() as connection:
        connection.execute(SQL["end_series"], {"campaign_id": run.campaign_id, "members": back.to_list()})
    never = globally_held_out(due["member_id"], stores.settings)
    may = due.filter(pl.col("reason").is_null(), ~pl.col("member_id").is_in(back.implode()), ~never)
    return walk(may, run.budget)


def _came_back(stores: Stores, run: Run, due: pl.DataFrame) -> pl.Series:
    """Those of `due` who played or resubscribed since the day began whose run planned their series' first mail."""
    asked = due.select("member_id", since="cutoff", until=pl.lit(run.cutoff))
    judged = comebacks(asked, stores.lake.scan("plays"), stores.lake.scan("outcomes"))
    return judged.filter(pl.col("came_at").is_not_null())["member_id"]


def counts(scored: Sequence[Path], chosen: Path) -> dict[str, Any]:
    """The ledger's first lines: how many were eligible, how many excluded and why, how many not chosen."""
    members = pl.read_parquet(list(scored), columns=["reason"])
    first = pl.read_parquet(chosen, columns=["step", "arm"]).filter(pl.col("step") == 0)
    excluded = count_reasons(members)
    return {
        "eligible": members.height,
        "excluded": excluded,
        "not_chosen": members.height - sum(excluded.values()) - first.height,
        "chosen": first.height,
        "held_out": first.filter(pl.col("arm") == HOLDOUT).height,
    }
