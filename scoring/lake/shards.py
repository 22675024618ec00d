"""The lake's members, cut into shards that fit in memory."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import polars as pl

from scoring import chance

if TYPE_CHECKING:
    from scoring.lake.store import Lake

SHARD = 50_000  # members; a shard's frame is then tens of megabytes


def shards(lake: Lake) -> int:
    """Into how many shards the lake's members are cut: at least one."""
    members: int = lake.scan("members").select(pl.col("member_id").n_unique()).collect().item()
    return max(1, math.ceil(members / SHARD))


def members_of_shard(lake: Lake, shard: int, of: int) -> pl.Series:
    """The ids of a shard's members: by hash, so that a member's shard does not depend on who else there is."""
    ids = lake.scan("members").select(pl.col("member_id").unique()).collect()["member_id"]
    return ids.filter(chance.first60s(ids, "shard") % of == shard) if len(ids) and of > 1 else ids
