"""From the lapsed to entries and messages: a run and its stations, each a plain function of paths."""

from campaigns.planning.layers import LAYERS
from campaigns.planning.recipe import plan_run
from campaigns.planning.runs import (
    Run,
    Runnable,
    business_day,
    close_run,
    find_run,
    midnight,
    open_run,
    run_folder,
    runnable,
    waiting_mails,
)
from campaigns.planning.winback_model import live_model, model_is_usable

__all__ = [
    "LAYERS",
    "Run",
    "Runnable",
    "business_day",
    "close_run",
    "find_run",
    "live_model",
    "midnight",
    "model_is_usable",
    "open_run",
    "plan_run",
    "run_folder",
    "runnable",
    "waiting_mails",
]
