"""Pick for a shard: what each of its chosen members will be shown, and when; shadows alike."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from campaigns.planning.content import contents
from campaigns.planning.decisions import decisions
from campaigns.planning.due import due_times
from campaigns.planning.hours import wanted_at, zone_of
from campaigns.planning.layers import with_arms
from campaigns.planning.shares import arms_before, shares_of
from campaigns.planning.show import shown
from scoring.once import write_once

if TYPE_CHECKING:
    from campaigns.planning.runs import Run
    from campaigns.stores import Stores

ABOUT = ["member_id", "country", "language", "timezone"]
PLANNED = ["member_id", "arm", "propensity", "explored", "arms", "step", "due_at", "utc_offset", "content", "refusal"]


def pick_shard(stores: Stores, run: Run, snapshot: Path, chosen: Path, shard: int) -> Path:
    """What `plan` will write for a shard: the columns of `PLANNED`. Every choice is logged in the lake's decisions."""
    path = run.folder(stores.home) / f"planned-{shard:04}.parquet"
    if path.exists():
        return path
    about = pl.read_parquet(snapshot, columns=ABOUT)
    planned, logged = planned_mails(stores, run, about, pl.read_parquet(chosen))
    stores.lake.append("decisions", logged, part=f"{run.campaign}-{run.run_date}-{shard:04}")
    return write_once(planned, path)


def planned_mails(
    stores: Stores, run: Run, about: pl.DataFrame, chosen: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What the chosen among the members of `about` will be shown and when (`PLANNED`), and every choice made for it."""
    members = _members(stores, run, about, chosen)
    picks = shown(stores, run, members)
    due = due_times(wanted_at(stores, run, members), run.run_date, run.now, stores.settings.quiet_hours)
    planned = members.join(due, on="member_id").join(contents(picks, members), on="member_id", how="left")
    nothing = pl.col("content").is_null()
    refusal = pl.when(nothing).then(pl.lit("no_titles"))  # rights and plays may have changed since they were counted
    whole = planned.with_columns(content=pl.col("content").fill_null("{}"), refusal=refusal).select(PLANNED)
    return whole, decisions(run, members, picks)


def _members(stores: Stores, run: Run, about: pl.DataFrame, chosen: pl.DataFrame) -> pl.DataFrame:
    """The chosen with what picking needs to know of them."""
    members = chosen.join(about.select(ABOUT), on="member_id").sort("member_id")
    zoned = members.with_columns(zone=zone_of(stores))
    return with_arms(run, zoned, shares_of(stores, run), arms_before(stores, run, _entered(run, zoned)))


def _entered(run: Run, members: pl.DataFrame) -> pl.DataFrame:
    """Those who may have been in the campaign before."""
    return members if run.asked.run.again_after_days else members.filter(pl.col("step") > 0)
