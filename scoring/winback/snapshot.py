"""The member snapshot: what the lake knows of members at a moment; every day of everyone, a shard at a time."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import ibis
import polars as pl

from scoring.lake.schema import TABLES, TIME, lake_schema
from scoring.lake.shards import members_of_shard
from scoring.lake.sql import engine, parquet
from scoring.once import write_once
from scoring.winback.features import CLOCKS, VERSION, Frame, Tables, clocks, snapshot

if TYPE_CHECKING:
    from scoring.lake.store import Lake

READ = ("members", "plays", "titles", "outcomes", "mailings")  # the lake's tables that a snapshot is made of
SPINE = pl.Schema({"member_id": pl.String(), "at": TIME})
QUESTIONS = pl.Schema({"question": pl.Int64(), **SPINE})
MAILS = pl.Schema({"member_id": pl.String(), "mailed_at": TIME})
STREAMING = datetime(2000, 1, 1, tzinfo=UTC)  # plays before it are mistakes, not worth a table of clocks
WITHOUT_ZONE = pl.col(TIME).dt.replace_time_zone(None)
WITH_ZONE = pl.col(pl.Datetime("us")).dt.replace_time_zone("UTC")


def state(lake: Lake) -> str:
    """What the lake holds for a snapshot now, in eight characters: another state, another snapshot."""
    files = "\n".join(file for table in READ for file in lake.files(table))
    return hashlib.sha256(f"{VERSION}\n{files}".encode()).hexdigest()[:8]


def snapshot_of(lake: Lake, spine: pl.DataFrame, mails: pl.DataFrame) -> pl.DataFrame:
    """Attributes and features (`scoring.winback.features`) of each (member_id, at) in `spine`, sorted by both.

    `mails`: member_id, mailed_at of win-back mails that Encore itself sent; imported ones are in the lake.
    """
    questions = numbered(spine)
    with tempfile.TemporaryDirectory(prefix="encore-") as spill, engine(Path(spill)) as connection:
        for name in READ:
            connection.execute(f"CREATE TEMP VIEW {name} AS {_plain_view(name, lake)}")
        connection.register("spine", questions.with_columns(WITHOUT_ZONE))
        connection.register("mails", mails.cast(MAILS).with_columns(WITHOUT_ZONE))
        connection.register("clocks", clocks_of(lake, questions.select(pl.col("at").max()).item()))
        frame: pl.DataFrame = connection.sql(query()).pl()
    return frame.with_columns(WITH_ZONE).sort("member_id", "at")


def numbered(spine: pl.DataFrame) -> pl.DataFrame:
    """The spine that the features' expression reads: each (member_id, at) is a question with a number of its own."""
    return spine.cast(SPINE).select(question=pl.int_range(pl.len()), member_id="member_id", at="at").cast(QUESTIONS)


@cache
def query() -> str:
    """The features as DuckDB's SQL over `READ`, `spine`, `mails` and `clocks`; it takes about as long as running it."""
    schemas = {name: lake_schema(TABLES[name]) for name in READ}
    schemas |= {"spine": QUESTIONS, "mails": MAILS, "clocks": CLOCKS}
    read = {name: ibis.table(ibis.Schema.from_polars(_plain(schema)), name=name) for name, schema in schemas.items()}
    return str(ibis.to_sql(snapshot(read["spine"], tables(read)), dialect="duckdb", pretty=False))


def tables(read: Mapping[str, Frame]) -> Tables:
    """What the features are made of, from the lake's tables (`READ`), `mails` and `clocks`, on whichever engine."""
    went, time = read["mailings"].filter(read["mailings"].arm == "mailed"), read["mails"].mailed_at.type()
    day = went.run_date.cast(time)
    # Another system's clock may put its mail before its day: never before the moment at which the trial was decided.
    at = ibis.greatest(ibis.coalesce(went.sent_at, day), day).cast(time)
    mails = read["mails"].union(went.select("member_id", mailed_at=at))
    return Tables(read["members"], read["plays"], read["titles"], read["outcomes"], mails, read["clocks"])


def clocks_of(lake: Lake, until: datetime | None) -> pl.DataFrame:
    """The clocks of all members' zones, from the first play until a moment; None: of no time."""
    zones = lake.scan("members").select(pl.col("timezone").drop_nulls().unique()).collect()["timezone"]
    first = lake.scan("plays").select(pl.col("played_at").min()).collect().item()
    if first is None or until is None:
        return pl.DataFrame(schema=CLOCKS)
    return clocks(zones, max(first, STREAMING), until)


def _plain(schema: pl.Schema) -> pl.Schema:
    """The columns with times that are UTC without saying so: of those with a zone DuckDB asks ICU, one by one."""
    return pl.Schema({name: pl.Datetime("us") if kind == TIME else kind for name, kind in schema.items()})


def _plain_view(name: str, lake: Lake) -> str:
    times = [column for column, kind in lake_schema(TABLES[name]).items() if kind == TIME]
    plain = ", ".join(f'make_timestamp(epoch_us("{column}")) AS "{column}"' for column in times)
    return f"FROM {parquet(map(Path, lake.files(name)))} SELECT * REPLACE ({plain})"


def write(
    lake: Lake, path: Path, at: datetime, shard: int, of: int, mails: pl.DataFrame, quiet_days: int | None = None
) -> Path:
    """A shard's snapshot at a moment, as Parquet at `path`; one that is there already is left as it is.

    `quiet_days`: leave out those with a play in so many days before; None: leave out nobody.
    """
    if not path.exists():
        spine = pl.DataFrame({"member_id": members_of_shard(lake, shard, of)})
        if quiet_days is not None:
            spine = spine.join(_seen(lake, at - timedelta(days=quiet_days), at), on="member_id", how="anti")
        write_once(snapshot_of(lake, spine.with_columns(at=pl.lit(at).cast(SPINE["at"])), mails), path)
    return path


def _seen(lake: Lake, after: datetime, before: datetime) -> pl.DataFrame:
    """Who played between two moments, neither included."""
    plays = lake.scan("plays").filter(pl.col("played_at") > after, pl.col("played_at") < before)
    return plays.select(pl.col("member_id").unique()).collect()
