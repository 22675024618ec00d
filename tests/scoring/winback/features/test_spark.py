"""The same features on Spark as on DuckDB, to the last bit."""

import os
import random
import shutil
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from scoring.contracts import MAILINGS, MEMBERS, OUTCOMES, PLAYS, TITLES
from scoring.lake.schema import TIME, file_schema
from scoring.lake.store import Lake
from scoring.winback.features import snapshot
from scoring.winback.snapshot import MAILS, READ, clocks_of, numbered, snapshot_of, tables

pytest.importorskip("pyspark", reason="Spark is not installed: pip install encore[spark]")
if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
    pytest.skip("Spark needs Java 17 or newer", allow_module_level=True)

AT = datetime(2026, 4, 20, 3, 30, tzinfo=UTC)  # clocks were changed in the weeks before
DAY = timedelta(days=1)
ZONES = ("Europe/Paris", "America/Sao_Paulo", "Asia/Kolkata", "Australia/Lord_Howe", "America/New_York", None)
GENRES = ("Drama", "Crime", "Comedy", "Family")
PEOPLE = range(40)


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    made, draw = Lake(tmp_path_factory.mktemp("spark") / "lake"), random.Random(3)
    early, late = AT - 700 * DAY, AT + 20 * DAY
    for as_of in (early, AT - 50 * DAY, late):
        put(made, MEMBERS, [member(draw, n) for n in PEOPLE], as_of)
        put(made, TITLES, [title(draw, n) for n in range(30)], as_of)
    put(made, PLAYS, [play(draw, n % 36) for n in range(1500)], late)  # the last few never play
    put(made, OUTCOMES, [{"member_id": f"m{n}", "kind": "resubscribed", "at": ago(draw, 200)} for n in range(9)], late)
    put(made, MAILINGS, [mailing(draw, n) for n in range(60)], late)
    return made


def put(lake, table, rows, as_of):
    lake.put(table, pl.DataFrame(rows, schema=file_schema(table)), as_of=as_of)


def ago(draw, days):
    """A moment before or, now and then, after the last that is asked about."""
    return AT + 10 * DAY - timedelta(microseconds=draw.randrange(days * 86_400_000_000))


def member(draw, n):
    who = {"member_id": f"m{n}", "signed_up_at": AT - (n * 37 % 600 + 1) * DAY, "timezone": ZONES[n % len(ZONES)]}
    left = {"cancelled_at": ago(draw, 300) if n % 3 == 0 else None, "country": draw.choice(["BR", "FR", None])}
    told = {"plan": draw.choice(["free", "gold"]), "language": draw.choice(["fr", "pt-BR"])}
    return who | left | told | {"favourite_genres": draw.sample(GENRES, n % 3)}


def title(draw, n):
    added = AT + 10 * DAY - (n * 29 % 500) * DAY if n % 5 else None
    shown = {"genres": draw.sample(GENRES, n % 4), "countries": draw.sample(["BR", "FR"], n % 3)}
    told = {"title_id": f"t{n}", "name": f"T{n}", "added_at": added, "minutes": draw.choice([None, 90.0, 47.3])}
    return told | shown | {"leaves_at": AT + draw.choice([-5, 60]) * DAY if n % 7 == 0 else None}


def play(draw, n):
    wrong = datetime(1970, 1, 1, tzinfo=UTC) - timedelta(microseconds=draw.choice([1, 500_000, 90_000_000_001]))
    at = ago(draw, 150 + 10 * n) if n % 12 or draw.random() < 0.9 else wrong  # a clock that was never set
    what = {"member_id": f"m{n}", "title_id": f"t{draw.randrange(33)}", "played_at": at}
    return what | {
        "minutes": draw.choice([None, draw.random() * 100, 30.1]),
        "device": draw.choice(["tv", "web", None]),
    }


def mailing(draw, n):
    day = ago(draw, 250).date()
    about = {"member_id": f"m{n % 30}", "campaign": f"c{n}", "run_date": day, "propensity": 0.5}
    sent = datetime(day.year, day.month, day.day, 12, n % 60, 1, 5, tzinfo=UTC) if n % 2 else None
    return about | {"arm": draw.choice(["mailed", "mailed", "holdout"]), "sent_at": sent}


@pytest.fixture(scope="module")
def spark():
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra

    quick = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.buffer.pageSize": "1m",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
    }
    session = SparkSession.builder.master("local[1]").config(map=quick).getOrCreate()
    yield session
    session.stop()


def on_spark(spark, lake, spine, mails):
    """The same expression on Spark, over the same files."""
    import ibis  # noqa: PLC0415 - its Spark backend needs the extra

    connection = ibis.pyspark.connect(spark)
    folder = lake.folder.parent
    made = {"spine": numbered(spine), "mails": mails, "clocks": clocks_of(lake, spine["at"].max())}
    files = {name: lake.files(name) for name in READ}
    for name, frame in made.items():
        files[name] = [str(folder / f"{name}.parquet")]
        frame.write_parquet(files[name][0])
    for name, paths in files.items():
        spark.read.parquet(*paths).createOrReplaceTempView(name)
    read = {name: connection.table(name) for name in files}
    return snapshot(read["spine"], tables(read)).to_polars()


@pytest.mark.slow  # a Java machine of its own
def test_spark_gives_what_duckdb_gives(lake, spark):
    moments = [AT, AT - 22 * DAY, AT - 140 * DAY + timedelta(microseconds=7)]
    spine = pl.concat([pl.DataFrame({"member_id": [f"m{n}" for n in PEOPLE], "at": [at] * 40}) for at in moments])
    mails = pl.DataFrame({"member_id": ["m1", "m2"], "mailed_at": [AT - 9 * DAY, AT - 25 * DAY]}, schema=MAILS)
    ours = snapshot_of(lake, spine, mails)
    theirs = on_spark(spark, lake, spine, mails)
    times = [name for name, kind in ours.schema.items() if kind == TIME]
    told = theirs.with_columns(pl.col(name).dt.cast_time_unit("us").dt.replace_time_zone("UTC") for name in times)
    assert_frame_equal(ours, told.sort("member_id", "at"), check_exact=True)
    assert ours.height > 100
    assert all(ours[name].n_unique() > 1 for name in ours.columns)
