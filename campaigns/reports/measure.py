"""From entries and comebacks to the numbers of a report.

Entries count as intended, sent or not, once their window has closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

from campaigns.reports.statistics import Effect, compare, sample_ratio
from scoring.errors import BadData
from scoring.evidence import (
    LifeTable,
    days_earlier,
    followed,
    life_table,
    planned_u,
    survival,
    time_lost,
    weekly_retention,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

ARMS = ("mailed", "holdout")
WEEKS = 12  # of retention, at most
HELD_AGAINST = ("popular", "everyone", "as_predicted", "best")  # arms that are what there was before
FEW_IN_SEGMENT = 200  # closed entries, below which a segment says nothing


class Plan(NamedTuple):
    """What was registered before the first look."""

    share: float  # of the holdout
    within: timedelta
    planned_members: int


def judged(entries: pl.DataFrame, as_of: datetime, plan: Plan) -> pl.DataFrame:
    """Entries (arm, due_at, came_at) with: closed (has the window closed), won, days (followed, in whole days)."""
    ends = pl.col("due_at") + plan.within
    stop = pl.min_horizontal(ends, pl.lit(as_of), pl.col("came_at"))
    came = pl.col("came_at").is_not_null()
    return entries.filter(pl.col("due_at") < as_of).with_columns(
        closed=ends <= as_of, won=came, days=(stop - pl.col("due_at")).dt.total_days().clip(0)
    )


def tallies(entries: pl.DataFrame) -> dict[str, tuple[int, int]]:
    """Members and comebacks of each arm, over entries whose window has closed."""
    closed = entries.filter("closed")
    counts = {
        arm: (n, won) for arm, n, won in closed.group_by("arm").agg(n=pl.len(), won=pl.col("won").sum()).iter_rows()
    }
    return {arm: counts.get(arm, (0, 0)) for arm in ARMS}


def effect(counts: Mapping[str, tuple[int, int]], plan: Plan) -> Effect:
    """What mailing changed."""
    return compare(
        mailed=counts["mailed"],
        holdout=counts["holdout"],
        planned_members=plan.planned_members,
        mailed_share=1 - plan.share,
    )


def win_back(entries: pl.DataFrame, plan: Plan) -> dict[str, Any]:
    """The report's `win_back`."""
    counts = tallies(entries)
    found = effect(counts, plan)
    mailed = counts["mailed"][0]
    return {
        **{arm: _rate(*counts[arm]) for arm in ARMS},
        "difference": {
            "estimate": found.difference,
            "low": found.low,
            "high": found.high,
            "method": found.method,
            "e_value": found.e_value,
            "p_always_valid": found.p_always_valid,
        },
        "relative_lift": {"estimate": found.relative, "low": found.relative_low, "high": found.relative_high},
        "incremental": {
            "estimate": _times(found.difference, mailed),
            "low": _times(found.low, mailed),
            "high": _times(found.high, mailed),
        },
    }


def _times(rate: float | None, members: int) -> float | None:
    return None if rate is None else rate * members


def _rate(members: int, won: int) -> dict[str, Any]:
    return {"members": members, "won_back": won, "rate": won / members if members else None}


def sequence(entries: pl.DataFrame, plan: Plan, days: Sequence[datetime]) -> list[dict[str, Any]]:
    """The difference as it stood at each of `days`, so that a reader sees it settle."""
    ends = entries.select("arm", "won", end=pl.col("due_at") + plan.within).sort("end")
    found = []
    for day in days:
        counts = tallies(ends.filter(pl.col("end") <= day).with_columns(closed=pl.lit(value=True)))
        look = effect(counts, plan)
        if look.difference is not None:
            found.append({"day": day, "estimate": look.difference, "low": look.low, "high": look.high})
    return found


def time_to_first_play(entries: pl.DataFrame, plan: Plan) -> dict[str, Any]:
    """How fast members came back: the curve of each arm, and the days that mailing saved a member within the window."""
    tables = {arm: _table(entries.filter(pl.col("arm") == arm), plan.within.days) for arm in ARMS}
    days = min((followed(table) for table in tables.values()), default=0)
    told = {arm: _curve(table, days) for arm, table in tables.items()}
    return {**told, "difference_days": _earlier(tables, days, entries.height, plan)}


def _table(entries: pl.DataFrame, horizon: int) -> LifeTable:
    return life_table(entries["days"].to_numpy(), entries["won"].to_numpy(), horizon=horizon)


def _curve(table: LifeTable, days: int) -> dict[str, Any]:
    members = int(table.at_risk[0]) if len(table.at_risk) else 0
    lost = time_lost(table, days=days).estimate if members and days else None
    back = [0.0, *(1 - survival(table)[:days]).tolist()] if members else []  # within so many days: 0, 1, …
    return {"members": members, "days_within": days, "days_won": lost, "came_back_by_day": back}


def _earlier(tables: Mapping[str, LifeTable], days: int, members: int, plan: Plan) -> dict[str, Any]:
    try:
        u = planned_u(members, plan.planned_members)
        found = days_earlier(tables["mailed"], tables["holdout"], days=days, u=u)
    except BadData:  # nobody has been followed for a day yet
        return {"estimate": None, "low": None, "high": None}
    return {"estimate": found.days, "low": found.low, "high": found.high}


def retention(entries: pl.DataFrame, plays: pl.DataFrame, as_of: datetime) -> dict[str, Any]:
    """Who plays in each week since the mail was due. `plays`: member_id, played_at, from each entry's due time on."""
    weeks: dict[int, dict[str, Any]] = {}
    for arm in ARMS:
        mine = entries.filter(pl.col("arm") == arm).with_row_index("place")
        reached = (pl.lit(as_of) - pl.col("due_at")).dt.total_days().clip(0, 7 * WEEKS)
        seen = plays.join(mine.select("member_id", "place", "due_at"), on="member_id").filter(
            pl.col("played_at") >= pl.col("due_at")
        )
        day = seen.select(day=(pl.col("played_at") - pl.col("due_at")).dt.total_days())["day"]
        followed_for = mine.select(days=reached)["days"].to_numpy()
        for week in weekly_retention(followed_for, seen["place"].to_numpy().astype(np.int64), day.to_numpy()):
            row = weeks.setdefault(week.week, {"week": week.week, "mailed": None, "holdout": None})
            row[arm] = week.active / week.members if week.members else None
    return {"weeks": [weeks[week] for week in sorted(weeks)]}


def srm(entries: pl.DataFrame, plan: Plan) -> dict[str, Any]:
    """Do the arms' sizes fit the share that was drawn? An alarm says that members were lost on one side."""
    counts = [entries.filter(pl.col("arm") == arm).height for arm in ARMS]
    found = sample_ratio(counts, [1 - plan.share, plan.share])
    return {"e_value": found.e_value, "alarm": found.alarm}


def groups(entries: pl.DataFrame, plan: Plan, column: str) -> list[dict[str, Any]]:
    """The comparison within each value of `column`; those too small to say anything are left out."""
    found = []
    for (value,), part in sorted(entries.partition_by(column, as_dict=True).items(), key=lambda item: str(item[0])):
        counts = tallies(part)
        if value is not None and sum(n for n, _ in counts.values()) >= FEW_IN_SEGMENT:
            look = effect(counts, plan)
            difference = {"estimate": look.difference, "low": look.low, "high": look.high}
            found.append({"value": value, **{arm: _rate(*counts[arm]) for arm in ARMS}, "difference": difference})
    return found


def contrasts(entries: pl.DataFrame, plan: Plan, layer: str, shares: Mapping[str, float]) -> list[dict[str, Any]]:
    """Each arm of a layer against each other one: what it changed, among the members mailed.

    Args:
        entries: as `judged` gives them, with a column `layer`.
        plan: the campaign's; a pair of arms plans with its own part of the members.
        layer: the layer's column.
        shares: its arms with the shares by which all of them were drawn.

    Returns:
        layer, arm, against, each one's members, won_back and rate, and the difference with its interval.
    """
    mailed = entries.filter("closed", pl.col("arm") == "mailed")
    told = {arm: (n, won) for arm, n, won in mailed.group_by(layer).agg(pl.len(), pl.col("won").sum()).iter_rows()}
    order = sorted(shares, key=lambda arm: (arm in HELD_AGAINST, arm))
    return [_contrast(layer, one, other, told, plan, shares) for one, other in combinations(order, 2)]


def _contrast(
    layer: str, arm: str, against: str, told: Mapping[str, tuple[int, int]], plan: Plan, shares: Mapping[str, float]
) -> dict[str, Any]:
    both = shares[arm] + shares[against]
    planned = max(1, round(plan.planned_members * (1 - plan.share) * both))
    counts = {"mailed": told.get(arm, (0, 0)), "holdout": told.get(against, (0, 0))}
    look = effect(counts, Plan(shares[against] / both, plan.within, planned))
    return {
        "layer": layer,
        "arm": {"value": arm, **_rate(*counts["mailed"])},
        "against": {"value": against, **_rate(*counts["holdout"])},
        "difference": {"estimate": look.difference, "low": look.low, "high": look.high, "method": look.method},
    }
