"""The daily member snapshot: what is known of everyone at a moment, in shards that fit in memory."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import ibis
import polars as pl

from scoring import chance
from scoring.winback.features import Tables, snapshot

if TYPE_CHECKING:
    from scoring.lake.store import Lake

SHARD = 50_000  # members; a shard's frame is then tens of megabytes
READ = ("members", "plays", "titles", "outcomes", "mailings")  # the lake's tables that a snapshot is made of
SPINE = pl.Schema({"member_id": pl.String(), "at": pl.Datetime("us", "UTC")})
MAILS = pl.Schema({"member_id": pl.String(), "mailed_at": pl.Datetime("us", "UTC")})


def shards(lake: Lake) -> int:
    """Into how many shards the lake's members are cut: at least one."""
    members: int = lake.scan("members").select(pl.col("member_id").n_unique()).collect().item()
    return max(1, math.ceil(members / SHARD))


def state(lake: Lake) -> str:
    """What the lake holds for a snapshot now, in eight characters: another state, another snapshot."""
    files = "\n".join(file for table in READ for file in lake.files(table))
    return hashlib.sha256(files.encode()).hexdigest()[:8]


def members_of_shard(lake: Lake, shard: int, of: int) -> pl.Series:
    """The ids of a shard's members: by hash, so that a member's shard does not depend on who else there is."""
    ids = lake.scan("members").select(pl.col("member_id").unique()).collect()["member_id"]
    return ids.filter(chance.first60s(ids, "shard") % of == shard) if len(ids) else ids


def snapshot_of(lake: Lake, spine: pl.DataFrame, mails: pl.DataFrame) -> pl.DataFrame:
    """Attributes and features (`scoring.winback.features`) of each (member_id, at) in `spine`, sorted by both.

    `mails`: member_id, mailed_at of win-back mails that Encore itself sent; imported ones are in the lake.
    """
    with connected() as connection:
        made = snapshot(_table(connection, "spine", spine.cast(SPINE)), tables(connection, lake, mails))
        frame: pl.DataFrame = made.to_polars()
    return frame.sort("member_id", "at")


@contextmanager
def connected() -> Iterator[Any]:
    """An Ibis connection to DuckDB, in memory, on UTC."""
    connection = ibis.duckdb.connect()
    try:
        connection.raw_sql("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
        yield connection
    finally:
        connection.disconnect()


def tables(connection: Any, lake: Lake, mails: pl.DataFrame) -> Tables:
    """The lake's tables as Ibis sees them."""
    read = {name: _parquet(connection, lake, name) for name in READ}
    went = read["mailings"].filter(read["mailings"].arm == "mailed")
    day = went.run_date.cast("timestamp('UTC')")
    # Another system's clock may put its mail before its day: never before the moment at which the trial was decided.
    at = ibis.greatest(ibis.coalesce(went.sent_at, day), day).cast("timestamp('UTC', 6)")
    imported = went.select("member_id", mailed_at=at)
    own = _table(connection, "mails", mails.cast(MAILS))
    return Tables(read["members"], read["plays"], read["titles"], read["outcomes"], own.union(imported))


def _parquet(connection: Any, lake: Lake, name: str) -> Any:
    return connection.read_parquet(lake.files(name), table_name=name)


def _table(connection: Any, name: str, frame: pl.DataFrame) -> Any:
    connection.con.register(name, frame.to_arrow())
    return connection.table(name)


def write(lake: Lake, path: Path, at: datetime, shard: int, of: int, mails: pl.DataFrame) -> Path:
    """A shard's snapshot at a moment, as Parquet at `path`; one that is there already is left as it is."""
    if not path.exists():
        members = members_of_shard(lake, shard, of)
        spine = pl.DataFrame({"member_id": members}).with_columns(at=pl.lit(at).cast(SPINE["at"]))
        keep(snapshot_of(lake, spine, mails), path)
    return path


def once(path: Path, make: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    """The frame at `path`, made where it is not there yet."""
    return pl.read_parquet(path if path.exists() else keep(make(), path))


def keep(frame: pl.DataFrame, path: Path) -> Path:
    """Write a frame whole or not at all, and once: where `path` is there already, what stands there counts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_name(f".{path.name}-{uuid4().hex}")
    try:
        frame.write_parquet(staged)
        _name_once(staged, path)
    finally:
        staged.unlink(missing_ok=True)
    return path


def _name_once(staged: Path, path: Path) -> None:
    try:
        path.hardlink_to(staged)
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links
        staged.replace(path)
