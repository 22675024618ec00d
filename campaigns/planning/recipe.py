"""A run from member snapshots to messages: its stations in order, whoever works them through the shards."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from campaigns.planning.choose import choose_members, counts
from campaigns.planning.pick import pick_shard
from campaigns.planning.plan import plan_shard
from campaigns.planning.prepare import prepare
from campaigns.planning.score import exclude, score_shard
from campaigns.planning.snapshots import quiet_days, snapshot_paths
from scoring.winback import snapshot

if TYPE_CHECKING:
    import polars as pl

    from campaigns.planning.runs import Run
    from campaigns.stores import Stores

Made = TypeVar("Made")


class Each(Protocol):
    """Works a station through shards; `name` is what people see of it."""

    def __call__(self, name: str, station: Callable[..., Made], /, *over: Iterable[Any]) -> list[Made]:
        """What `station` makes of each row of the columns `over`, in order."""


def in_turn(_: str, station: Callable[..., Made], *over: Iterable[Any]) -> list[Made]:
    """One shard after the other, in this process."""
    return list(map(station, *over))


def plan_run(stores: Stores, run: Run, mails: pl.DataFrame, each: Each = in_turn) -> dict[str, Any]:
    """Write a run's entries and messages; returns what `close_run` keeps: what became of everyone it looked at.

    What an earlier try has made stands. `mails`: member_id, mailed_at (UTC) of the win-back mails that Encore sent.
    """
    with ThreadPoolExecutor(1) as beside:
        prepared = beside.submit(prepare, stores, run)  # it waits for nothing that scoring makes
        scored = score_run(stores, run, mails, each)
        [chosen] = each("choose", lambda files: choose_members(stores, run, files), [scored])
        prepared.result()
    snapshots, shards = snapshot_paths(stores, run), range(len(scored))
    picked = each("pick", lambda path, shard: pick_shard(stores, run, path, chosen, shard), snapshots, shards)
    each("plan", lambda path, shard: plan_shard(stores, run, path, shard), picked, shards)
    return counts(scored, chosen)


def score_run(stores: Stores, run: Run, mails: pl.DataFrame, each: Each = in_turn) -> list[Path]:
    """Who may be chosen and what a mail would win with each, a file a shard; arguments as of `plan_run`."""
    paths, quiet = snapshot_paths(stores, run), quiet_days(run)
    shards, of = range(len(paths)), len(paths)

    def refreshed(path: Path, shard: int) -> Path:
        return snapshot.write(stores.lake, path, run.cutoff, shard, of, mails, quiet)

    snapshots = each("refresh", refreshed, paths, shards)
    excluded = exclude(stores, run, snapshots)
    return each("score", lambda path, shard: score_shard(stores, run, path, excluded, shard), snapshots, shards)
