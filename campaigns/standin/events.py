"""What SES would publish about a mail: a pure function of the mail, so that lost events can be written again.

Shapes: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
Simulator addresses: https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html, "mailbox simulator"
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeAlias

from campaigns.standin.checks import bare
from campaigns.standin.mailbox import Mail, iso

Event: TypeAlias = dict[str, Any]

TYPES = (
    "SEND",
    "REJECT",
    "BOUNCE",
    "COMPLAINT",
    "DELIVERY",
    "OPEN",
    "CLICK",
    "RENDERING_FAILURE",
    "DELIVERY_DELAY",
    "SUBSCRIPTION",
)
"""The event types of SES's API, for which our one event destination is open."""

ACCOUNT = "000000000000"
DEFAULT_CONFIGURATION_SET = "encore"
MAX_HEADERS = 10 * 1024  # bytes; SES cuts the headers in an event off there

_SIMULATOR = re.compile(
    r"(success|bounce|ooto|complaint|suppressionlist)(\+.*)?@simulator\.amazonses\.com", re.IGNORECASE
)
_SIMULATOR_DOMAIN = "@simulator.amazonses.com"
_DELIVERY, _FEEDBACK = timedelta(milliseconds=20), timedelta(milliseconds=40)  # after the mail was received


def events(mail: Mail) -> list[Event]:
    """All that SES says about a mail, in order; the first is its Send.

    An address of the mailbox simulator gets what SES says of it; all others are delivered. An out-of-office reply
    reaches senders as a transient bounce after the delivery, with no status.
    """
    told = [_event(mail, "Send", {})]
    fates = [(bare(address), _fate(address)) for address in mail.recipients]
    if arrived := [address for address, fate in fates if fate in {"success", "ooto", "complaint"}]:
        told.append(_event(mail, "Delivery", _delivery(mail, arrived), {"ses:outgoing-ip": ["127.0.0.1"]}))
    for fate, kind, subtype in _BOUNCES:
        if bounced := [address for address, its_fate in fates if its_fate == fate]:
            told.append(_event(mail, "Bounce", _bounce(mail, bounced, kind, subtype, len(told))))
    if complained := [address for address, fate in fates if fate == "complaint"]:
        told.append(_event(mail, "Complaint", _complaint(mail, complained, len(told))))
    return told


def to_line(event: Event) -> bytes:
    """An event as its line of events.jsonl."""
    return json.dumps(event).encode() + b"\n"


def counts(address: str) -> bool:
    """Whether the daily quota counts a recipient: it leaves the mailbox simulator out."""
    return not bare(address).lower().endswith(_SIMULATOR_DOMAIN)


_BOUNCES = (
    ("bounce", "Permanent", "General"),
    ("suppressionlist", "Permanent", "OnAccountSuppressionList"),
    ("ooto", "Transient", "General"),
)

_DIAGNOSIS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("Permanent", "General"): {
        "action": "failed",
        "status": "5.1.1",
        "diagnosticCode": "smtp; 550 5.1.1 user unknown",
    },
    ("Permanent", "OnAccountSuppressionList"): {
        "action": "failed",
        "status": "5.1.1",
        "diagnosticCode": (
            "Amazon SES did not send the message to this address "
            "because it is on the suppression list for your account."
        ),
    },
}


def _fate(address: str) -> str:
    match = _SIMULATOR.fullmatch(bare(address))
    return match[1].lower() if match else "success"


def _event(mail: Mail, kind: str, payload: Event, tags: Mapping[str, list[str]] | None = None) -> Event:
    return {"eventType": kind, "mail": _mail(mail, tags or {}), kind.lower(): payload}


def _delivery(mail: Mail, recipients: Sequence[str]) -> Event:
    return {
        "timestamp": iso(mail.received_at + _DELIVERY),
        "processingTimeMillis": _DELIVERY // timedelta(milliseconds=1),
        "recipients": recipients,
        "smtpResponse": "250 2.6.0 Message received",
        "reportingMTA": "standin.smtp-out.amazonses.com",
    }


def _bounce(mail: Mail, recipients: Sequence[str], kind: str, subtype: str, number: int) -> Event:
    diagnosis = _DIAGNOSIS.get((kind, subtype), {})
    return {
        "bounceType": kind,
        "bounceSubType": subtype,
        "bouncedRecipients": [{"emailAddress": address, **diagnosis} for address in recipients],
        "timestamp": iso(mail.received_at + (_FEEDBACK if kind == "Transient" else _DELIVERY)),
        "feedbackId": _feedback_id(mail, number),
        "reportingMTA": "dsn; standin.smtp-out.amazonses.com",
    }


def _complaint(mail: Mail, recipients: Sequence[str], number: int) -> Event:
    at = iso(mail.received_at + _FEEDBACK)
    return {
        "complainedRecipients": [{"emailAddress": address} for address in recipients],
        "timestamp": at,
        "feedbackId": _feedback_id(mail, number),
        "complaintSubType": None,
        "userAgent": "Amazon SES Mailbox Simulator",
        "complaintFeedbackType": "abuse",
        "arrivalDate": at,
    }


def _feedback_id(mail: Mail, number: int) -> str:
    return f"{mail.message_id.removesuffix('-000000')}-{number:06d}"


def _mail(mail: Mail, tags: Mapping[str, list[str]]) -> Event:
    sender, recipients = bare(mail.sender), [bare(address) for address in mail.recipients]
    headers, truncated = _headers(mail)
    return {
        "timestamp": iso(mail.received_at),
        "source": mail.sender,
        "sourceArn": f"arn:aws:ses:us-east-1:{ACCOUNT}:identity/{_domain(sender)}",
        "sendingAccountId": ACCOUNT,
        "messageId": mail.message_id,
        "destination": recipients,
        "headersTruncated": truncated,
        "headers": headers,
        "commonHeaders": _common_headers(mail),
        "tags": {**_own_tags(mail, sender), **tags, **{name: [value] for name, value in mail.tags.items()}},
    }


def _own_tags(mail: Mail, sender: str) -> dict[str, list[str]]:
    return {
        "ses:operation": ["SendEmail"],
        "ses:configuration-set": [mail.configuration_set or DEFAULT_CONFIGURATION_SET],
        "ses:source-ip": ["127.0.0.1"],
        "ses:from-domain": [_domain(sender)],
        "ses:caller-identity": ["standin"],
    }


def _common_headers(mail: Mail) -> Event:
    common: Event = {"from": [mail.sender]}
    if mail.reply_to:
        common["replyTo"] = mail.reply_to
    return common | {"to": mail.to, "messageId": mail.message_id, "subject": mail.subject}


def _headers(mail: Mail) -> tuple[list[dict[str, str]], bool]:
    """The headers that fit into an event, and whether some did not."""
    pairs = {
        "From": mail.sender,
        "Reply-To": ", ".join(mail.reply_to),
        "To": ", ".join(mail.to),
        "Subject": mail.subject,
    }
    pairs = {name: value for name, value in pairs.items() if value} | {"MIME-Version": "1.0", **mail.headers}
    kept: list[dict[str, str]] = []
    room = MAX_HEADERS
    for name, value in pairs.items():
        room -= len(name) + len(value)
        if room < 0:
            return kept, True
        kept.append({"name": name, "value": value})
    return kept, False


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()
