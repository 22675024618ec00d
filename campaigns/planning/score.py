"""Score a shard: who of it may be chosen, and what a mail would win with each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from campaigns.planning.catalogue import titles_of
from campaigns.planning.eligibility import candidates, contacts, eligible, one_an_address
from campaigns.planning.viewing import plays_of
from scoring.once import write_once
from scoring.titles.rights import left_to_show, playable
from scoring.winback.features import NAMES, VERSION
from scoring.winback.model import WinbackModel
from scoring.winback.versions import winback_models

if TYPE_CHECKING:
    from campaigns.planning.runs import Run
    from campaigns.stores import Stores

KEPT = ["member_id", "reason", "gain", "gain_high"]


def exclude(stores: Stores, run: Run, snapshots: Sequence[Path]) -> Path:
    """What PostgreSQL knows against writing to anyone today, as a file of the run."""
    path = run.folder(stores.home) / "contacts.parquet"
    if path.exists():
        return path
    known = contacts(stores.database, run, stores.settings)
    sharing = known.filter(pl.col("address").is_not_null()).lazy().select("member_id")
    asked = candidates(pl.scan_parquet(list(snapshots)).join(sharing, on="member_id", how="semi"), run)
    return write_once(one_an_address(known, asked.select("member_id").collect()["member_id"]), path)


def score_shard(stores: Stores, run: Run, snapshot: Path, excluded: Path, shard: int) -> Path:
    """A shard's eligible members: member_id, reason (null: may be chosen), gain, gain_high (null without a model)."""
    path = run.folder(stores.home) / f"scored-{shard:04}.parquet"
    if path.exists():
        return path
    members = pl.read_parquet(snapshot)
    mine = pl.scan_parquet(excluded).join(members.lazy().select("member_id"), on="member_id", how="semi").collect()
    return write_once(with_gain(stores, run, _eligible(stores, run, members, mine)).select(KEPT), path)


def latest_scored(stores: Stores, run: Run) -> list[Path]:
    """What the latest run of the same campaign scored, a file a shard; none before its first."""
    every = sorted(run.folder(stores.home).parent.glob("*/scored-*.parquet"))
    return [path for path in every if path.parent == every[-1].parent]


def eligible_members(stores: Stores, run: Run, snapshot: pl.DataFrame) -> pl.DataFrame:
    """Those of a few members who are in the audience, each with the first `reason` against them; nothing is written.

    `snapshot` is theirs and of others at their addresses; what else it holds stays.
    """
    known = contacts(stores.database, run, stores.settings, snapshot["member_id"].to_list())
    ids = candidates(snapshot.lazy(), run).select("member_id").collect()["member_id"]
    return _eligible(stores, run, snapshot, one_an_address(known, ids))


def _eligible(stores: Stores, run: Run, members: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    return eligible(members, run, stores.settings, known, _titles_left(stores, run, members))


def _titles_left(stores: Stores, run: Run, members: pl.DataFrame) -> pl.DataFrame:
    """How many titles each member may still be shown; counted by name only for those who have played nearly all."""
    allowed = playable(titles_of(stores, run), members["country"], run.cutoff)
    fewest = allowed.group_by("country").len().get_column("len").min() if allowed.height else 0
    few = members.filter(pl.col("titles_lifetime") >= (fewest or 0))
    theirs = plays_of(stores, run, few).select("member_id", "title_id").collect()
    return left_to_show(members, theirs, allowed)


def with_gain(stores: Stores, run: Run, members: pl.DataFrame) -> pl.DataFrame:
    """Members with their expected gain from a mail and its upper bound, by the run's frozen model."""
    return gained(stored_model(stores, run.model if members.height else None), members)


def stored_model(stores: Stores, version: str | None) -> WinbackModel | None:
    """The win-back model of a version; None: of none."""
    if version is None:
        return None
    return WinbackModel.from_files(winback_models(stores.home).path(version), VERSION)


def gained(model: WinbackModel | None, members: pl.DataFrame) -> pl.DataFrame:
    """Members (their features) with `gain` and `gain_high` by a model; null where there is none."""
    if model is None:
        nothing = pl.lit(None, pl.Float64)
        return members.with_columns(gain=nothing, gain_high=nothing)
    uplift = model.predict(members.select(NAMES))["uplift"]
    return members.with_columns(gain=uplift, gain_high=model.upper(uplift))
