"""The rows of a mail: which titles, under which heading, in which order; no title twice."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from scoring.titles.offers import BECAUSE, FINISH, FOR_YOU, GENRE, HERO, LEAVING, NEW, POPULAR

WIDTH = 3  # titles in a row; a row that cannot be filled is left out
MOST = 3  # rows below the hero
PREFERENCE = (BECAUSE, FOR_YOU, FINISH, NEW, LEAVING, POPULAR, GENRE)
LEAST = {FINISH: 2}  # titles of a row that need not be full
INSTEAD = {FOR_YOU: BECAUSE}  # a kind that a member gets only where there is none of the other
TAKEN = {"member_id": pl.String, "title_id": pl.String}
ROWS = {
    "member_id": pl.String,
    "kind": pl.String,
    "slot": pl.Int64,
    "title_id": pl.String,
    "about": pl.String,
    "score": pl.Float64,
}


def rows(offers: pl.DataFrame) -> pl.DataFrame:
    """The picks of each member's mail: one hero, then rows as far as they can be filled.

    Args:
        offers: member_id, kind, title_id, order (the least first), about (the title or genre in the row's name), score;
            only titles that may be shown to the member.

    Returns:
        member_id, row (0 the hero), kind, slot (0 the first), title_id, about, score; sorted. A member to whom no hero
        can be shown has no rows.
    """
    return _below(offers, dict.fromkeys(PREFERENCE, WIDTH))


def rows_of_all(offers: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """As many picks for these members (member_id), but what is popular alone: what personal rows are held against."""
    popular = offers.filter(pl.col("kind") == POPULAR).join(members, on="member_id", how="semi")
    heroes = popular.with_columns(kind=pl.lit(HERO))
    return _below(pl.concat([heroes, popular]), {POPULAR: WIDTH * MOST})


def _below(offers: pl.DataFrame, widths: Mapping[str, int]) -> pl.DataFrame:
    """A hero, and below it the kinds of rows with so many titles each."""
    heroes = _filled(offers, HERO, pl.DataFrame(schema=ROWS), 1)
    asked = offers.join(heroes.select("member_id").unique(), on="member_id", how="semi")
    picks = heroes
    for kind, width in widths.items():
        picks = pl.concat([picks, _filled(asked, kind, picks, width)])
    place = pl.col("kind").replace_strict((HERO, *PREFERENCE), range(len(PREFERENCE) + 1), return_dtype=pl.Int64)
    row = place.rank("dense").over("member_id").cast(pl.Int64) - 1
    numbered = picks.with_columns(row=row).filter(pl.col("row") <= MOST)
    return numbered.select("member_id", "row", *[name for name in ROWS if name != "member_id"]).sort(
        "member_id", "row", "slot"
    )


def _filled(offers: pl.DataFrame, kind: str, picks: pl.DataFrame, width: int) -> pl.DataFrame:
    """The rows of a kind that can be filled with titles not picked yet."""
    left = offers.filter(pl.col("kind") == kind).join(picks, on=list(TAKEN), how="anti")
    if kind in INSTEAD:
        left = left.join(picks.filter(pl.col("kind") == INSTEAD[kind]), on="member_id", how="anti")
    slot = pl.int_range(pl.len(), dtype=pl.Int64).over("member_id")
    first = left.sort("member_id", "order", "title_id").with_columns(slot=slot).filter(pl.col("slot") < width)
    enough = pl.len().over("member_id") >= LEAST.get(kind, width)
    return first.filter(enough).select(list(ROWS)).cast(ROWS)  # type: ignore[arg-type]  # names to types, as polars takes
