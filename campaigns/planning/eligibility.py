"""Whom a run may choose from: lapsed members of the audience, and the first reason against each who may not be."""

from __future__ import annotations

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
    "other_campaign",
    "global_holdout",
    "frequency_cap",
    "no_titles",
)
GLOBAL_HOLDOUT = "encore/global-holdout"  # its salt never changes
CONTACTS = {"member_id": pl.String, "reason": pl.String}


def contacts(database: Database, run: Run, settings: Settings) -> pl.DataFrame:
    """Every contact, with the first reason that PostgreSQL knows against writing to them today."""
    cap = settings.frequency_cap
    values = {
        "campaign_id": run.campaign_id,
        "run_date": run.run_date,
        "now": run.now,
        "again_after": run.asked.run.again_after_days,
        "cap_since": run.now - cap.within,
        "cap_mails": cap.mails,
    }
    return database.frame(SQL["contacts"], values, CONTACTS)


def eligible(
    snapshot: pl.DataFrame, run: Run, settings: Settings, known: pl.DataFrame, titles: pl.DataFrame
) -> pl.DataFrame:
    """The snapshot's lapsed members that match the audience, with the first `reason` against choosing them, or null.

    Args:
        snapshot: of the run's cut-off.
        run: the run.
        settings: for the global holdout.
        known: what `contacts` says of these members.
        titles: member_id, titles (how many each may still be shown).
    """
    days = pl.col("days_since_play").floor()
    lapsed = snapshot.with_columns(days_since_play=days).filter(lapsed_on(run), holds(run.asked.rules()))
    told = known.with_columns(told=pl.lit(value=True))
    joined = lapsed.join(told, on="member_id", how="left").join(titles, on="member_id", how="left")
    held = chance.uniforms(joined["member_id"], GLOBAL_HOLDOUT) < settings.global_holdout
    reasons = [
        pl.when(pl.col("told").is_null()).then(pl.lit("no_consent")),
        pl.when(pl.col("reason") != "frequency_cap").then("reason"),
        pl.when(held).then(pl.lit("global_holdout")),
        pl.col("reason"),
        pl.when(pl.col("titles").fill_null(0) <= 0).then(pl.lit("no_titles")),
    ]
    features = snapshot.select("member_id", exact="days_since_play")
    whole = joined.with_columns(reason=pl.coalesce(reasons)).drop("told", "titles")
    return whole.join(features, on="member_id").with_columns(days_since_play="exact").drop("exact")


def lapsed_on(run: Run) -> pl.Expr:
    """True for those who count as lapsed: cancelled, or without a play for long enough and not for too long."""
    lapsed = run.asked.lapsed
    conditions = []
    if lapsed.cancelled:
        conditions.append(pl.col("cancelled"))
    if lapsed.inactive_days is not None:
        conditions.append(pl.col("days_since_play").is_between(*lapsed.inactive_days))
    return pl.any_horizontal(conditions)


def count_reasons(members: pl.DataFrame) -> dict[str, int]:
    """How many were excluded for each reason, in the fixed order."""
    counts = dict(members.filter(pl.col("reason").is_not_null()).group_by("reason").len().iter_rows())
    return {reason: counts[reason] for reason in REASONS if reason in counts}
