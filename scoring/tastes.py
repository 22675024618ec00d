"""A member's taste at a moment: where they live, what they watch on, and the shares of their genres."""

from __future__ import annotations

import polars as pl

from scoring.lake.store import Lake

GENRES = 12  # those with the most titles; each is a column
ABOUT = ["country", "language"]


def tastes(lake: Lake, moments: pl.DataFrame) -> pl.DataFrame:
    """For each member_id and `at` (UTC) of `moments`: country, language, device and the share of each common genre.

    Columns `genre_…` are null for whom nothing is known to have played; nothing at or after the moment is read.
    """
    latest = moments["at"].max()
    if latest is None:
        return moments
    theirs = pl.col("member_id").is_in(moments["member_id"].unique().implode())  # it reaches into the scan
    plays = lake.scan("plays").filter(theirs).join(moments.lazy(), on="member_id")
    seen = plays.filter(pl.col("played_at") < pl.col("at")).select("member_id", "at", "title_id", "device").collect()
    titles = lake.at("titles", latest).select("title_id", "genres").collect()  # type: ignore[arg-type]  # a time, by its column
    people = lake.at("members", latest).select("member_id", *ABOUT).collect()  # type: ignore[arg-type]  # as above
    return (
        moments.join(people, on="member_id", how="left", maintain_order="left")
        .join(_devices(seen), on=["member_id", "at"], how="left", maintain_order="left")
        .join(_genres(seen, titles), on=["member_id", "at"], how="left", maintain_order="left")
    )


def _devices(seen: pl.DataFrame) -> pl.DataFrame:
    """The device that each watched on most; of two as common the first by name."""
    counted = seen.drop_nulls("device").group_by("member_id", "at", "device").len()
    first = counted.sort("len", "device", descending=[True, False]).unique(["member_id", "at"], keep="first")
    return first.select("member_id", "at", "device")


def _genres(seen: pl.DataFrame, titles: pl.DataFrame) -> pl.DataFrame:
    """The share of each common genre in what was watched; a title of several counts for each in part."""
    each = titles.drop_nulls("genres").filter(pl.col("genres").list.len() > 0)
    parts = each.with_columns(part=1 / pl.col("genres").list.len()).explode("genres").rename({"genres": "genre"})
    common = parts["genre"].value_counts().sort("count", "genre", descending=[True, False]).head(GENRES)["genre"]
    counted = seen.join(parts, on="title_id").group_by("member_id", "at", "genre").agg(n=pl.col("part").sum())
    whole = pl.col("n").sum().over("member_id", "at")
    shares = counted.with_columns(share=pl.col("n") / whole)
    columns = [
        pl.col("share").filter(pl.col("genre") == genre).sum().alias(f"genre_{genre}") for genre in sorted(common)
    ]
    return shares.group_by("member_id", "at").agg(*columns)
