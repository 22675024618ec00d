"""The win-back report of a campaign: what it did with everyone, and what that won, against the holdout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from campaigns.db import statements
from campaigns.delivery import EXPIRES, Said
from campaigns.errors import NotFound
from campaigns.planning import LAYERS, run_folder
from campaigns.reports import measure
from campaigns.reports.ledger import ledgers
from campaigns.reports.measure import Plan
from scoring.lake.schema import TIME
from scoring.winback.labels import comebacks

if TYPE_CHECKING:
    from campaigns.stores import Stores

SQL = statements("campaigns.reports", "reports.sql")
ENTRIES = {
    "member_id": pl.String,
    "arm": pl.String,
    "first_run": pl.Date,
    "due_at": TIME,
    "propensity": pl.Float64,
    "explored": pl.Boolean,
    **dict.fromkeys(LAYERS, pl.String),
    "country": pl.String,
}


def report(stores: Stores, name: str, as_of: datetime) -> dict[str, Any]:
    """The report as of a time: it knows the facts before it. Its keys are the public surface's.

    Raises:
        NotFound: no campaign is called that.
    """
    campaign = _campaign(stores, name)
    plan = _plan(campaign)
    values = {"id": campaign["id"], "as_of": as_of, "says": [said.value for said in Said], "expires": EXPIRES}
    entries = measure.judged(known_entries(stores, values, as_of, plan), as_of, plan)
    runs = stores.database.rows(SQL["runs"], values)
    ledger, follow_ups = ledgers(runs, stores.database.rows(SQL["states"], values))
    return {
        "campaign": name,
        "as_of": as_of.isoformat(),
        "timezone": str(stores.settings.timezone),
        "state": campaign["state"],
        "within_days": plan.within.days,
        "holdout_share": plan.share,
        "days": [run["run_date"].isoformat() for run in runs],
        "ledger": ledger,
        "follow_ups": follow_ups,
        "members": members(stores, name, runs, entries),
        "win_back": measure.win_back(entries, plan),
        "sequence": _sequence(entries, plan, as_of),
        "known_on": known_on(entries, plan, as_of),
        "time_to_first_play": measure.time_to_first_play(entries, plan),
        "retention": measure.retention(entries, _plays(stores, entries, as_of), as_of),
        "srm": measure.srm(entries, plan),
        "arms": _groups(entries, plan, "layer", LAYERS),
        "experiments": _experiments(campaign, entries, plan),
        "segments": _groups(entries, plan, "segment", ("country", "explored")),
    }


def _campaign(stores: Stores, name: str) -> dict[str, Any]:
    found = stores.database.rows(SQL["campaign"], {"name": name})
    if not found:
        raise NotFound("campaign", name, "`encore campaign list` shows those there are")
    return found[0]


def _plan(campaign: Mapping[str, Any]) -> Plan:
    asked = campaign["definition"]
    within = timedelta(days=asked["win_back"]["within_days"])
    return Plan(asked["holdout"]["share"], within, campaign["planned_members"] or 1)


def _groups(entries: pl.DataFrame, plan: Plan, kind: str, columns: Sequence[str]) -> list[dict[str, Any]]:
    """The comparison within each value of some columns; `kind` says what they are."""
    return [{kind: column, **found} for column in columns for found in measure.groups(entries, plan, column)]


def _experiments(campaign: Mapping[str, Any], entries: pl.DataFrame, plan: Plan) -> list[dict[str, Any]]:
    """Arms against each other, where their shares stayed as they were: else days would be compared, not arms."""
    asked = campaign["definition"].get("experiments", {})
    fixed = {layer: of["arms"] for layer, of in asked.items() if not of.get("learns")}
    return [
        found for layer in LAYERS if layer in fixed for found in measure.contrasts(entries, plan, layer, fixed[layer])
    ]


def known_entries(stores: Stores, values: Mapping[str, Any], as_of: datetime, plan: Plan) -> pl.DataFrame:
    """The campaign's entries with the first comeback within the window, as far as it is known."""
    found = stores.database.frame(SQL["entries"], dict(values), ENTRIES)
    until = pl.min_horizontal(pl.col("due_at") + plan.within, pl.lit(as_of).cast(TIME))
    asked = found.with_columns(since="due_at", until=until)
    return comebacks(asked, stores.lake.scan("plays"), stores.lake.scan("outcomes")).drop("since", "until")


def _plays(stores: Stores, entries: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Plays of the entries' members up to `as_of`."""
    plays = stores.lake.scan("plays").filter(pl.col("played_at") < as_of).select("member_id", "played_at")
    return plays.join(entries.lazy().select("member_id"), on="member_id", how="semi").collect()


def _sequence(entries: pl.DataFrame, plan: Plan, as_of: datetime) -> list[dict[str, Any]]:
    """The difference at the end of each day since the first window closed."""
    first = entries["due_at"].min()
    if not isinstance(first, datetime):
        return []
    start = (first + plan.within).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    last = entries["due_at"].max()
    end = min(as_of, last + plan.within + timedelta(days=1)) if isinstance(last, datetime) else as_of
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    return [{**look, "day": look["day"].date().isoformat()} for look in measure.sequence(entries, plan, days)]


def known_on(entries: pl.DataFrame, plan: Plan, as_of: datetime) -> str | None:
    """The day on which the last window of those entered so far closes; None where all have."""
    last = entries.filter(~pl.col("closed"))["due_at"].max()
    if not isinstance(last, datetime) or last + plan.within <= as_of:
        return None
    return (last.astimezone(UTC) + plan.within).date().isoformat()


def members(
    stores: Stores, name: str, runs: Sequence[Mapping[str, Any]], entries: pl.DataFrame
) -> dict[str, int | None]:
    """Members, where the ledger counts members times runs. `eligible` is None where the runs' files are gone."""
    mailed = entries.filter(pl.col("arm") == "mailed").height
    folders = [run_folder(stores.home, name, run["run_date"]) for run in runs]
    files = [file for folder in folders for file in sorted(folder.glob("scored-*.parquet"))]
    eligible = pl.scan_parquet(files).select(pl.col("member_id").n_unique()).collect().item() if files else None
    return {"eligible": eligible if runs else 0, "mailed": mailed, "held_out": entries.height - mailed}
