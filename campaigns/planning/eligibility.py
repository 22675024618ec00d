"""Whom a run may choose from: lapsed members of the audience, and the first reason against each who may not be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from campaigns.audience import holds
from campaigns.planning.runs import SQL
from scoring import chance

if TYPE_CHECKING:
    from campaigns.db import Database
    from campaigns.planning.runs import Run
    from campaigns.settings import Settings

REASONS = (
    "no_consent",
    "no_address",
    "suppressed",
    "same_address",
    "already_in_campaign",
    "global_holdout",
    "frequency_cap",
    "no_titles",
    "other_campaign",
)
GLOBAL_HOLDOUT = "encore/global-holdout"  # its salt never changes
CONTACTS = {
    "member_id": pl.String,
    "refusal": pl.String,  # the first of no_consent, no_address, suppressed
    "address": pl.String,  # where several who may be written to share it
    "entered": pl.Boolean,  # has an entry in this campaign
    "already": pl.Boolean,  # and may not be chosen anew
    "capped": pl.Boolean,
    "other": pl.Boolean,  # another campaign has a message for them today
}


def contacts(database: Database, run: Run, settings: Settings, members: Sequence[str] | None = None) -> pl.DataFrame:
    """What PostgreSQL knows of every contact (`CONTACTS`), or of `members` and of others at their addresses."""
    cap = settings.frequency_cap
    values = {
        "campaign_id": run.campaign_id,
        "run_date": run.run_date,
        "now": run.now,
        "again_after": run.asked.run.again_after_days,
        "cap_since": run.now - cap.within,
        "cap_mails": cap.mails,
        "members": None if members is None else list(members),
    }
    return database.frame(SQL["contacts"], values, CONTACTS)


def one_an_address(known: pl.DataFrame, candidates: pl.Series) -> pl.DataFrame:
    """`known` with refusal `same_address` for all but one of those who share an address.

    The one is whom the campaign wrote to before, else the first of the `candidates` (ids) by id.
    """
    sharing = known.filter(pl.col("address").is_not_null())
    able = sharing.filter(pl.col("entered") | pl.col("member_id").is_in(candidates.implode()))
    first = able.sort(~pl.col("entered"), "member_id").unique("address", keep="first", maintain_order=True)
    second = pl.col("address").is_not_null() & (pl.col("member_id") != pl.col("first"))
    told = known.join(first.select("address", first="member_id"), on="address", how="left", maintain_order="left")
    return told.with_columns(refusal=pl.when(second).then(pl.lit("same_address")).otherwise("refusal")).drop("first")


def candidates(snapshot: pl.LazyFrame, run: Run) -> pl.LazyFrame:
    """The snapshot's lapsed members that match the audience."""
    return snapshot.filter(lapsed_on(run), holds(run.asked.rules()))


def eligible(
    snapshot: pl.DataFrame, run: Run, settings: Settings, known: pl.DataFrame, titles: pl.DataFrame
) -> pl.DataFrame:
    """The candidates, with the first `reason` against choosing them, or null.

    Args:
        snapshot: of the run's cut-off.
        run: the run.
        settings: for the global holdout.
        known: what `contacts` and `one_an_address` say of these members.
        titles: member_id, titles (how many each may still be shown).
    """
    found = candidates(snapshot.lazy(), run).collect()
    told = known.drop("address", "entered").with_columns(told=pl.lit(value=True))
    joined = found.join(told, on="member_id", how="left").join(titles, on="member_id", how="left")
    reasons = [
        pl.when(pl.col("told").is_null()).then(pl.lit("no_consent")),
        pl.col("refusal"),
        pl.when("already").then(pl.lit("already_in_campaign")),
        pl.when(globally_held_out(joined["member_id"], settings)).then(pl.lit("global_holdout")),
        pl.when("capped").then(pl.lit("frequency_cap")),
        pl.when(pl.col("titles").fill_null(0) <= 0).then(pl.lit("no_titles")),
        pl.when("other").then(pl.lit("other_campaign")),
    ]
    return joined.select(*found.columns, reason=pl.coalesce(reasons))


def globally_held_out(members: pl.Series, settings: Settings) -> pl.Series:
    """Which of these ids no campaign ever mails."""
    if not settings.global_holdout:
        return pl.repeat(value=False, n=len(members), eager=True)
    return chance.uniforms(members, GLOBAL_HOLDOUT) < settings.global_holdout


def lapsed_on(run: Run) -> pl.Expr:
    """True for those who count as lapsed: cancelled, or without a play for long enough and not for too long."""
    lapsed = run.asked.lapsed
    conditions = []
    if lapsed.cancelled:
        conditions.append(pl.col("cancelled"))
    if lapsed.inactive_days is not None:
        conditions.append(pl.col("days_since_play").floor().is_between(*lapsed.inactive_days))
    return pl.any_horizontal(conditions)


def count_reasons(members: pl.DataFrame) -> dict[str, int]:
    """How many were excluded for each reason, in the fixed order."""
    counts = dict(members.filter(pl.col("reason").is_not_null()).group_by("reason").len().iter_rows())
    return {reason: counts[reason] for reason in REASONS if reason in counts}
