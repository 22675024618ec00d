"""Prepare a run: what all its shards pick by, made once, while its members are still being scored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from campaigns.definition import BEST_HOUR
from campaigns.planning import looks, row_order
from campaigns.planning.catalogue import titles_of
from campaigns.planning.hours import habits_of
from campaigns.planning.lessons import Lessons
from campaigns.planning.shares import shares_of
from campaigns.planning.show import popular_of
from campaigns.planning.title_models import title_model_of

if TYPE_CHECKING:
    from campaigns.planning.runs import Run
    from campaigns.stores import Stores


def prepare(stores: Stores, run: Run) -> None:
    """Make what the run's shards share, each in a file of its own; what is there already stays as it is."""
    title_model_of(stores, run)
    lessons = Lessons(stores, run.cutoff)
    looks.taught(stores, run, lessons)
    row_order.taught(stores, run, lessons)
    shares_of(stores, run)
    if run.asked.run.send == BEST_HOUR:
        habits_of(stores, run)
    popular_of(stores, run, titles_of(stores, run))
