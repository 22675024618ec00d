"""One email as it goes to the transport, checked for what would break its headers or be refused.

botocore passes a line break in a subject or header on to SES as it is, so nothing past this point looks.
Limits are those of SES v2: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr

from campaigns.errors import Refused

__all__ = ["Email", "unsubscribe_headers"]

MOST_HEADERS = 15
LONGEST_SUBJECT = 250  # characters; far beyond what any inbox shows

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_HEADER_NAME = re.compile(r"[!-9;-~]{1,126}")
_HEADER_VALUE = re.compile(r"[ -~]{1,995}")
_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_LINK = re.compile(r"https?://[!-;=?-~]+")


@dataclass(frozen=True)
class Email:
    """One message to one member. `id` is ours, and goes with the mail as a tag; `to` is one bare address.

    Raises:
        Refused: a field that no transport should ever see, by its name.
    """

    id: str
    to: str
    sender: str  # `Name <address>`
    subject: str
    html: str
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for why in _complaints(self):
            raise Refused(self.id, why)


def unsubscribe_headers(url: str) -> dict[str, str]:
    """The headers for unsubscribing with one click (RFC 8058), which the large mailbox providers require.

    >>> unsubscribe_headers("https://news.example/u/1")["List-Unsubscribe"]
    '<https://news.example/u/1>'

    Raises:
        ValueError: `url` is no http address that can stand between angle brackets.
    """
    if not _LINK.fullmatch(url):
        raise ValueError(f"{url!r} is not a plain http(s) address")
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _complaints(email: Email) -> Iterator[str]:
    """What is wrong with `email`, the worst first."""
    yield from _controls(email)
    if not _ADDRESS.fullmatch(email.to):
        yield f"to is {email.to!r}, which is not one address with a local part in ASCII"
    if not _ADDRESS.fullmatch(parseaddr(email.sender)[1]):
        yield f"sender is {email.sender!r}, which is not like 'Name <address>'"
    for name in ("subject", "html", "text"):
        if not getattr(email, name).strip():
            yield f"{name} is empty"
        if not _is_unicode(getattr(email, name)):
            yield f"{name} holds half a character, which no encoding can carry"
    if len(email.subject) > LONGEST_SUBJECT:
        yield f"subject is {len(email.subject)} characters long; {LONGEST_SUBJECT} are the most"
    yield from _limits(email)


def _is_unicode(text: str) -> bool:
    """Whether every surrogate has its other half."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _controls(email: Email) -> Iterator[str]:
    """Control characters in what ends up in a header: they could begin another header, or the body."""
    bound = {"id": email.id, "to": email.to, "sender": email.sender, "subject": email.subject}
    for kind, pairs in (("header", email.headers), ("tag", email.tags)):
        bound |= {f"the name of {kind} {name!r}": name for name in pairs}
        bound |= {f"{kind} {name!r}": value for name, value in pairs.items()}
    for name, value in bound.items():
        if found := _CONTROL.search(value):
            yield f"{name} holds the control character U+{ord(found[0]):04X}"


def _limits(email: Email) -> Iterator[str]:
    if len(email.headers) > MOST_HEADERS:
        yield f"{len(email.headers)} headers; {MOST_HEADERS} are the most"
    for name, value in email.headers.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value) or len(name + value) > 996:
            yield f"header {name!r} is not printable ASCII of 996 characters at most"
    for name, value in email.tags.items():
        if not _TAG.fullmatch(name) or not _TAG.fullmatch(value):
            yield f"tag {name!r} is {value!r}; letters, digits, _ and - are allowed, 256 at most"
