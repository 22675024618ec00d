"""The title model of a day: fitted once a home for all days of four weeks, read once a process."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING
from uuid import uuid4

import polars as pl

from scoring.titles import TitleModel

if TYPE_CHECKING:
    from campaigns.planning.runs import Run
    from campaigns.stores import Stores

REFIT = timedelta(days=28)  # lapsed members' plays are older than that; what came since is still shown as popular
_fitting = Lock()


def refitted(run: Run) -> datetime:
    """When the title model of a run's day was last fitted."""
    return run.cutoff - timedelta(days=run.run_date.toordinal() % REFIT.days)


def title_model(stores: Stores, at: datetime) -> TitleModel | None:
    """The title model fitted on what was known at a moment. None: there were no plays."""
    with _fitting:
        return _kept(stores, at)


@lru_cache(maxsize=2)
def _kept(stores: Stores, at: datetime) -> TitleModel | None:
    folder = stores.home / "models" / "titles" / f"{at:%Y%m%dT%H%M}"
    if folder.exists():
        return TitleModel.from_files(folder)
    plays = stores.lake.scan("plays").filter(pl.col("played_at") < at).collect()
    if not plays.height:
        return None
    known = (stores.lake.at(table, at).collect() for table in ("titles", "members"))
    model = TitleModel(seed=0, tabled=False).fit(plays, *known)
    staged = folder.with_name(f".{folder.name}-{uuid4().hex}")
    model.to_files(staged)
    with suppress(OSError):  # another process was quicker, with the same model
        staged.rename(folder)
    return model
