"""From the chosen to entries and messages: the stations of a run, each a plain function of paths."""

from campaigns.planning.choose import choose_members, counts
from campaigns.planning.layers import LAYERS
from campaigns.planning.pick import pick_shard
from campaigns.planning.plan import plan_shard
from campaigns.planning.prepare import prepare
from campaigns.planning.runs import (
    Run,
    Runnable,
    business_day,
    close_run,
    find_run,
    midnight,
    open_run,
    rows,
    run_folder,
    run_folders,
    runnable,
    waiting_mails,
)
from campaigns.planning.score import exclude, score_shard
from campaigns.planning.snapshots import quiet_days, snapshot_paths
from campaigns.planning.winback_model import live_model, model_is_usable

__all__ = [
    "LAYERS",
    "Run",
    "Runnable",
    "business_day",
    "choose_members",
    "close_run",
    "counts",
    "exclude",
    "find_run",
    "live_model",
    "midnight",
    "model_is_usable",
    "open_run",
    "pick_shard",
    "plan_shard",
    "prepare",
    "quiet_days",
    "rows",
    "run_folder",
    "run_folders",
    "runnable",
    "score_shard",
    "snapshot_paths",
    "waiting_mails",
]
