"""What training learns from: members at a moment, whom a known chance decided to mail or to hold out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from scoring.errors import BadData
from scoring.lake.schema import TIME
from scoring.winback.chances import surely_false

if TYPE_CHECKING:
    from scoring.lake.store import Lake

LIKELY = (0.01, 0.99)  # P(mailed) of trials that are learnt from: beyond, one member would count for a hundred
ALIKE = 2  # decimals of P(mailed): trials in which it is the same by these are checked together
TRIAL = pl.Schema(
    {
        "member_id": pl.String(),
        "at": TIME,  # the moment whose features it has
        "since": TIME,
        "until": TIME,
        "arm": pl.String(),  # mailed or holdout
        "propensity": pl.Float64(),  # P(mailed); null: not known
        "campaign": pl.String(),
    }
)
_ALIKE = pl.col("propensity").round(ALIKE).alias("alike")
WHOLE = ["member_id", "at", "since", "until", "arm"]


def imported_trials(lake: Lake, within: timedelta, as_of: datetime) -> pl.DataFrame:
    """The trials of another system that have matured by `as_of`, in the columns of `TRIAL`.

    Both arms are judged from the start of their day: only the mailed have a time of sending, and whoever watched before
    it would count in one arm alone.
    """
    day = pl.col("run_date").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return (
        lake.scan("mailings")
        .select("member_id", "arm", "propensity", "campaign", at=day, since=day, until=day + within)
        .filter(pl.col("until") <= as_of)
        .collect()
        .select(list(TRIAL))
    )


def checked(trials: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Trials in the columns and types of `TRIAL`; times may come in any unit.

    Raises:
        BadData: a column that is absent or of another kind, or trials of which anything but the chance is missing,
            whose arm is neither, or whose windows end before they begin, begin before `at`, or end after `as_of`.
    """
    typed = _typed(trials)
    since, until, late = pl.col("since"), pl.col("until"), f"{as_of:%Y-%m-%d %H:%M}"
    refused = (
        (pl.any_horizontal(pl.col(WHOLE).is_null()), "lack a member, a time or an arm", "leave them out"),
        (~pl.col("arm").is_in(["mailed", "holdout"]), "have an arm that is neither", "say mailed or holdout"),
        (until > as_of, f"have windows that close after {late}", "leave them for a later training"),
        (until <= since, "have windows that end before they have begun", "give until after since"),
        (
            since < pl.col("at"),
            "have windows that begin before the moment whose features they have",
            "a comeback must not be known already: begin the window at that moment or later",
        ),
    )
    for wrong, why, mend in refused:
        count = typed.filter(wrong).height
        if count:
            raise BadData("trials", f"{count:,} {why}", mend)
    return typed


def usable(trials: pl.DataFrame) -> pl.DataFrame:
    """Of `checked` trials one for a member and moment, by member, where its chance is within `LIKELY`.

    Of several at once, who was mailed in any of them was mailed, and the chance is that of any; it is not known where
    one of theirs is not.
    """
    chance = pl.when(pl.col("propensity").is_between(0, 1)).then("propensity")
    together = trials.group_by("member_id", "at").agg(
        since=pl.col("since").min(),
        until=pl.col("until").min(),
        arm=pl.when((pl.col("arm") == "mailed").any()).then(pl.lit("mailed")).otherwise(pl.lit("holdout")),
        propensity=pl.when(chance.is_not_null().all()).then(1 - (1 - chance).product()),
    )
    return together.filter(pl.col("propensity").is_between(*LIKELY)).sort("member_id", "at")


def without_false_chances(trials: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """`checked` trials, without the chances that a campaign cannot have drawn by; and which these are, in words.

    The trials themselves stay: whoever was mailed in one of them is no holdout of another.
    """
    told = _groups(trials)
    false = told.filter(surely_false(*(told[name].to_numpy() for name in ("share", "chance", "draws"))))
    keys = ["campaign", "alike"]
    known = trials.with_columns(_ALIKE).join(
        false.select(*keys, false=pl.lit(value=True)), on=keys, how="left", nulls_equal=True, maintain_order="left"
    )
    true = pl.when(pl.col("false").is_null()).then("propensity")
    return known.with_columns(propensity=true).select(list(TRIAL)), _in_words(false)


def _groups(trials: pl.DataFrame) -> pl.DataFrame:
    """A campaign's trials of like chances: how many, their mean chance, the share mailed, and the draws they are worth.

    Trials of one member may all have been decided by one draw: only members are independent, and some weigh more.
    """
    possible = trials.filter(pl.col("propensity").is_between(0, 1))
    mailed = (pl.col("arm") == "mailed").sum()
    own = possible.group_by("campaign", _ALIKE, "member_id").agg(
        trials=pl.len(), mailed=mailed, chance=pl.sum("propensity")
    )
    every = pl.col("trials").sum()
    return (
        own.with_columns(pl.col("trials").cast(pl.Float64))
        .group_by("campaign", "alike")
        .agg(
            trials=every.cast(pl.Int64),
            draws=every**2 / (pl.col("trials") ** 2).sum(),
            chance=pl.col("chance").sum() / every,
            share=pl.col("mailed").sum() / every,
        )
    )


def _in_words(groups: pl.DataFrame) -> list[str]:
    """A sentence for each campaign."""
    means = [pl.col(name).dot("trials") / pl.col("trials").sum() for name in ("chance", "share")]
    told = groups.group_by("campaign").agg(pl.col("trials").sum(), *means).sort("campaign")
    return [
        f"{trials:,} trials of {campaign} are left out: "
        f"P(mailed) is told as {chance:.3g}, where {share:.3g} were mailed"
        for campaign, trials, chance, share in told.iter_rows()
    ]


def _typed(trials: pl.DataFrame) -> pl.DataFrame:
    absent = [name for name in TRIAL if name not in trials.columns]
    if absent:
        raise BadData(f"trials.{absent[0]}", "the column is missing", f"give {', '.join(TRIAL)}")
    try:
        return trials.select(pl.col(name).cast(kind) for name, kind in TRIAL.items())
    except pl.exceptions.PolarsError as error:
        raise BadData(
            "trials", f"a column is of another kind ({error})".splitlines()[0], "give times as times"
        ) from None
