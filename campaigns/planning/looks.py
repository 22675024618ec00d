"""Which picture of a title suits whom: what earlier mails taught, and what is known of those who are written to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from campaigns.db import statements
from campaigns.planning.layers import ARTWORK, EVERYONE, arm_of
from scoring.artwork import ArtworkModel
from scoring.once import once
from scoring.tastes import tastes

if TYPE_CHECKING:
    from campaigns.planning.runs import Run
    from campaigns.stores import Stores

SQL = statements("campaigns.planning", "looks.sql")
LATE = timedelta(days=3)  # a play as long after the mail is still due to it
KEPT = timedelta(days=60)  # mails older than that teach no more
MOST = 1_000_000  # the newest choices that a fit looks at
CLICK, PLAY = 0.1, 1.0  # what they are worth: plays are what a picture is for
TIME = pl.Datetime("us", "UTC")
SENT = {"campaign": pl.String, "run_date": pl.Date, "member_id": pl.String, "due_at": TIME}
CLICKED = {"campaign": pl.String, "run_date": pl.Date, "member_id": pl.String, "title_id": pl.String}
MAIL, PICK = ["campaign", "run_date", "member_id"], ["campaign", "run_date", "member_id", "title_id"]
CHOICES: dict[str, Any] = {
    "artwork_id": pl.String,
    "candidates": pl.List(pl.String),
    "propensity": pl.Float64,
    "reward": pl.Float64,
    "day": pl.Date,
}


def artwork_model(stores: Stores, run: Run) -> ArtworkModel:
    """The model of a run, from what mails had taught by its cut-off: the same for every shard and after a restart."""
    learnt_from = (
        choices(stores, run.cutoff)
        if not run.opened
        else once(run.folder(stores.home) / "choices.parquet", lambda: choices(stores, run.cutoff))
    )
    return ArtworkModel(seed=0).fit(learnt_from, stores.lake.at("artworks", run.cutoff).collect())


def readers(stores: Stores, run: Run, members: pl.DataFrame) -> pl.DataFrame:
    """What the model looks at in each of `members`; nothing of those who are shown what suits everyone."""
    moments = members.select("member_id", at=pl.lit(run.cutoff).cast(TIME))
    known = tastes(stores.lake, moments).drop("at")
    alike = members.filter(pl.col(arm_of(ARTWORK)) == EVERYONE)["member_id"]
    seen = pl.when(~pl.col("member_id").is_in(alike.implode())).then(pl.exclude("member_id")).name.keep()
    return known.select("member_id", seen)


def choices(stores: Stores, at: datetime, campaign: str | None = None) -> pl.DataFrame:
    """Pictures that were really shown, and what came of them by `at`: `CHOICES` and what was known of each reader.

    `campaign`: those of its mails alone.

    A picture's reward is a play of its title within three days of the mail, or a tenth for a click that none followed.
    """
    if stores.lake.is_empty("decisions"):
        return pl.DataFrame(schema=CHOICES)
    since = {"from": (at - KEPT - LATE).date(), "until": at - LATE}
    sent = stores.database.frame(SQL["sent"], since, SENT)
    ours = sent if campaign is None else sent.filter(pl.col("campaign") == campaign)
    logged = stores.lake.scan("decisions").filter(pl.col("kind") == "artwork").join(ours.lazy(), on=MAIL).collect()
    shown = logged.sort("run_date", *PICK[2:], descending=True).head(MOST)
    clicked = stores.database.frame(SQL["clicked"], since, CLICKED).unique()
    played = _played(stores, shown)
    reward = pl.when(pl.col("played")).then(PLAY).when(pl.col("clicked")).then(CLICK).otherwise(0.0)
    told = (
        shown.join(clicked.with_columns(clicked=pl.lit(value=True)), on=PICK, how="left", maintain_order="left")
        .join(played.with_columns(played=pl.lit(value=True)), on=PICK, how="left", maintain_order="left")
        .with_columns(pl.col("played", "clicked").fill_null(value=False))
        .select(*MAIL, "candidates", "propensity", artwork_id="choice", reward=reward, day="run_date")
    )
    moments = told.select("member_id", at=pl.col("run_date").cast(TIME)).unique()
    about = tastes(stores.lake, moments).with_columns(run_date=pl.col("at").dt.date()).drop("at")
    known = told.join(about, on=["member_id", "run_date"], how="left", maintain_order="left")
    return known.drop("campaign", "run_date", "member_id")


def _played(stores: Stores, shown: pl.DataFrame) -> pl.DataFrame:
    """Which of the titles shown were played within three days of their mail."""
    asked = shown.select(*PICK, "due_at").lazy()
    soon = pl.col("played_at").is_between(pl.col("due_at"), pl.col("due_at") + LATE, closed="left")
    plays = stores.lake.scan("plays").select("member_id", "title_id", "played_at")
    return asked.join(plays, on=["member_id", "title_id"]).filter(soon).select(PICK).unique().collect()
