"""Training: fit the win-back model on what has matured, judge it, and promote it or say why not."""

from __future__ import annotations

from datetime import datetime, timedelta

from prefect import flow

from campaigns import outcomes, planning
from campaigns.stores import Stores
from flows.tasks import station
from scoring.registry import Card
from scoring.winback import training
from scoring.winback.judgement import SHARE
from scoring.winback.versions import winback_models

WINDOW = timedelta(days=14)  # in which a comeback counts, while no campaign says so
WEEK = 7  # days of runs that are looked at: about as long as a model is in use
LEAST = 0.01  # share of the members below which there is nothing to measure


def train_winback(stores: Stores, as_of: datetime) -> Card:
    """Train on every trial whose window has closed by `as_of`."""
    trials = outcomes.trials(stores, as_of, imported_window(stores, as_of))
    registry, mails = winback_models(stores.home), outcomes.mails(stores)
    return training.train(stores.lake, registry, trials, mails, as_of, share=share_mailed(stores, as_of))


def imported_window(stores: Stores, as_of: datetime) -> timedelta:
    """How long after a mailing of another system a comeback counts: as in the campaign that counts it the shortest.

    Mailings tell no window of their own. What a mail does it does soon: days beyond that add comebacks of themselves,
    among which it is harder to see.
    """
    running = planning.runnable(stores.database, planning.business_day(stores.settings, as_of))
    return min((timedelta(days=campaign.asked.win_back.within_days) for campaign in running), default=WINDOW)


def share_mailed(stores: Stores, as_of: datetime) -> float:
    """The share of those who could be chosen that the campaigns chose in the week before; without runs: a fifth."""
    day = planning.business_day(stores.settings, as_of)
    before = [day - timedelta(days=n) for n in range(1, WEEK + 1)]
    campaigns = planning.runnable(stores.database, day)
    runs = [planning.find_run(stores.database, campaign.id, past) for campaign in campaigns for past in before]
    counts = [run.counts for run in runs if run is not None and run.counts is not None]
    able = max((told["eligible"] - sum(told["excluded"].values()) for told in counts), default=0)
    return share_of(sum(told["chosen"] for told in counts), able)


def share_of(chosen: int, able: int) -> float:
    """The share of `able` members that `chosen` are, large enough to measure; of nobody: a fifth."""
    return min(1.0, max(LEAST, chosen / able)) if able else SHARE


def has_news(stores: Stores, as_of: datetime) -> bool:
    """Whether any trial has matured since the newest model was trained; without, it would come out the same."""
    told = (card.trained_as_of for card in winback_models(stores.home).versions())  # a damaged card does not tell
    newest = max((datetime.fromisoformat(text) for text in told if text), default=None)
    closed = outcomes.trials(stores, as_of, imported_window(stores, as_of))["until"].max()
    return newest is None or (isinstance(closed, datetime) and closed > newest)


learn = station(train_winback, "learn")


def train(stores: Stores, as_of: datetime) -> Card:
    """The training flow."""

    @flow(name="train", validate_parameters=False, persist_result=False)
    def training_flow(as_of: datetime) -> Card:
        return learn(stores, as_of)

    return training_flow(as_of)
