"""The features of 5M plays, against the same features as plain SQL, written by hand for DuckDB and for nothing else.

The floor reads the same files with the same settings, each of them once. A test holds that the numbers are the same.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from bench.timing import Figure, paired
from scoring import contracts
from scoring.lake.schema import file_schema
from scoring.lake.sql import engine, parquet
from scoring.lake.store import Lake
from scoring.winback.snapshot import MAILS, READ, SPINE, clocks_of, query, snapshot_of

AT = datetime(2026, 9, 1, tzinfo=UTC)
SQL = Path(__file__).with_name("features.sql")
TITLES = 2_000
ZONES = ("Europe/Paris", "America/Sao_Paulo", "Asia/Kolkata", "America/New_York", "Asia/Tokyo", None)
COUNTRIES = ("FR", "BR", "IN", "US", "JP")
GENRES = ("Action", "Comedy", "Crime", "Documentary", "Drama", "Family", "Romance", "Sci-Fi")


def features(plays: int = 5_000_000, members: int = 50_000) -> Figure:
    """The snapshot of a shard's members, against the raw query."""
    with tempfile.TemporaryDirectory() as folder:
        lake, spine, mails = service(Path(folder), plays, members), everyone(members), pl.DataFrame(schema=MAILS)
        query()  # made once a process
        ours, floor = lambda: snapshot_of(lake, spine, mails), lambda: by_hand(lake, spine)
        return paired(f"features, {plays / 1e6:.0f}M plays", plays, "plays", ours, floor)


def by_hand(lake: Lake, spine: pl.DataFrame) -> pl.DataFrame:
    """The same features of the same members, all at one moment, without mails of our own."""
    with tempfile.TemporaryDirectory() as spill, engine(Path(spill)) as connection:
        for name in READ:
            connection.execute(f"CREATE TEMP VIEW {name} AS FROM {parquet(map(Path, lake.files(name)))}")
        connection.register("spine", spine)
        connection.register("clocks", clocks_of(lake, AT))
        frame: pl.DataFrame = connection.sql(SQL.read_text(encoding="utf-8")).pl()
        return frame


def everyone(members: int) -> pl.DataFrame:
    """All members of the service, asked about at one moment."""
    return pl.DataFrame({"member_id": _ids("m", members), "at": AT}, schema=SPINE)


def service(folder: Path, plays: int, members: int) -> Lake:
    """A made-up service's lake: half of its members have cancelled, and a quarter were written to before."""
    lake, draw = Lake(folder), np.random.default_rng(0)
    _put(lake, contracts.MEMBERS, _members(draw, members))
    _put(lake, contracts.TITLES, _titles(draw))
    _put(lake, contracts.PLAYS, _plays(draw, plays, members))
    some = _ids("m", members // 4)
    came = {"member_id": some, "kind": "resubscribed", "at": _ago(draw, len(some), 300)}
    _put(lake, contracts.OUTCOMES, came)
    day = (AT - timedelta(days=60)).date()
    mailing = {"member_id": some, "campaign": "dull", "run_date": day, "arm": "mailed", "propensity": 0.5}
    _put(lake, contracts.MAILINGS, mailing)
    return lake


def _members(draw: np.random.Generator, count: int) -> dict[str, object]:
    place = draw.integers(0, len(ZONES), count)
    left = pl.Series(draw.random(count) < 0.5)
    return {
        "member_id": _ids("m", count),
        "country": pl.Series(COUNTRIES).gather(place % len(COUNTRIES)),
        "timezone": pl.Series(ZONES).gather(place),
        "plan": pl.Series(["free", "standard", "premium"]).gather(draw.integers(0, 3, count)),
        "signed_up_at": _ago(draw, count, 800),
        "cancelled_at": pl.select(pl.when(left).then(_ago(draw, count, 90))).to_series(),
    }


def _titles(draw: np.random.Generator) -> dict[str, object]:
    return {
        "title_id": _ids("t", TITLES),
        "name": "x",
        "genres": [draw.choice(GENRES, n, replace=False).tolist() for n in draw.integers(1, 4, TITLES)],
        "countries": [draw.choice(COUNTRIES, n, replace=False).tolist() for n in draw.integers(0, 3, TITLES)],
        "added_at": _ago(draw, TITLES, 1_500),
        "minutes": draw.uniform(20, 150, TITLES),
    }


def _plays(draw: np.random.Generator, count: int, members: int) -> dict[str, object]:
    """Plays in the year before each member's last, of some titles more than of others."""
    who = draw.integers(0, members, count)
    last = pl.Series((draw.uniform(0, 300, members)[who] * 86_400e6).astype(np.int64)).cast(pl.Duration("us"))
    return {
        "member_id": _ids("m", members).gather(who),
        "title_id": _ids("t", TITLES).gather((TITLES * draw.random(count) ** 2).astype(np.int64)),
        "played_at": _ago(draw, count, 365) - last,
        "minutes": draw.uniform(1, 120, count).round(1),
        "device": pl.Series(["tv", "phone", "web", "tablet"]).gather(draw.choice(4, count, p=[0.5, 0.3, 0.1, 0.1])),
    }


def _put(lake: Lake, table: contracts.Table, columns: Mapping[str, object]) -> None:
    rows, schema = pl.DataFrame(columns), file_schema(table)
    lacking = [pl.lit(None, kind).alias(name) for name, kind in schema.items() if name not in columns]
    lake.put(table, rows.with_columns(lacking).cast(dict(schema)), as_of=AT - timedelta(days=2_000))


def _ids(letter: str, count: int) -> pl.Series:
    return pl.Series([f"{letter}{n}" for n in range(count)])


def _ago(draw: np.random.Generator, count: int, days: int) -> pl.Series:
    """So many moments in the days before `AT`."""
    passed = pl.Series(draw.integers(1, days * 86_400_000_000, count)).cast(pl.Duration("us"))
    return pl.select(pl.lit(AT).cast(SPINE["at"]) - passed).to_series()
