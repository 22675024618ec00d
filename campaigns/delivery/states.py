"""The states of a message, and where what SES says of it leads.

planned → claimed → sending → sent → delivered | bounced | complained
             │         └────→ failed, or in_doubt until evidence tells
             └→ planned again, when its worker died before the call
planned → suppressed | expired, at its time; a shadow: → held_out
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a message stands."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"
    IN_DOUBT = "in_doubt"
    HELD_OUT = "held_out"


class Said(StrEnum):
    """The SES events that say something of a message's state."""

    SEND = "Send"
    DELIVERY = "Delivery"
    BOUNCE = "Bounce"
    COMPLAINT = "Complaint"
    REJECT = "Reject"
    RENDERING_FAILURE = "Rendering Failure"


RANK = {State.SENT: 1, State.DELIVERED: 2, State.FAILED: 3, State.BOUNCED: 4, State.COMPLAINED: 5}
LEADS_TO = {
    Said.SEND: State.SENT,
    Said.DELIVERY: State.DELIVERED,
    Said.REJECT: State.FAILED,
    Said.RENDERING_FAILURE: State.FAILED,
    Said.BOUNCE: State.BOUNCED,
    Said.COMPLAINT: State.COMPLAINED,
}


def after(state: State, said: Said) -> State:
    """Where an event leads from `state`: SES tells late, twice and out of order, so a lower rank never undoes a higher.

    >>> after(State.DELIVERED, Said.SEND)
    <State.DELIVERED: 'delivered'>
    """
    says = LEADS_TO[said]
    return says if RANK[says] > RANK.get(state, 0) else state
