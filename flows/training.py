"""Training: fit the win-back model on what has matured, and promote it or say why not."""

from __future__ import annotations

from datetime import datetime, timedelta

from prefect import flow

from campaigns import outcomes
from campaigns.stores import Stores
from flows.tasks import station
from scoring.registry import Card, winback_models
from scoring.winback import training

IMPORTED_WINDOW = timedelta(days=14)  # of mailings from another system, which tell no window


def train_winback(stores: Stores, as_of: datetime) -> Card:
    """Train on every trial whose window has closed by `as_of`."""
    trials = outcomes.trials(stores, as_of, IMPORTED_WINDOW)
    registry = winback_models(stores.home)
    return training.train(stores.lake, registry, trials, outcomes.mails(stores), as_of)


learn = station(train_winback, "learn")


def train(stores: Stores, as_of: datetime) -> Card:
    """The training flow."""

    @flow(name="train", validate_parameters=False, persist_result=False)
    def training_flow(as_of: datetime) -> Card:
        return learn(stores, as_of)

    return training_flow(as_of)
