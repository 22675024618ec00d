"""Which member snapshot a run looks at: decided when the run first starts, and then the same whatever is imported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from scoring.lake.snapshot import keep, shards, state

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
        folder = f"snapshots/{run.run_date}/{state(stores.lake)}"
        keep(pl.DataFrame({"file": [f"{folder}/{shard:04}-of-{of:04}.parquet" for shard in range(of)]}), path)
    return [stores.home / file for file in pl.read_parquet(path)["file"]]
