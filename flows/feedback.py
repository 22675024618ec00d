"""Feedback: take in what SES said, settle what is in doubt, and tell waiting messages of comebacks."""

from __future__ import annotations

from collections import Counter

from prefect import task
from prefect.cache_policies import NO_CACHE

from campaigns import outcomes, sending
from campaigns.sending import Carrier
from campaigns.stores import Stores

reconcile = task(sending.reconcile, name="reconcile", cache_policy=NO_CACHE, persist_result=False)
mark_returned = task(outcomes.mark_returned, name="mark returned", cache_policy=NO_CACHE, persist_result=False)


def feedback(stores: Stores, carrier: Carrier) -> Counter[str]:
    """What came back since last time; counts of what was settled."""
    settled: Counter[str] = reconcile(stores, carrier)
    settled["returned"] = mark_returned(stores)
    return settled
