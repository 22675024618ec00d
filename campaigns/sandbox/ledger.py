"""The mails that acted or act on members, with what each does: made once, when they are accepted, and never changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from campaigns.sandbox import life, rhythm
from campaigns.sandbox.constants import CONSTANTS as C
from campaigns.sandbox.constants import STYLES
from campaigns.sandbox.draws import Flags, Ints
from campaigns.sandbox.effect import Mails, content_fit, hour_fit, pull_and_push
from campaigns.sandbox.history import CAMPAIGN, Lot
from campaigns.sandbox.life import State, World
from campaigns.sandbox.members import Members
from campaigns.sandbox.rhythm import DAY, HOUR

_STYLES = {style: place for place, style in enumerate(STYLES)}
_COLUMNS: dict[str, Any] = {
    "number": pl.Int64,
    "message": pl.String,
    "campaign": pl.String,
    "run_date": pl.Date,
    "day": pl.Int64,  # of the service, on which it was taken up
    "due": pl.Int64,  # µs since 1970; what follows begins with it, or with the day if that is later
    "lapsed": pl.Boolean,  # the member, as the day began
    "lapsed_on": pl.Int64,  # the day from which they had
    "cancelled": pl.Boolean,
    "fit": pl.Float64,
    "since": pl.Float64,  # rhythm days
    "pull": pl.Float64,
    "push": pl.Float64,
    "titles": pl.List(pl.Int64),
}
LEDGER = pl.Schema(_COLUMNS)


def entries(
    world: World, who: Members, state: State, day: int, shown: pl.DataFrame, before: Ints, seen: Flags
) -> pl.DataFrame:
    """The day's new mails as rows of the ledger.

    Args:
        world: the world.
        who: the reader of each mail.
        state: theirs, as the day begins.
        day: since 1970.
        shown: the mails, in the columns of `reader.SHOWN`.
        before: how many mails each reader had in the days before.
        seen: [mails × places] whether the reader has played the title.
    """
    numbers = shown["titles"].list.eval(pl.element().str.strip_prefix("t").cast(pl.Int64))
    titles, styles = (
        padded(numbers),
        padded(shown["styles"].list.eval(pl.element().replace_strict(_STYLES, default=-1))),
    )
    told = shown["due_at"].is_not_null().to_numpy()
    due = np.where(told, shown["due_at"].dt.timestamp("us").fill_null(0).to_numpy(), _evening(who, shown["run_date"]))
    begins = np.maximum(due, day * DAY)
    local = begins + life.offset(who, day)
    hour = hour_fit(np.where(told, rhythm.liking(due + life.offset(who, day), who.peak), np.nan))
    fit = hour * content_fit(world.titles, who, titles, styles, seen, begins, state.last_play)
    pull, push = pull_and_push(who, fit, state.lapsed_days(day), state.cancelled, before)
    lapsed = ~state.active
    return (
        shown.select("message", "campaign", "run_date")
        .with_columns(
            number=pl.Series(who.numbers),
            titles=numbers,
            day=pl.lit(day),
            due=pl.Series(due),
            lapsed=pl.Series(lapsed),
            lapsed_on=pl.Series(state.since),
            cancelled=pl.Series(state.cancelled),
            fit=pl.Series(fit),
            since=pl.Series(rhythm.elapsed(local, who.peak)),
            pull=pl.Series(np.where(lapsed, pull, 0.0)),
            push=pl.Series(np.where(lapsed, push, 0.0)),
        )
        .select(pl.col(name).cast(kind) for name, kind in LEDGER.items())
    )


def of_lots(numbers: Ints, lots: list[Lot]) -> pl.DataFrame:
    """The earlier system's mails to these members as rows of the ledger."""
    return pl.concat([_of_lot(numbers, lot) for lot in lots])


def _of_lot(numbers: Ints, lot: Lot) -> pl.DataFrame:
    frame = pl.DataFrame(
        {
            "number": numbers[lot.mails.row],
            "campaign": [CAMPAIGN] * len(lot.mails.row),
            "day": [lot.day] * len(lot.mails.row),
            "due": lot.sent_at[lot.mailed],
            "lapsed_on": lot.lapsed_on[lot.mailed],
            "cancelled": lot.cancelled[lot.mailed],
            "fit": lot.fit[lot.mailed],
            "since": lot.mails.since,
            "pull": lot.mails.pull,
            "push": lot.mails.push,
        },
        schema_overrides=LEDGER,
    ).with_columns(
        message=pl.format("{}-{}-{}", "campaign", "day", "number"),
        run_date=pl.col("day").cast(pl.Int32).cast(pl.Date),
        lapsed=True,
        titles=pl.lit([], pl.List(pl.Int64)),
    )
    return frame.select(pl.col(name).cast(kind) for name, kind in LEDGER.items())


def acting(ledger: pl.DataFrame, numbers: Ints, day: int) -> Mails:
    """The mails that still act on these members (ascending numbers) on a day."""
    lately = ledger.filter(pl.col("day") > day - C.effect_days, pl.col("day") <= day, pl.col("number").is_in(numbers))
    row = np.searchsorted(numbers, lately["number"].to_numpy())
    since, pull, push = (lately[name].to_numpy() for name in ("since", "pull", "push"))
    return Mails(row, since, pull, push, padded(lately["titles"]))


def mails_before(ledger: pl.DataFrame, numbers: pl.Series, day: int) -> Ints:
    """How many mails each member had in the days before `day` that still tire them."""
    lately = ledger.filter(pl.col("day") > day - C.tired_days, pl.col("day") < day)
    counts = lately.group_by("number").agg(n=pl.len().cast(pl.Int64))
    found: Ints = (
        numbers.to_frame("number")
        .join(counts, on="number", how="left", maintain_order="left")["n"]
        .fill_null(0)
        .to_numpy()
    )
    return found


def padded(lists: pl.Series) -> Ints:
    """Lists as a matrix of `places` columns, -1 where they end."""
    matrix = np.full((len(lists), C.places), -1, dtype=np.int64)
    for place in range(C.places):
        matrix[:, place] = lists.list.get(place, null_on_oob=True).fill_null(-1).to_numpy()
    return matrix


def _evening(who: Members, run_dates: pl.Series) -> Ints:
    days = run_dates.cast(pl.Date).to_physical().cast(pl.Int64).to_numpy()
    evening: Ints = days * DAY + C.evening * HOUR - rhythm.offsets(who.zone, days)
    return evening
