"""Why a member is, or is not, written to."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from campaigns import outcomes
from campaigns.errors import NotFound
from campaigns.planning import business_day, midnight, runnable
from campaigns.planning.lessons import ORDER, PICTURE
from campaigns.planning.score import eligible_members, gained, latest_scored, stored_model
from campaigns.planning.suited import suited
from campaigns.planning.trial_run import unopened
from campaigns.rendering.sentences import row_title
from scoring.titles.offers import HERO
from scoring.winback.effects import in_words
from scoring.winback.features import NAMES
from scoring.winback.snapshot import snapshot_of
from scoring.winback.versions import winback_models

if TYPE_CHECKING:
    from pathlib import Path

    from campaigns.planning import Runnable
    from campaigns.stores import Stores
    from scoring.winback.model import WinbackModel

MESSAGES = """
SELECT m.run_date, m.step, m.arm, m.state, m.reason, m.due_at, m.sent_at, m.content FROM messages m
 WHERE m.campaign_id = %(campaign_id)s AND m.member_id = %(member_id)s ORDER BY m.run_date, m.step
"""
SHARING = """
SELECT o.member_id FROM contacts k JOIN contacts o ON o.address_hash = k.address_hash AND o.member_id <> k.member_id
 WHERE k.member_id = %(member_id)s
"""
REASONS, TITLES = 3, 5


def why(stores: Stores, member_id: str, name: str | None, wall: datetime) -> dict[str, Any]:
    """What each running campaign would do with a member today, and what it has done.

    `reasons`: what moves the member's expected gain furthest from the typical member's. `titles`: what suits them best
    of all, before a campaign's rules. A campaign's `rank`: where the gain stands among those whom its latest run could
    choose.

    Raises:
        NotFound: there is no such member, or no such campaign runs.
    """
    day = business_day(stores.settings, wall)
    spine = pl.DataFrame({"member_id": [member_id], "at": [midnight(stores.settings, day)]})
    snapshot = snapshot_of(stores.lake, spine, outcomes.mails(stores))
    if not snapshot.height:
        raise NotFound("member", member_id, "members come with `encore import`")
    about = snapshot.row(0, named=True)
    model = stored_model(stores, winback_models(stores.home).live())
    whole = gained(model, pl.concat([snapshot, _sharing(stores, member_id, spine["at"][0])]))
    told = [_of_campaign(stores, campaign, member_id, whole, wall) for campaign in runnable(stores.database, day, name)]
    titles = suited(stores, member_id, spine["at"][0], TITLES)
    return {**about, "reasons": _reasons(model, snapshot), "titles": titles, "campaigns": told}


def _reasons(model: WinbackModel | None, snapshot: pl.DataFrame) -> list[dict[str, Any]]:
    """The strongest reasons of a model, in words, with the member's value and the effect on the gain."""
    if model is None:
        return []
    [found] = model.reasons(snapshot.select(NAMES), REASONS)
    member = snapshot.row(0, named=True)
    told = [{"about": in_words(name), "value": member[name]} for name, _ in found]
    return [{**reason._asdict(), **said} for reason, said in zip(found, told, strict=True)]


def _sharing(stores: Stores, member_id: str, at: datetime) -> pl.DataFrame:
    """The snapshot of others at the member's address: only one of them is written to."""
    others = stores.database.frame(SHARING, {"member_id": member_id}, {"member_id": pl.String})
    return snapshot_of(stores.lake, others.with_columns(at=pl.lit(at)), outcomes.mails(stores))


def _of_campaign(
    stores: Stores, campaign: Runnable, member_id: str, snapshot: pl.DataFrame, wall: datetime
) -> dict[str, Any]:
    """What a campaign says of a member; `snapshot` has their gain."""
    run = unopened(stores, campaign.id, campaign.name, campaign.definition, wall)
    found = eligible_members(stores, run, snapshot).filter(pl.col("member_id") == member_id)
    values = {"campaign_id": campaign.id, "member_id": member_id}
    drawn = _drawn(stores, campaign.name, member_id)
    messages = [
        _told(message, drawn.get(message["run_date"], [])) for message in stores.database.rows(MESSAGES, values)
    ]
    gain = None if found.is_empty() else found["gain"][0]
    rank = None if gain is None else _rank(latest_scored(stores, run), member_id, gain)
    return {
        "campaign": campaign.name,
        "verdict": _verdict(found),
        "gain": gain,
        "rank": rank,
        "messages": messages,
    }


def _drawn(stores: Stores, campaign: str, member_id: str) -> dict[date, list[dict[str, Any]]]:
    """All that a campaign left to chance for a member, by the day of the run: kind, title_id, choice and so on."""
    if stores.lake.is_empty("decisions"):
        return {}
    theirs = stores.lake.scan("decisions").filter(pl.col("campaign") == campaign, pl.col("member_id") == member_id)
    told = theirs.select("run_date", "kind", "title_id", "choice", "propensity", "candidates")
    logged: dict[date, list[dict[str, Any]]] = {}
    for row in told.sort("run_date", "kind", "title_id", "choice").collect().iter_rows(named=True):
        logged.setdefault(row.pop("run_date"), []).append(row)
    return logged


def _told(message: dict[str, Any], drawn: list[dict[str, Any]]) -> dict[str, Any]:
    """A message with its rows and picks, and the chance with which each, and all else of it, was drawn."""
    content = message.pop("content")
    rows = [{"kind": HERO, "about": None, "picks": [content["hero"]]}, *content["rows"]] if "hero" in content else []
    pictures = {one["title_id"]: one["candidates"] for one in drawn if one["kind"] == PICTURE}
    places = {one["choice"]: _chance(one) for one in drawn if one["kind"] == ORDER}
    told = [
        {
            "row": _row(row, content),
            "drawn": places.get(f"{place}:{row['kind']}"),
            "picks": [_pick(pick, pictures.get(pick["title_id"])) for pick in row["picks"]],
        }
        for place, row in enumerate(rows)
    ]
    others = [{"kind": one["kind"], **_chance(one)} for one in drawn if one["kind"] not in {PICTURE, ORDER}]
    return {**message, "drawn": others, "rows": told}


def _pick(pick: dict[str, Any], candidates: list[str] | None) -> dict[str, Any]:
    """A title, its picture, the chance of that, and the pictures that there were to draw from."""
    return {key: pick[key] for key in ("title_id", "name", "artwork_id", "propensity")} | {"candidates": candidates}


def _chance(one: dict[str, Any]) -> dict[str, Any]:
    return {key: one[key] for key in ("choice", "propensity", "candidates")}


def _row(row: dict[str, Any], content: dict[str, Any]) -> str:
    """The reason of a row, in English whatever language the mail is in."""
    if row["kind"] == HERO:
        return "first of all"
    return row_title(row["kind"], "en", country=content.get("country") or "", title=row.get("about") or "")


def _rank(scored: list[Path], member_id: str, gain: float) -> dict[str, Any] | None:
    """Where a member stands among those whom the run that `scored` could choose, by the gain that it expected.

    Whoever could not be chosen then stands where today's `gain` would. None where there was no run, or no model.
    """
    if not scored:
        return None
    able = pl.scan_parquet(scored).filter(pl.col("reason").is_null(), pl.col("gain").is_not_null())
    own = pl.coalesce(pl.col("gain").filter(pl.col("member_id") == member_id).first(), gain)
    members, below = able.select(members=pl.len(), below=(pl.col("gain") < own).sum()).collect().row(0)
    if not members:
        return None
    return {
        "run_date": date.fromisoformat(scored[0].parent.name),
        "members": members,
        "percentile": 100 * below / members,
    }


def _verdict(found: pl.DataFrame) -> str:
    """What today's run would say of the member."""
    if not found.height:
        return "not in the audience: not lapsed as the campaign says, or a rule does not hold"
    row = found.row(0, named=True)
    if row["reason"] is not None:
        return f"excluded: {row['reason']}"
    if row["gain"] is None:
        return "may be chosen, at random: there is no model yet"
    return f"may be chosen: a mail is expected to raise the chance of a comeback by {row['gain']:+.2%}"
