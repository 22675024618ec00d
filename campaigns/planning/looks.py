"""Which picture of a title suits whom: what earlier mails taught, and what is known of those who are written to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from campaigns.db import statements
from campaigns.planning.layers import ARTWORK, EVERYONE, arm_of
from scoring.artwork import ArtworkModel
from scoring.tastes import tastes

if TYPE_CHECKING:
    from collections.abc import Sequence

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
REWARDS: dict[str, Any] = {**CLICKED, "reward": pl.Float64}
LOGGED: dict[str, Any] = {
    **dict.fromkeys(MAIL, pl.String),
    "run_date": pl.Date,
    "title_id": pl.String,
    "choice": pl.String,
    "candidates": pl.List(pl.String),
    "propensity": pl.Float64,
    "due_at": TIME,
}
CHOICES: dict[str, Any] = {
    "artwork_id": pl.String,
    "candidates": pl.List(pl.String),
    "propensity": pl.Float64,
    "reward": pl.Float64,
    "day": pl.Date,
}


def artwork_model(stores: Stores, run: Run) -> ArtworkModel:
    """The model of a run, from what mails had taught by its cut-off: the same for every shard and after a restart."""
    learnt_from = run.once(stores.home, "choices", lambda: choices(stores, run.cutoff))
    return ArtworkModel(seed=0).fit(learnt_from, stores.lake.at("artworks", run.cutoff).collect())


def readers(stores: Stores, run: Run, members: pl.DataFrame) -> pl.DataFrame:
    """What models look at in each of `members`: member_id and their `tastes`."""
    moments = members.select("member_id", at=pl.lit(run.cutoff).cast(TIME))
    return tastes(stores.lake, moments).drop("at")


def as_everyone(known: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """`known`, with nothing of those who are shown the pictures that suit everyone."""
    alike = members.filter(pl.col(arm_of(ARTWORK)) == EVERYONE)["member_id"]
    seen = pl.when(~pl.col("member_id").is_in(alike.implode())).then(pl.exclude("member_id")).name.keep()
    return known.select("member_id", seen)


def choices(stores: Stores, at: datetime, campaign: str | None = None) -> pl.DataFrame:
    """Pictures that were really shown, and what came of them by `at`: `CHOICES` and what was known of each reader.

    `campaign`: those of its mails alone.

    A picture's reward is a play of its title within three days of the mail, or a tenth for a click that none followed.
    """
    shown = shown_in(stores, at, "artwork", campaign)
    return rewarded(stores, shown, responses(stores, shown, at), PICK)


def shown_in(stores: Stores, at: datetime, kind: str, campaign: str | None = None) -> pl.DataFrame:
    """The newest choices of a kind in mails that went out three days before `at` or earlier: `LOGGED`."""
    if stores.lake.is_empty("decisions"):
        return pl.DataFrame(schema=LOGGED)
    sent = stores.database.frame(SQL["sent"], _since(at), SENT)
    ours = sent if campaign is None else sent.filter(pl.col("campaign") == campaign)
    logged = stores.lake.scan("decisions").filter(pl.col("kind") == kind).join(ours.lazy(), on=MAIL).collect()
    newest = logged.sort("run_date", "member_id", "title_id", "choice", descending=True).head(MOST)
    return newest.select(list(LOGGED))


def responses(stores: Stores, shown: pl.DataFrame, at: datetime) -> pl.DataFrame:
    """What members played within three days of these mails, or clicked in them: the columns of `PICK`, reward."""
    if shown.is_empty():
        return pl.DataFrame(schema=REWARDS)
    mails = shown.select(*MAIL, "due_at").unique().lazy()
    soon = pl.col("played_at").is_between(pl.col("due_at"), pl.col("due_at") + LATE, closed="left")
    lately = pl.col("played_at") >= at - KEPT - 2 * LATE
    plays = stores.lake.scan("plays").filter(lately).select("member_id", "title_id", "played_at")
    played = mails.join(plays, on="member_id").filter(soon).select(*PICK, reward=pl.lit(PLAY)).collect()
    clicked = stores.database.frame(SQL["clicked"], _since(at), CLICKED).with_columns(reward=pl.lit(CLICK))
    ours = clicked.join(mails.collect(), on=MAIL, how="semi")
    return pl.concat([played, ours]).group_by(PICK).agg(pl.col("reward").max())


def rewarded(stores: Stores, shown: pl.DataFrame, rewards: pl.DataFrame, on: Sequence[str]) -> pl.DataFrame:
    """`CHOICES` and what was known of each reader, from `LOGGED` choices and rewards, which name the same `on`."""
    if shown.is_empty():
        return pl.DataFrame(schema=CHOICES)
    told = shown.join(rewards, on=on, how="left", maintain_order="left").select(
        "member_id", "candidates", "propensity", pl.col("reward").fill_null(0.0), artwork_id="choice", day="run_date"
    )
    moments = told.select("member_id", at=pl.col("day").cast(TIME)).unique()
    about = tastes(stores.lake, moments).with_columns(day=pl.col("at").dt.date()).drop("at")
    known = told.join(about, on=["member_id", "day"], how="left", maintain_order="left")
    return known.select(*CHOICES, pl.exclude(*CHOICES, "member_id"))


def _since(at: datetime) -> dict[str, Any]:
    return {"from": (at - KEPT - LATE).date(), "until": at - LATE}
