"""Amazon SES to talk to where there is none: an HTTP server that keeps mails and writes the events SES would.

`serving` runs one for tests, `python -m campaigns.standin HOME` one for a home; `mails`, `mails_file`, `events_file`
and `index_file` read what it kept.
"""

from campaigns.standin.faults import Call, Fail, Fault, FaultPlan, HangUp, Late
from campaigns.standin.mailbox import Mail, events_file, index_file, mails, mails_file
from campaigns.standin.quota import Quota
from campaigns.standin.server import Standin, serving
from campaigns.standin.service import standin

__all__ = [
    "Call",
    "Fail",
    "Fault",
    "FaultPlan",
    "HangUp",
    "Late",
    "Mail",
    "Quota",
    "Standin",
    "events_file",
    "index_file",
    "mails",
    "mails_file",
    "serving",
    "standin",
]
