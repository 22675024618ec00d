"""Plan a shard: its picks become entries and messages, in one transaction and once, however often it is tried."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from campaigns.db.database import copy_rows
from campaigns.planning.partitions import ensure_month
from campaigns.planning.pick import PLANNED
from campaigns.planning.runs import SQL

if TYPE_CHECKING:
    from campaigns.planning.runs import Run
    from campaigns.stores import Stores


def plan_shard(stores: Stores, run: Run, planned: Path, shard: int) -> int:
    """Write a shard's messages by COPY; returns how many, 0 where they stood already."""
    rows = pl.read_parquet(planned).select(PLANNED)
    values = {
        "run_id": run.id,
        "shard": shard,
        "campaign_id": run.campaign_id,
        "campaign": run.campaign,
        "run_date": run.run_date,
        "live": run.live,
        "cutoff": run.cutoff,
        "template_version": run.template_version,
        "after_days": list(run.asked.series.after_days),
    }
    ensure_month(stores.database, run.run_date)
    with stores.database.connect() as connection:
        if connection.execute(SQL["planned_shard"], values).fetchone() is None:
            return 0
        connection.execute(SQL["stage"])
        copy_rows(connection, "planned", PLANNED, rows.iter_rows())
        connection.execute(SQL["enter"], values)
        return connection.execute(SQL["promise"], values).rowcount
