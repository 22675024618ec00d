"""The features' page in the documentation, made from their list."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from scoring.winback.features.listed import FEATURES, VERSION, Feature

BEFORE = f"""\
# Features

What Encore knows of a member at a moment, which is all that the win-back model is told: {len(FEATURES)} features,
version {VERSION}. This page is made from their list: `python -m scoring.winback.features > docs/features.md`.

**Point in time.** Nothing that happened at or after the moment is read, whatever is in the lake: plays, mails,
comebacks and cancellings count by their own time, attributes of members and titles as their newest version says that
was known before it.

**The member's clock.** Days and hours are those of the member's own time zone; where none is known, of UTC.

**Empty** is what there is nothing to say of: the average gap of someone who watched on one day, or the answers of
someone who was never written to. Counts of nothing are 0. Times are counted in whole seconds.
"""
AFTER = """
## On another engine

The features are one expression (`scoring.winback.features.snapshot`), for training and for every day's run. Encore
runs it in DuckDB over the lake's files, a shard of members at a time. On Spark, with `pip install "encore[spark]"` and
Java 17 or newer, it gives the same numbers to the last bit:

```python
import ibis
from pathlib import Path
from pyspark.sql import SparkSession
from scoring.winback.snapshot import READ, clocks_of, numbered, tables
from scoring.lake.store import Lake
from scoring.winback.features import snapshot

spark = SparkSession.builder.getOrCreate()
lake = Lake(Path(".encore/lake"))
files = {name: lake.files(name) for name in READ}
made = {"spine": numbered(spine), "mails": mails, "clocks": clocks_of(lake, spine["at"].max())}
for name, frame in made.items():  # spine: member_id, at; mails: member_id, mailed_at of Encore's own mails
    frame.write_parquet(f"{name}.parquet")
    files[name] = [f"{name}.parquet"]
for name, paths in files.items():
    spark.read.parquet(*paths).createOrReplaceTempView(name)
connection = ibis.pyspark.connect(spark)
read = {name: connection.table(name) for name in files}
snapshot(read["spine"], tables(read)).to_polars()
```

What clocks show is a table, too (`clocks`), so that no engine's own table of time zones has a say.
"""


def page() -> str:
    """The page as Markdown."""
    parts = [_part(part, features) for part, features in groupby(FEATURES, lambda feature: feature.part)]
    return "\n".join([BEFORE, *parts]) + AFTER


def _part(name: str, features: Iterable[Feature]) -> str:
    rows = [f"| `{feature.name}` | {feature.kind} | {feature.about} |" for feature in features]
    return "\n".join([f"## {name}", "", "| feature | kind | what it says |", "|---|---|---|", *rows, ""])
