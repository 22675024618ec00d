"""Which picture of a title suits whom: what earlier mails taught, and what is known of those who are written to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from campaigns.planning.layers import ARTWORK, EVERYONE, arm_of
from campaigns.planning.lessons import CHOICES, PICK, PICTURE, Lessons
from scoring.artwork import ArtworkModel
from scoring.lake.schema import TIME
from scoring.tastes import tastes

if TYPE_CHECKING:
    from campaigns.planning.runs import Run
    from campaigns.stores import Stores


def artwork_model(stores: Stores, run: Run, lessons: Lessons) -> ArtworkModel:
    """The model of a run, from what mails had taught by its cut-off: the same for every shard and after a restart."""
    works = stores.lake.at("artworks", run.cutoff).collect()
    return ArtworkModel(seed=0).fit(taught(stores, run, lessons), works)


def taught(stores: Stores, run: Run, lessons: Lessons) -> pl.DataFrame:
    """The choices that a run's model of pictures learns from: found once a run."""
    return run.once(stores.home, "choices", lambda: choices(lessons))


def readers(stores: Stores, run: Run, members: pl.DataFrame) -> pl.DataFrame:
    """What models look at in each of `members`: member_id and their `tastes`."""
    moments = members.select("member_id", at=pl.lit(run.cutoff).cast(TIME))
    return tastes(stores.lake, moments).drop("at")


def as_everyone(known: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """`known`, with nothing of those who are shown the pictures that suit everyone."""
    alike = members.filter(pl.col(arm_of(ARTWORK)) == EVERYONE)["member_id"]
    seen = pl.when(~pl.col("member_id").is_in(alike.implode())).then(pl.exclude("member_id")).name.keep()
    return known.select("member_id", seen)


def choices(lessons: Lessons) -> pl.DataFrame:
    """Pictures that were really shown, and what came of them: `CHOICES` and what was known of each reader.

    A picture's reward is a play of its title within three days of the mail, or a tenth for a click that none followed.
    """
    shown = lessons.shown.filter(pl.col("kind") == PICTURE)
    return lessons.of(shown, lessons.responses, PICK) if shown.height else pl.DataFrame(schema=CHOICES)
