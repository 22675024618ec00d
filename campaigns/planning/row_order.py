"""In which order the rows of a mail stand: drawn with known chances, and learnt from what earlier mails brought.

One draw a place, from the top: which of the rows left stands there. So the chance of an order is the product of its
draws' chances (Plackett and Luce), and every draw is logged by itself. The model is that of pictures: what a place is
worth to any row takes the part of a title, a kind of row that of a style (the position-based click model).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

from campaigns.planning.lessons import CHOICES, MAIL, ORDER, PICK, SQL, Lessons
from scoring.artwork import ArtworkModel
from scoring.titles.rows import MOST, PREFERENCE

if TYPE_CHECKING:
    from campaigns.planning.runs import Run
    from campaigns.stores import Stores
    from scoring.titles.rows import Order

PLACED = [(f"{place}:{kind}", str(place), kind) for place in range(1, MOST + 1) for kind in PREFERENCE]
PLACES = pl.DataFrame(PLACED, schema={"artwork_id": pl.String, "title_id": pl.String, "style": pl.String}, orient="row")
ROWS = {"campaign": pl.String, "run_date": pl.Date, "member_id": pl.String, "title_id": pl.String, "row": pl.Int64}
DRAWN: dict[str, Any] = {
    "member_id": pl.String,
    "kind": pl.String,
    "row": pl.Int64,
    "row_choice": pl.String,
    "row_candidates": pl.List(pl.String),
    "row_propensity": pl.Float64,
}


def row_order(stores: Stores, run: Run, lessons: Lessons, readers: pl.DataFrame) -> Order:
    """The order of a run for `readers` (member_id and what is known of them): the same after a restart."""
    salt = f"{run.asked.salt(ORDER)}/{run.run_date}"
    return partial(drawn, model=order_model(stores, run, lessons), readers=readers, salt=salt)


def order_model(stores: Stores, run: Run, lessons: Lessons) -> ArtworkModel:
    """What mails had taught of rows by the run's cut-off."""
    return ArtworkModel(seed=0).fit(taught(stores, run, lessons), PLACES)


def taught(stores: Stores, run: Run, lessons: Lessons) -> pl.DataFrame:
    """The choices that a run's model of rows learns from: found once a run."""
    return run.once(stores.home, "orders", lambda: choices(lessons))


def drawn(kinds: pl.DataFrame, *, model: ArtworkModel, readers: pl.DataFrame, salt: str) -> pl.DataFrame:
    """`kinds` (member_id, kind) in the order drawn for each member: `DRAWN`, a row a place.

    `row_propensity` is the chance of `row_choice`, as `1:popular`, among `row_candidates`: the rows left for the place.
    """
    left, placed = kinds, [pl.DataFrame(schema=DRAWN)]
    for place in range(1, MOST + 1):
        placed.append(_drawn_for(place, left, model, readers, salt))
        left = left.join(placed[-1], on=["member_id", "kind"], how="anti")
    return pl.concat(placed)


def _drawn_for(place: int, left: pl.DataFrame, model: ArtworkModel, readers: pl.DataFrame, salt: str) -> pl.DataFrame:
    """Which of the rows left stands at a place."""
    named = pl.concat_str(pl.lit(str(place)), "kind", separator=":").alias("candidates")
    asked = left.group_by("member_id").agg(named.sort()).sort("member_id")
    key = pl.concat_str(pl.lit(salt), pl.lit(str(place)), "member_id", separator=":")
    contexts = asked.with_columns(_kinds(place), key=key).join(
        readers, on="member_id", how="left", maintain_order="left"
    )
    told = asked.with_columns(model.choose(contexts)).rename({"candidates": "row_candidates"})
    kind = pl.col("artwork_id").str.split(":").list.last()
    return told.select(
        "member_id",
        kind=kind,
        row=pl.lit(place, pl.Int64),
        row_choice="artwork_id",
        row_candidates="row_candidates",
        row_propensity="propensity",
    )


def choices(lessons: Lessons) -> pl.DataFrame:
    """Rows that were really shown at a place, and what came of them; columns as of `looks.choices`.

    A row's reward is a play of one of its titles within three days of the mail, or a tenth for a click that none
    followed.
    """
    shown = lessons.shown.filter(pl.col("kind") == ORDER)
    if shown.is_empty():
        return pl.DataFrame(schema=CHOICES)
    placed = shown.with_columns(row=_place(pl.col("choice")))
    told = lessons.of(placed, _of_rows(lessons.stores, lessons.responses), [*MAIL, "row"])
    return told.with_columns(_kinds(_place(pl.col("artwork_id"))))


def _place(choice: pl.Expr) -> pl.Expr:
    """The place of a choice such as `1:popular`."""
    return choice.str.split(":").list.first().cast(pl.Int64)


def _kinds(place: int | pl.Expr) -> pl.Expr:
    """How many kinds of rows the member could have: some are had by the eager alone, who respond to all of them."""
    return (pl.col("candidates").list.len().cast(pl.Int64) + place - 1).alias("kinds")


def _of_rows(stores: Stores, of_titles: pl.DataFrame) -> pl.DataFrame:
    """The rewards of titles as those of the rows that they stood in; a hero stands in none."""
    mails = of_titles.select("member_id", "run_date").unique()
    asked = {"members": mails["member_id"].to_list(), "days": mails["run_date"].to_list()}
    placed = stores.database.frame(SQL["placed"], asked, ROWS)
    return of_titles.join(placed, on=PICK).group_by(*MAIL, "row").agg(pl.col("reward").max())
