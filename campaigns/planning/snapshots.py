"""Which member snapshot a run looks at: decided when the run first starts, and then the same whatever is imported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from scoring.lake.shards import shards
from scoring.once import write_once
from scoring.winback.snapshot import state

if TYPE_CHECKING:
    from campaigns.planning.runs import Run
    from campaigns.stores import Stores


def snapshot_paths(stores: Stores, run: Run) -> list[Path]:
    """Where the run's snapshot is, or is to be written: one file a shard.

    Runs of one day share it as long as nothing is imported between them. A run that is started again keeps its own:
    with other shards, members would be looked at twice.
    """
    path = run.folder(stores.home) / "snapshot.parquet"
    if not path.exists():
        of = shards(stores.lake)
        folder = f"snapshots/{run.run_date}/{state(stores.lake)}-{quiet_days(run) or 'all'}"
        write_once(pl.DataFrame({"file": [f"{folder}/{shard:04}-of-{of:04}.parquet" for shard in range(of)]}), path)
    return [stores.home / file for file in pl.read_parquet(path)["file"]]


def quiet_days(run: Run) -> int | None:
    """For so many days those have not played whom the run may write to; None: it may write to some who have.

    Whoever has is no one that the run looks at, and mostly the part of the members with the most plays. But a series
    goes on with those who entered, also where the rule has changed since, or their plays came late.
    """
    lapsed, series = run.asked.lapsed, run.asked.series
    return None if lapsed.cancelled or lapsed.inactive_days is None or series.after_days else lapsed.inactive_days[0]
