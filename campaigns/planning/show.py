"""What each member is shown: titles in rows, each with its picture and its facts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from campaigns.planning.catalogue import boosted, first_of_all, looked_for, titles_of
from campaigns.planning.content import named, with_artwork, worded
from campaigns.planning.layers import BEYOND_POPULAR, HERO, NEWEST_HERO, POPULAR, POPULARITY, ROWS, arm_of
from campaigns.planning.lessons import Lessons
from campaigns.planning.looks import artwork_model, as_everyone, readers
from campaigns.planning.row_order import row_order
from campaigns.planning.title_models import title_model_of
from campaigns.planning.viewing import plays, plays_of
from scoring.titles.finished import unfinished
from scoring.titles.offers import Known, newest_first, offers
from scoring.titles.popularity import popular
from scoring.titles.rights import playable
from scoring.titles.rows import rows, rows_of_all

if TYPE_CHECKING:
    from campaigns.planning.runs import Run
    from campaigns.stores import Stores
    from scoring.titles.rows import Order

RANKED = 100  # titles to rank a member: enough that some have a reason in common, and some are new
NEWEST = 30  # of the new titles, the same
BEYOND = 1.0  # of the logarithm of popularity: what is left says how much likelier than others the member is to play it
FRESH = timedelta(days=365)  # a title older than this is new to nobody
RANKING = {"member_id": pl.String, "title_id": pl.String, "rank": pl.Int64, "score": pl.Float64}
REASON = {"member_id": pl.String, "title_id": pl.String, "because": pl.String}
PAIR = ["member_id", "title_id"]


def shown(stores: Stores, run: Run, members: pl.DataFrame) -> pl.DataFrame:
    """Every pick of every mail, with title facts and artwork.

    Columns: member_id, row, kind, slot, title_id, about, about_name, score, and what `row_order`,
    `with_artwork` and `named` add.
    """
    lake, at = stores.lake, run.cutoff
    titles = lake.at("titles", at).collect()
    known = readers(stores, run, members)
    lessons = Lessons(stores, at)
    picks = _rows(stores, run, members, row_order(stores, run, lessons, known))
    asked = picks.join(members.select("member_id", "language"), on="member_id", maintain_order="left")
    works, salt = lake.at("artworks", at).collect(), f"{run.asked.salt('artwork')}/{run.run_date}"
    looks = with_artwork(asked, works, artwork_model(stores, run, lessons), as_everyone(known, members), salt)
    return worded(named(looks, titles, lake.at("title_names", at).collect()))


def _rows(stores: Stores, run: Run, members: pl.DataFrame, order: Order) -> pl.DataFrame:
    """The rows of each mail. Nobody gets a title that is not theirs to play, or one that they have finished.

    What they began stands in a row that says so, and nowhere else.
    """
    asked, titles = members.select("member_id", "country"), titles_of(stores, run)
    theirs = plays_of(stores, run, asked).collect()
    allowed = playable(titles, asked["country"], run.cutoff)
    ranked, reasons = _ranked(stores, run, titles, _with_weights(members))
    crowd = asked.join(popular_of(stores, run, titles, asked["country"]), on="country", nulls_equal=True)
    known = Known(
        first_of_all(boosted(run, _unplayed(ranked, asked, allowed, theirs)), looked_for(stores, run, members)),
        crowd.join(theirs, on=PAIR, how="anti"),
        _worth_naming(reasons, titles),
        theirs.group_by("member_id").agg(last=pl.col("played_at").max()),
        _open(unfinished(theirs, titles).join(asked, on="member_id"), allowed),
        titles.select("title_id", "added_at", "leaves_at", "genres"),
    )
    newest = members.filter(pl.col(arm_of(HERO)) == NEWEST_HERO).select("member_id")
    found = newest_first(offers(known, run.cutoff), newest)
    same = members.filter(pl.col(arm_of(ROWS)) == POPULAR).select("member_id")
    own = rows(found.join(same, on="member_id", how="anti"), order)
    return pl.concat([own, rows_of_all(found, same)], how="diagonal")


def _with_weights(members: pl.DataFrame) -> pl.DataFrame:
    """What the title model is asked with: `beyond` says how much being popular does not count."""
    beyond = pl.when(pl.col(arm_of(POPULARITY)) == BEYOND_POPULAR).then(BEYOND).otherwise(0.0)
    return members.select("member_id", "country", beyond=beyond)


def _unplayed(ranked: pl.DataFrame, asked: pl.DataFrame, allowed: pl.DataFrame, theirs: pl.DataFrame) -> pl.DataFrame:
    """What may be shown of what is recommended."""
    return _open(ranked.join(asked, on="member_id"), allowed).join(theirs, on=PAIR, how="anti")


def _worth_naming(reasons: pl.DataFrame, titles: pl.DataFrame) -> pl.DataFrame:
    """`reasons` that a row may be named after: what the campaign rules out is not named either."""
    return reasons.join(titles.select(because="title_id"), on="because", how="semi")


def _open(titles: pl.DataFrame, allowed: pl.DataFrame) -> pl.DataFrame:
    """`titles` (title_id, the member's country, …) without those that may not be shown there."""
    return titles.join(allowed, on=["country", "title_id"], how="semi", nulls_equal=True)


def _ranked(stores: Stores, run: Run, titles: pl.DataFrame, members: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What the title model recommends, new titles last, and for what reasons; nothing while there are no plays."""
    model = title_model_of(stores, run) if members.height else None
    if model is None:
        return pl.DataFrame(schema=RANKING), pl.DataFrame(schema=REASON)
    fresh = titles.filter(pl.col("added_at") > run.cutoff - FRESH)["title_id"]
    ranked = model.recommend(members, k=RANKED, at=run.cutoff, among=titles["title_id"])
    newest = model.recommend(members, k=NEWEST, at=run.cutoff, among=fresh)
    behind = newest.join(ranked, on=PAIR, how="anti").with_columns(pl.col("rank") + RANKED)
    return pl.concat([ranked, behind]), model.because(ranked.select(PAIR))


def popular_of(stores: Stores, run: Run, titles: pl.DataFrame, countries: pl.Series | None = None) -> pl.DataFrame:
    """What is played most in each country, or for a trial in these: found once a run, for all shards."""
    everyone = stores.lake.at("members", run.cutoff).select("member_id", "country")

    def found() -> pl.DataFrame:
        where = None if run.opened else countries
        if where is None:
            where = everyone.select(pl.col("country").unique()).collect()["country"]
        return popular(plays(stores, run), playable(titles, where, run.cutoff), everyone, run.cutoff)

    return run.once(stores.home, "popular", found)
