"""What another policy would have won, replayed from a campaign's log of chance.

Two kinds of log are read: which arm of a layer each member was in (judged by comebacks of the members mailed), and
what was drawn for each mail: which picture of a title, or which row at a place (judged by plays of what was shown, and
clicks). A row is judged at its place, with the places before it as they were.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from campaigns import outcomes
from campaigns.errors import NotAllowed, NotFound
from campaigns.planning import LAYERS, looks, row_order
from campaigns.planning.layers import LOGGED
from campaigns.planning.lessons import Lessons
from scoring.artwork import ArtworkModel
from scoring.offpolicy import Estimate, Weights, evaluate, weights

if TYPE_CHECKING:
    from campaigns.stores import Stores

EVENLY, LEARNT = "evenly", "learnt"  # policies over what is drawn: each as likely, and what half of the log teaches
PICTURES, ORDER = "pictures", "order"
LOGS = {PICTURES: looks.choices, ORDER: row_order.choices}
OF = {PICTURES: "pictures shown", ORDER: "rows shown"}
FEWEST = 50  # choices; fewer say nothing that an interval could hold


class Replay(NamedTuple):
    """What a policy would have come to.

    Attributes:
        policy: as asked for.
        of: what a reward is the mean of: members mailed, pictures or rows shown.
        choices: how many logged ones were replayed.
        logged: their mean reward as it was.
        estimate: the policy's mean reward, with its interval.
        weights: whether the log can answer at all.
    """

    policy: str
    of: str
    choices: int
    logged: float
    estimate: Estimate
    weights: Weights


def replay(stores: Stores, campaign: str, policy: str, as_of: datetime) -> Replay:
    """Replay `policy`, as `rows=popular` (all members in one arm of a layer) or `pictures=evenly`, as of a time.

    Raises:
        NotFound: no such layer, arm or policy in the campaign's log.
        NotAllowed: the log is too short to say anything.
    """
    layer, _, choice = policy.partition("=")
    if layer in OF:
        return _judged(policy, OF[layer], _drawn(stores, campaign, layer, choice, as_of))
    if layer not in LAYERS:
        why = f"write one of {', '.join(LAYERS)} with an arm, {PICTURES}={EVENLY} or {ORDER}={EVENLY}"
        raise NotFound("policy", policy, why)
    return _judged(policy, "members mailed", _arms(stores, campaign, layer, choice, as_of))


def _judged(policy: str, of: str, log: pl.DataFrame) -> Replay:
    """The answer from reward, propensity and target; what one member did is one piece of evidence, not many."""
    if log.height < FEWEST:
        raise NotAllowed(f"evaluate {policy}", f"the log holds {log.height} choices; wait until there are {FEWEST}")
    reward, logged, target = (log[name].to_numpy() for name in ("reward", "propensity", "target"))
    estimate = evaluate(reward, logged, target, method="snips", unit=log["reader_id"])
    return Replay(policy, of, log.height, float(reward.mean()), estimate, weights(logged, target))


def _arms(stores: Stores, campaign: str, layer: str, arm: str, as_of: datetime) -> pl.DataFrame:
    """Members mailed whose window has closed: did they come back, and were they in the arm."""
    entries = outcomes.entries(stores).filter(
        pl.col("campaign") == campaign, pl.col("arm") == "mailed", pl.col("window_closes_at") <= as_of
    )
    logged = outcomes.decisions(stores).filter(pl.col("campaign") == campaign, pl.col("kind") == LOGGED[layer])
    arms = logged["choice"].unique().sort().to_list()
    if arm not in arms:
        there = ", ".join(f"{layer}={one}" for one in arms) or f"none: {campaign} has no experiment on {layer}"
        raise NotFound("policy", f"{layer}={arm}", f"there are {there}")
    drawn = logged.select("member_id", "choice", chance="propensity").unique("member_id", keep="first")
    return entries.join(drawn, on="member_id").select(
        reader_id="member_id",
        reward=pl.col("came_back_at").is_not_null().cast(pl.Float64),
        propensity="chance",
        target=(pl.col("choice") == arm).cast(pl.Float64),
    )


def _drawn(stores: Stores, campaign: str, layer: str, choice: str, as_of: datetime) -> pl.DataFrame:
    """Pictures or rows shown: what came of them, and how likely the policy would have shown the same."""
    shown = LOGS[layer](Lessons(stores, as_of, campaign))
    if choice == EVENLY:
        return shown.with_columns(target=1 / pl.col("candidates").list.len())
    if choice != LEARNT:
        raise NotFound("policy", f"{layer}={choice}", f"there are {layer}={EVENLY} and {layer}={LEARNT}")
    first_half = pl.col("day").rank("dense") <= pl.col("day").n_unique() // 2
    before, after = shown.filter(first_half), shown.filter(~first_half)
    works = stores.lake.at("artworks", as_of).collect() if layer == PICTURES else row_order.PLACES
    chances = ArtworkModel(seed=0).fit(before, works).probabilities(after).rename({"probability": "target"})
    places = after.with_columns(context=np.arange(after.height))
    return places.join(chances, on=["context", "artwork_id"], how="left", maintain_order="left").drop("context")
