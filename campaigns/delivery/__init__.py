"""The outbox, the states of a message, pacing, and how a mail leaves."""

from campaigns.delivery.compose import Composer
from campaigns.delivery.outbox import EXPIRES, Ending, Message, Outbox, Rules, outbox, suppress_stopped
from campaigns.delivery.states import Said, State, after
from campaigns.delivery.transports import Mailbox, Quota, Transport, discreet
from campaigns.delivery.worker import Pace, Worker

__all__ = [
    "EXPIRES",
    "Composer",
    "Ending",
    "Mailbox",
    "Message",
    "Outbox",
    "Pace",
    "Quota",
    "Rules",
    "Said",
    "State",
    "Transport",
    "Worker",
    "after",
    "discreet",
    "outbox",
    "suppress_stopped",
]
