"""The title model of a day: fitted where none of the last four weeks is kept, read once a process.

One that cannot be read, since another version of Encore made it or it is damaged, is fitted again on the same plays.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import polars as pl

from scoring.errors import BadData, OtherVersion
from scoring.folders import place, writing
from scoring.titles import TitleModel

if TYPE_CHECKING:
    from campaigns.planning.runs import Run
    from campaigns.stores import Stores

REFIT = timedelta(days=28)  # lapsed members' plays are older than that; what came since is still shown as popular
NAMED = "%Y%m%dT%H%M"  # a model's folder is called after the moment up to which it knows, UTC
_fitting = Lock()
log = logging.getLogger(__name__)


def refitted(stores: Stores, run: Run) -> datetime:
    """Up to when the title model of a run knows plays: the newest of the last four weeks, else the run's cut-off."""
    return max((at for at in kept_models(stores) if run.cutoff - REFIT < at <= run.cutoff), default=run.cutoff)


def title_model_of(stores: Stores, run: Run) -> TitleModel | None:
    """The title model of a run. None: there were no plays."""
    return title_model(stores, refitted(stores, run))


def kept_models(stores: Stores) -> dict[datetime, Path]:
    """The title models on disk by the moment up to which each knows, the oldest first."""
    folders = sorted(_folder(stores).glob("[0-9]*T[0-9]*"))
    return {datetime.strptime(folder.name, NAMED).replace(tzinfo=UTC): folder for folder in folders}


def newest_model(stores: Stores, until: datetime) -> tuple[TitleModel | None, datetime | None]:
    """The newest title model on disk that can be read, up to a moment, and up to when it knows: asking fits none."""
    for at, folder in reversed(kept_models(stores).items()):
        if at > until:
            continue
        try:
            return TitleModel.from_files(folder), at
        except (BadData, OtherVersion) as error:
            log.warning("%s is left alone until a run fits it again: %s", folder, error)
    return None, None


def title_model(stores: Stores, at: datetime) -> TitleModel | None:
    """The title model fitted on what was known at a moment. None: there were no plays."""
    with _fitting:
        return _kept(stores, at)


@lru_cache(maxsize=2)
def _kept(stores: Stores, at: datetime) -> TitleModel | None:
    folder = _folder(stores) / at.astimezone(UTC).strftime(NAMED)
    known = _readable(folder)
    if known is not None:
        return known
    with writing(folder.parent):  # whoever else needs it waits for this one, rather than fit the same
        return _readable(folder) or _fitted(stores, at, folder)


def _readable(folder: Path) -> TitleModel | None:
    """The model in a folder; None: there is none that can be read."""
    try:
        return TitleModel.from_files(folder)
    except (BadData, OtherVersion):
        return None


def _fitted(stores: Stores, at: datetime, folder: Path) -> TitleModel | None:
    plays = stores.lake.scan("plays").filter(pl.col("played_at") < at).collect()
    if not plays.height:
        return None
    known = (stores.lake.at(table, at).collect() for table in ("titles", "members"))
    model = TitleModel(seed=0, tabled=False).fit(plays, *known)
    place(folder, model.to_files)
    return model


def _folder(stores: Stores) -> Path:
    return stores.home / "models" / "titles"
