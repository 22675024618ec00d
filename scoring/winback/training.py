"""From matured trials to a stored model: promoted where it has something to say, refused with the reason where not."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from scoring.errors import NotEnoughHistory
from scoring.lake.snapshot import snapshot_of
from scoring.registry import Card, Registry
from scoring.winback.features import NAMES, VERSION
from scoring.winback.labels import comebacks
from scoring.winback.model import WinbackModel

if TYPE_CHECKING:
    from scoring.lake.store import Lake

FEWEST_WINS = 50  # comebacks in the smaller arm; below that, mailing at random teaches more than ranking wins
TRIAL = {
    "member_id": pl.String,
    "at": pl.Datetime("us", "UTC"),
    "since": pl.Datetime("us", "UTC"),
    "until": pl.Datetime("us", "UTC"),
    "arm": pl.String,
    "propensity": pl.Float64,
}


def imported_trials(lake: Lake, within: timedelta, as_of: datetime) -> pl.DataFrame:
    """The trials of another system that have matured by `as_of`, in the columns of `TRIAL`."""
    day = pl.col("run_date").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    since = pl.coalesce("sent_at", day)
    return (
        lake.scan("mailings")
        .select("member_id", "arm", "propensity", at=day, since=since, until=since + within)
        .filter(pl.col("until") <= as_of)
        .collect()
        .select(list(TRIAL))
    )


def train(lake: Lake, registry: Registry, trials: pl.DataFrame, mails: pl.DataFrame, as_of: datetime) -> Card:
    """Fit on `trials` (columns of `TRIAL`, windows closed by `as_of`), store the model, and promote it or say why not.

    `mails`: the win-back mails that Encore sent itself (member_id, mailed_at).
    """
    ordered = trials.sort("member_id", "at", "arm").unique(["member_id", "at"], keep="first", maintain_order=True)
    judged = comebacks(ordered, lake.scan("plays"), lake.scan("outcomes"))
    snapshot = snapshot_of(lake, judged.select("member_id", "at"), mails)
    rows = judged.join(snapshot, on=["member_id", "at"], how="inner", maintain_order="left")
    version = f"{as_of:%Y%m%d}-{_fingerprint(rows)}"
    mailed, won = rows["arm"] == "mailed", rows["came_at"].is_not_null()
    wins = int((mailed & won).sum()), int((~mailed & won).sum())
    facts = {"mailed": int(mailed.sum()), "won_mailed": wins[0]}
    facts |= {"held_out": int((~mailed).sum()), "won_held_out": wins[1]}
    fewest = min(wins)
    if fewest < FEWEST_WINS:
        why = NotEnoughHistory("comebacks in the smaller arm", fewest, FEWEST_WINS)
        return Card(version, as_of.isoformat(), rows.height, f"refused: {why}", facts)
    model = WinbackModel(seed=0).fit(rows.select(NAMES), mailed, won, rows["propensity"])
    card = Card(version, as_of.isoformat(), rows.height, "promoted: enough comebacks in both arms", facts)
    registry.store(card, lambda folder: model.to_files(folder, VERSION))
    if registry.live() != version:
        registry.promote(version)
    return card


def _fingerprint(rows: pl.DataFrame) -> str:
    """What the model was trained on, in eight characters: the same rows are the same version."""
    ids = rows.select("member_id", "at", "arm", "came_at").write_csv()
    return hashlib.sha256(ids.encode()).hexdigest()[:8]
