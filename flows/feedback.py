"""Feedback: take in what SES said, settle what is in doubt, and tell waiting messages of comebacks."""

from __future__ import annotations

from collections import Counter

from campaigns import outcomes, sending
from campaigns.sending import Carrier
from campaigns.stores import Stores
from flows.tasks import station

reconcile = station(sending.reconcile, "reconcile")
mark_returned = station(outcomes.mark_returned, "mark returned")


def feedback(stores: Stores, carrier: Carrier) -> Counter[str]:
    """What came back since last time; counts of what was settled."""
    settled: Counter[str] = reconcile(stores, carrier)
    settled["returned"] = mark_returned(stores)
    return settled
