"""What could stand in each kind of row, for each member.

Offers have member_id, kind, title_id, order (the least first), score, and about: the title or genre in the row's name.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

import polars as pl

HERO, BECAUSE, FOR_YOU, POPULAR = "hero", "because_you_watched", "for_you", "popular"
NEW, FINISH, LEAVING, GENRE = "new_since_you_left", "finish_what_you_started", "leaving_soon", "genre"
ENOUGH = 3  # titles with the same reason that make a row
BEHIND = 1_000  # what everyone plays stands behind all that a member's own plays say
AHEAD = 10 * BEHIND  # farther than any order reaches
SOON = timedelta(days=21)  # a title that leaves within so many days is said to leave soon
OFFER = {
    "member_id": pl.String,
    "kind": pl.String,
    "title_id": pl.String,
    "order": pl.Int64,
    "about": pl.String,
    "score": pl.Float64,
}


class Known(NamedTuple):
    """What offers are made from; all titles in it may be shown to the members they stand beside.

    Attributes:
        ranked: member_id, title_id, rank (1 the best), score: what the title model recommends.
        crowd: member_id, title_id, place (1 the most): what is played most where the member lives.
        reasons: member_id, title_id, because: the title played that speaks most for a recommended one.
        last_played: member_id, last: when the member last played anything.
        started: member_id, title_id, last: titles that they began and have not finished, and when they last did.
        titles: title_id, added_at (null: always there), leaves_at (null: never), genres.
    """

    ranked: pl.DataFrame
    crowd: pl.DataFrame
    reasons: pl.DataFrame
    last_played: pl.DataFrame
    started: pl.DataFrame
    titles: pl.DataFrame


def offers(known: Known, at: datetime) -> pl.DataFrame:
    """All offers to these members at a moment."""
    own = known.ranked.select("member_id", "title_id", "score", order=pl.col("rank").cast(pl.Int64))
    others = known.crowd.select(
        "member_id", "title_id", score=pl.lit(None, pl.Float64), order=pl.col("place").cast(pl.Int64) + BEHIND
    )
    everything = pl.concat([own, others.join(own, on=["member_id", "title_id"], how="anti").select(own.columns)])
    return pl.concat(
        [
            _offer(everything, HERO),
            _offer(because(own, known.reasons), BECAUSE),
            _offer(own, FOR_YOU),
            _offer(new(everything, known.last_played, known.titles), NEW),
            _offer(finish(known.started), FINISH),
            _offer(leaving(own, known.titles, at), LEAVING),
            _offer(of_a_genre(own, known.titles), GENRE),
            _offer(others, POPULAR),
        ]
    )


def newest_first(offered: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Offers with what is new since these members (member_id) left ahead among their heroes; all else as it was."""
    came = offered.filter(pl.col("kind") == NEW).join(members, on="member_id", how="semi")
    ahead = came.select("member_id", "title_id", kind=pl.lit(HERO), ahead=pl.lit(AHEAD, pl.Int64))
    both = offered.join(ahead, on=["member_id", "title_id", "kind"], how="left", maintain_order="left")
    return both.with_columns(order=pl.col("order") - pl.col("ahead").fill_null(0)).drop("ahead")


def finish(started: pl.DataFrame) -> pl.DataFrame:
    """What was begun, the latest first."""
    order = pl.col("last").rank("ordinal", descending=True).over("member_id").cast(pl.Int64)
    return started.select("member_id", "title_id", order=order, score=pl.lit(None, pl.Float64))


def leaving(own: pl.DataFrame, titles: pl.DataFrame, at: datetime) -> pl.DataFrame:
    """What will not be there much longer."""
    return own.join(titles.filter(pl.col("leaves_at") <= at + SOON), on="title_id", how="semi")


def of_a_genre(own: pl.DataFrame, titles: pl.DataFrame) -> pl.DataFrame:
    """Titles of the genre that fills a row soonest, down the list; what a title is first counts."""
    genres = titles.select("title_id", about=pl.col("genres").list.first())
    return _row_of_one(own.join(genres, on="title_id").drop_nulls("about"), "about")


def because(own: pl.DataFrame, reasons: pl.DataFrame) -> pl.DataFrame:
    """Titles with one reason in common, a title played: of all such the reason that fills a row soonest.

    The hero, which stands above, is no part of the row.
    """
    below = own.filter(pl.col("order") > pl.col("order").min().over("member_id"))
    told = below.join(reasons.drop_nulls("because"), on=["member_id", "title_id"])
    return _row_of_one(told.rename({"because": "about"}), "about")


def _row_of_one(titles: pl.DataFrame, what: str) -> pl.DataFrame:
    """For each member the titles that share one value of `what`: the value whose third title ranks best."""
    told = titles.sort("member_id", "order")
    place = pl.int_range(pl.len()).over("member_id", what)
    third = told.with_columns(place=place).filter(pl.col("place") == ENOUGH - 1).sort("member_id", "order", what)
    best = third.unique("member_id", keep="first", maintain_order=True).select("member_id", what)
    return told.join(best, on=["member_id", what], how="semi")


def new(offered: pl.DataFrame, last_played: pl.DataFrame, titles: pl.DataFrame) -> pl.DataFrame:
    """What has come since the member last played; of someone who never did nothing can have come since."""
    known = offered.join(last_played, on="member_id").join(titles.select("title_id", "added_at"), on="title_id")
    return known.filter(pl.col("added_at") > pl.col("last"))


def _offer(titles: pl.DataFrame, kind: str) -> pl.DataFrame:
    about = pl.col("about") if "about" in titles.columns else pl.lit(None, pl.String)
    return titles.with_columns(kind=pl.lit(kind), about=about).select(list(OFFER)).cast(OFFER)  # type: ignore[arg-type]  # as in rows
