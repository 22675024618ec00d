"""What mails brought: what was shown in them, what their members then played or clicked, and what was known of each.

Pictures and the order of rows learn from the same mails; what is read of those is read once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from campaigns.db import statements
from scoring.lake.schema import TIME
from scoring.tastes import tastes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from campaigns.stores import Stores

SQL = statements("campaigns.planning", "lessons.sql")
PICTURE, ORDER = "artwork", "order"  # kinds of decisions that are drawn for each mail
LATE = timedelta(days=3)  # a play as long after the mail is still due to it
KEPT = timedelta(days=60)  # mails older than that teach no more
MOST = 100_000  # the newest mails that a fit looks at
CLICK, PLAY = 0.1, 1.0  # what they are worth: plays are what a mail is for
MAIL, PICK = ["campaign", "run_date", "member_id"], ["campaign", "run_date", "member_id", "title_id"]
SENT: dict[str, Any] = {"campaign": pl.String, "run_date": pl.Date, "member_id": pl.String, "due_at": TIME}
CLICKED: dict[str, Any] = {"campaign": pl.String, "run_date": pl.Date, "member_id": pl.String, "title_id": pl.String}
RESPONSES: dict[str, Any] = {**CLICKED, "reward": pl.Float64}
SHOWN: dict[str, Any] = {
    **CLICKED,
    "kind": pl.String,
    "choice": pl.String,
    "candidates": pl.List(pl.String),
    "propensity": pl.Float64,
}
CHOICES: dict[str, Any] = {
    "artwork_id": pl.String,
    "candidates": pl.List(pl.String),
    "propensity": pl.Float64,
    "reward": pl.Float64,
    "day": pl.Date,
}


class Lessons:
    """What the newest mails that went out three days before `at`, or earlier, had brought by then.

    Each part is read when it is first asked for, and once. `campaign`: of its mails alone.
    """

    def __init__(self, stores: Stores, at: datetime, campaign: str | None = None) -> None:
        self.stores, self.at, self.campaign = stores, at, campaign

    @cached_property
    def sent(self) -> pl.DataFrame:
        """The mails: `SENT`."""
        if self.stores.lake.is_empty("decisions"):
            return pl.DataFrame(schema=SENT)
        every = self.stores.database.frame(SQL["sent"], self._days, SENT)
        ours = every if self.campaign is None else every.filter(pl.col("campaign") == self.campaign)
        return ours.sort("run_date", "member_id", "campaign", descending=True).head(MOST)

    @cached_property
    def shown(self) -> pl.DataFrame:
        """What was drawn for them, pictures and places: `SHOWN`."""
        if self.sent.is_empty():
            return pl.DataFrame(schema=SHOWN)
        logged = self.stores.lake.scan("decisions").filter(pl.col("kind").is_in([PICTURE, ORDER]))
        ours = logged.join(self.sent.lazy(), on=MAIL, how="semi").select(list(SHOWN)).collect()
        return ours.sort("run_date", "member_id", "campaign", "title_id", "choice", descending=True)

    @cached_property
    def responses(self) -> pl.DataFrame:
        """What of them was played within three days of the mail, or clicked in it: the columns of `PICK`, reward."""
        if self.sent.is_empty():
            return pl.DataFrame(schema=RESPONSES)
        soon = pl.col("played_at").is_between(pl.col("due_at"), pl.col("due_at") + LATE, closed="left")
        lately = pl.col("played_at") >= self.at - KEPT - 2 * LATE
        plays = self.stores.lake.scan("plays").filter(lately).select("member_id", "title_id", "played_at")
        played = self.sent.lazy().join(plays, on="member_id").filter(soon).select(*PICK, reward=pl.lit(PLAY)).collect()
        clicked = self.stores.database.frame(SQL["clicked"], self._days, CLICKED)
        ours = clicked.join(self.sent, on=MAIL, how="semi").with_columns(reward=pl.lit(CLICK))
        return pl.concat([played, ours]).group_by(PICK).agg(pl.col("reward").max())

    @cached_property
    def readers(self) -> pl.DataFrame:
        """What was known of each member when the mail's day began: member_id, day and their `tastes`."""
        moments = self.sent.select("member_id", at=pl.col("run_date").cast(TIME)).unique()
        return tastes(self.stores.lake, moments).with_columns(day=pl.col("at").dt.date()).drop("at")

    def of(self, shown: pl.DataFrame, rewards: pl.DataFrame, on: Sequence[str]) -> pl.DataFrame:
        """`CHOICES`, a number for each reader, and what was known of them, from choices and rewards that name `on`."""
        told = shown.join(rewards, on=on, how="left", maintain_order="left").select(
            "member_id",
            "candidates",
            "propensity",
            pl.col("reward").fill_null(0.0),
            artwork_id="choice",
            day="run_date",
        )
        known = told.join(self.readers, on=["member_id", "day"], how="left", maintain_order="left")
        reader = pl.col("member_id").rank("dense").alias("reader_id")
        return known.select(*CHOICES, reader, pl.exclude(*CHOICES, "member_id"))

    @property
    def _days(self) -> dict[str, Any]:
        return {"from": (self.at - KEPT - LATE).date(), "until": self.at - LATE}
