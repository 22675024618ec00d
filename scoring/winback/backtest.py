"""Models that are or were in use, scored again on what happened after they were trained."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from scoring.errors import BadData, OtherVersion
from scoring.winback.features import NAMES, VERSION
from scoring.winback.gate import FEWEST_COMPARED, unseen
from scoring.winback.judgement import judge, outcomes_of
from scoring.winback.model import WinbackModel

if TYPE_CHECKING:
    from scoring.registry import Registry

KEPT = "backtest-"  # followed by the day: the name of what is kept beside the card
LATEST = 4  # models; what was trained earlier is history


def backtest(registry: Registry, trials: pl.DataFrame, as_of: datetime, share: float) -> None:
    """Judge the latest models that went into use on `trials` (with features) that have matured since; keep it.

    Nothing is kept of a model that has too few comebacks yet. What was kept of a day stays.
    """
    for version in registry.lived()[-LATEST:]:
        model = stored(registry, version)
        if model is None:
            continue
        since = registry.trained_as_of(version)
        rows = trials.filter(unseen(trials, since))
        if outcomes_of(rows).fewest_wins < FEWEST_COMPARED:
            continue
        found = judge(model.predict(rows.select(NAMES)), rows, share)
        told = {"as_of": as_of.isoformat(), "since": since.isoformat(), **found.to_json()}
        registry.keep(version, f"{KEPT}{as_of:%Y%m%d}", told)


def backtests(registry: Registry, version: str) -> list[dict[str, Any]]:
    """What was kept of a model, oldest first."""
    return registry.kept(version, KEPT)


def stored(registry: Registry, version: str) -> WinbackModel | None:
    """A version's model; None where it reads another version of the features, is damaged, or is gone."""
    try:
        registry.card(version)
        return WinbackModel.from_files(registry.path(version), VERSION)
    except (BadData, OtherVersion):
        return None
