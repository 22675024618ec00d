"""From matured trials to a stored model: promoted where it has something to say, refused with the reason where not."""

from __future__ import annotations

import hashlib
from dataclasses import replace
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
    """The trials of another system that have matured by `as_of`, in the columns of `TRIAL`.

    Both arms are judged from the start of their day: only the mailed have a time of sending, and whoever watched before
    it would count in one arm alone.
    """
    day = pl.col("run_date").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return (
        lake.scan("mailings")
        .select("member_id", "arm", "propensity", at=day, since=day, until=day + within)
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
    facts = _facts(mailed, won)
    try:
        _check_wins(facts)
        model = WinbackModel(seed=0).fit(rows.select(NAMES), mailed, won, rows["propensity"])
    except NotEnoughHistory as why:
        return Card(version, as_of.isoformat(), rows.height, f"refused: {why}", facts)
    card = Card(version, as_of.isoformat(), rows.height, "promoted: enough comebacks in both arms", facts)
    registry.store(card, lambda folder: model.to_files(folder, VERSION))
    if version in registry.withdrawn():  # whoever rolled it back knew why; `encore models promote` takes it up again
        return replace(card, verdict="refused: it was rolled back before; encore models promote takes it up again")
    if registry.live() != version:
        registry.promote(version)
    return card


def _facts(mailed: pl.Series, won: pl.Series) -> dict[str, int]:
    return {
        "mailed": int(mailed.sum()),
        "won_mailed": int((mailed & won).sum()),
        "held_out": int((~mailed).sum()),
        "won_held_out": int((~mailed & won).sum()),
    }


def _check_wins(facts: dict[str, int]) -> None:
    fewest = min(facts["won_mailed"], facts["won_held_out"])
    if fewest < FEWEST_WINS:
        raise NotEnoughHistory("comebacks in the smaller arm", fewest, FEWEST_WINS)


def _fingerprint(rows: pl.DataFrame) -> str:
    """What the model was trained on, in eight characters: the same rows are the same version."""
    read = rows.select("member_id", "at", "arm", "propensity", "came_at", *NAMES).write_csv()
    return hashlib.sha256(f"{VERSION}\n{read}".encode()).hexdigest()[:8]
