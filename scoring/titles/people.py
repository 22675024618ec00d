"""Members as frames: who they are, where they live, what they said they like. Behind the last member stands nobody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import polars as pl

from scoring.errors import BadData
from scoring.titles.catalogue import listed

Ids: TypeAlias = pl.Series | Sequence[str] | pl.DataFrame

ID = {"member_id": pl.String}


def everyone(played: pl.Series, members: pl.DataFrame | None) -> pl.DataFrame:
    """Who has played, or is described, sorted by id; and nobody, the last."""
    told = people_of(members if members is not None else pl.DataFrame(schema=ID))
    described = told.filter(pl.col("member_id").is_not_null()).unique("member_id", keep="last")
    only = pl.DataFrame({"member_id": played.unique()}).join(described, on="member_id", how="anti")
    nobody = people_of(pl.DataFrame({"member_id": [None]}, schema=ID))
    return pl.concat([pl.concat([described, people_of(only)]).sort("member_id"), nobody])


def people_of(frame: pl.DataFrame) -> pl.DataFrame:
    """member_id, country and favourite_genres; a country that the frame does not speak of is ''."""
    if "member_id" not in frame.columns:
        raise BadData("members.member_id", "the column is missing", "give the ids, or a frame that has them")
    country = pl.col("country").cast(pl.String) if "country" in frame.columns else pl.lit("").alias("country")
    genres = listed(frame, "favourite_genres")
    return frame.select(pl.col("member_id").cast(pl.String), country, genres.alias("favourite_genres"))


def asked(members: Ids, known: pl.DataFrame) -> pl.DataFrame:
    """The members asked for, in order: member_id, country, favourite_genres, place among the known, whether changed.

    What a frame of members tells counts instead of what is known; a member not known has nobody's place, the last.
    `beyond`, too: how much of a title's popularity does not count for it; 0 where the frame does not say.
    """
    if members is None or isinstance(members, str):
        raise BadData("members", f"{members!r} are no members", "give a list of ids, or a frame that has them")
    frame = members if isinstance(members, pl.DataFrame) else pl.DataFrame({"member_id": pl.Series(members)})
    placed = known.head(-1).with_columns(place=pl.int_range(pl.len()))
    both = people_of(frame).join(placed, on="member_id", how="left", suffix="_then", maintain_order="left")
    answers = [_now_or_then(name, name in frame.columns) for name in ("country", "favourite_genres")]
    changed = [_changed(name) for name in ("country", "favourite_genres") if name in frame.columns]
    place = pl.col("place").fill_null(known.height - 1)
    whole = both.select("member_id", *answers, place=place, changed=pl.any_horizontal(pl.lit(value=False), *changed))
    return whole.with_columns(beyond=_beyond(frame))


def _beyond(frame: pl.DataFrame) -> pl.Series | pl.Expr:
    """The column `beyond`; BadData where it holds anything but shares."""
    if "beyond" not in frame.columns:
        return pl.lit(0.0)
    beyond = frame["beyond"]
    if not (beyond.dtype.is_numeric() or beyond.dtype == pl.Null) or not beyond.is_between(0, 1).all():
        raise BadData("members.beyond", "not a share in every row", "give numbers from 0 to 1")
    return beyond.cast(pl.Float64)


def _now_or_then(name: str, told: bool) -> pl.Expr:
    """What the frame tells, or else what was known at fit; of members unknown then, what an empty frame tells."""
    return pl.col(name) if told else pl.when(pl.col("place").is_null()).then(name).otherwise(f"{name}_then").alias(name)


def _changed(name: str) -> pl.Expr:
    return pl.col(name).ne_missing(pl.col(f"{name}_then")) | pl.col("place").is_null()
