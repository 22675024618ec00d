"""The rows of a mail: which titles, under which heading, in which order; no title twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import polars as pl

from scoring.titles.offers import BECAUSE, FINISH, FOR_YOU, GENRE, HERO, LEAVING, NEW, POPULAR

WIDTH = 3  # titles in a row; a row that cannot be filled is left out
MOST = 3  # rows below the hero
PREFERENCE = (BECAUSE, FOR_YOU, FINISH, NEW, LEAVING, POPULAR, GENRE)
LEAST = {FINISH: 2}  # titles of a row that need not be full
INSTEAD = {FOR_YOU: BECAUSE}  # a kind that a member gets only where there is none of the other
Order: TypeAlias = Callable[[pl.DataFrame], pl.DataFrame]
TAKEN = {"member_id": pl.String, "title_id": pl.String}
ROWS = {
    "member_id": pl.String,
    "kind": pl.String,
    "slot": pl.Int64,
    "title_id": pl.String,
    "about": pl.String,
    "score": pl.Float64,
}


def by_preference(kinds: pl.DataFrame) -> pl.DataFrame:
    """The order of `PREFERENCE`, the same for all: `kinds` (member_id, kind) with `row`, 1 the first."""
    place = pl.col("kind").replace_strict(PREFERENCE, range(len(PREFERENCE)), return_dtype=pl.Int64)
    return kinds.with_columns(row=place.rank("dense").over("member_id").cast(pl.Int64))


def rows(offers: pl.DataFrame, order: Order = by_preference) -> pl.DataFrame:
    """The picks of each member's mail: one hero, then rows of those that can be filled.

    Args:
        offers: member_id, kind, title_id, order (the least first), about (the title or genre in the row's name), score;
            only titles that may be shown to the member.
        order: from the kinds of rows that each member could have (member_id, kind), those to show with their `row`, 1
            the first and `MOST` the last that is shown; what else it says of them stands beside their picks.

    Returns:
        member_id, row (0 the hero), kind, slot (0 the first), title_id, about, score, and what `order` said; sorted. A
        member to whom no hero can be shown has no rows.
    """
    return _placed(_filled_all(offers, dict.fromkeys(PREFERENCE, WIDTH)), order)


def rows_of_all(offers: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """As many picks for these members (member_id), but what is popular alone: what personal rows are held against."""
    popular = offers.filter(pl.col("kind") == POPULAR).join(members, on="member_id", how="semi")
    heroes = popular.with_columns(kind=pl.lit(HERO))
    return _placed(_filled_all(pl.concat([heroes, popular]), {POPULAR: WIDTH * MOST}), by_preference)


def _filled_all(offers: pl.DataFrame, widths: Mapping[str, int]) -> pl.DataFrame:
    """A hero, and every kind of row that can be filled with so many titles, the kinds named first choosing first."""
    heroes = _filled(offers, HERO, pl.DataFrame(schema=ROWS), 1)
    asked = offers.join(heroes.select("member_id").unique(), on="member_id", how="semi")
    picks = heroes
    for kind, width in widths.items():
        picks = pl.concat([picks, _filled(asked, kind, picks, width)])
    return picks


def _placed(picks: pl.DataFrame, order: Order) -> pl.DataFrame:
    """The hero and the rows that `order` shows."""
    kinds = picks.filter(pl.col("kind") != HERO).select("member_id", "kind").unique().sort("member_id", "kind")
    heroes = picks.filter(pl.col("kind") == HERO).select("member_id", "kind", row=pl.lit(0, pl.Int64))
    shown = order(kinds).filter(pl.col("row") <= MOST)
    numbered = picks.join(pl.concat([heroes, shown], how="diagonal"), on=["member_id", "kind"])
    first = ["member_id", "row", *[name for name in ROWS if name != "member_id"]]
    return numbered.select(*first, pl.exclude(first)).sort("member_id", "row", "slot")


def _filled(offers: pl.DataFrame, kind: str, picks: pl.DataFrame, width: int) -> pl.DataFrame:
    """The rows of a kind that can be filled with titles not picked yet."""
    left = offers.filter(pl.col("kind") == kind).join(picks, on=list(TAKEN), how="anti")
    if kind in INSTEAD:
        left = left.join(picks.filter(pl.col("kind") == INSTEAD[kind]), on="member_id", how="anti")
    slot = pl.int_range(pl.len(), dtype=pl.Int64).over("member_id")
    first = left.sort("member_id", "order", "title_id").with_columns(slot=slot).filter(pl.col("slot") < width)
    enough = pl.len().over("member_id") >= LEAST.get(kind, width)
    return first.filter(enough).select(list(ROWS)).cast(ROWS)  # type: ignore[arg-type]  # names to types, as polars takes
