"""What could stand in each kind of row, for each member: only what they may see and have not played.

Offers have member_id, kind, title_id, order (the least first), about (the title that the row's name tells) and score.
"""

from __future__ import annotations

import polars as pl

HERO, BECAUSE, FOR_YOU, NEW, POPULAR = "hero", "because_you_watched", "for_you", "new_since_you_left", "popular"
ENOUGH = 3  # titles with the same reason that make a row
BEHIND = 1_000  # what everyone plays stands behind all that a member's own plays say
OFFER = {
    "member_id": pl.String,
    "kind": pl.String,
    "title_id": pl.String,
    "order": pl.Int64,
    "about": pl.String,
    "score": pl.Float64,
}


def offers(
    ranked: pl.DataFrame, crowd: pl.DataFrame, reasons: pl.DataFrame, last_played: pl.DataFrame, added: pl.DataFrame
) -> pl.DataFrame:
    """All offers to these members.

    Args:
        ranked: member_id, title_id, rank (1 the best), score: what the title model recommends.
        crowd: member_id, title_id, place (1 the most): what is played most where the member lives.
        reasons: member_id, title_id, because: the title played that speaks most for a recommended one.
        last_played: member_id, last: when the member last played anything.
        added: title_id, added_at (null: always there).
    """
    own = ranked.select("member_id", "title_id", "score", order=pl.col("rank").cast(pl.Int64))
    others = crowd.select(
        "member_id", "title_id", score=pl.lit(None, pl.Float64), order=pl.col("place").cast(pl.Int64) + BEHIND
    )
    everything = pl.concat([own, others.join(own, on=["member_id", "title_id"], how="anti").select(own.columns)])
    return pl.concat(
        [
            _offer(everything, HERO),
            _offer(because(own, reasons), BECAUSE),
            _offer(own, FOR_YOU),
            _offer(new(everything, last_played, added), NEW),
            _offer(others, POPULAR),
        ]
    )


def because(own: pl.DataFrame, reasons: pl.DataFrame) -> pl.DataFrame:
    """Titles with one reason in common, a title played: of all such the reason whose first titles rank best.

    The hero, which stands above, is no part of the row.
    """
    below = own.filter(pl.col("order") > pl.col("order").min().over("member_id"))
    told = below.join(reasons.drop_nulls("because"), on=["member_id", "title_id"]).sort("member_id", "order")
    place = pl.int_range(pl.len()).over("member_id", "because")
    kept = told.with_columns(place=place).filter(pl.col("place") < ENOUGH)
    last = kept.filter(pl.col("place") == ENOUGH - 1).sort("member_id", "order", "because")
    best = last.unique("member_id", keep="first", maintain_order=True).select("member_id", "because")
    return told.join(best, on=["member_id", "because"], how="semi").rename({"because": "about"})


def new(offered: pl.DataFrame, last_played: pl.DataFrame, added: pl.DataFrame) -> pl.DataFrame:
    """What has come since the member last played; of someone who never did nothing can have come since."""
    known = offered.join(last_played, on="member_id").join(added, on="title_id")
    return known.filter(pl.col("added_at") > pl.col("last"))


def _offer(titles: pl.DataFrame, kind: str) -> pl.DataFrame:
    about = pl.col("about") if "about" in titles.columns else pl.lit(None, pl.String)
    return titles.with_columns(kind=pl.lit(kind), about=about).select(list(OFFER)).cast(OFFER)  # type: ignore[arg-type]  # as in rows
