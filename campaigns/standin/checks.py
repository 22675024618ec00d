"""What SES refuses about a mail, before it takes it.

https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html and the types it names. Where SES's own words
are known, these are they.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from campaigns.standin.mailbox import Letter

MAX_RECIPIENTS = 50
MAX_HEADERS = 15
MAX_TAGS = 50
MAX_HEADER_NAME = 126
MAX_HEADER_VALUE = 995
MAX_HEADER = 996
MAX_MESSAGE = 40 * 1024 * 1024

_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")
_HEADER_NAME = re.compile(r"[!-9;-~]+")
_HEADER_VALUE = re.compile(r"[ -~]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ADDRESS = re.compile(r"(?!\.)[!-~]+(?<!\.)@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


class SesError(Exception):
    """An error as SES answers it: `status` of HTTP, `code` (the exception's name in boto3), `message`."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(status, code, message)
        self.status, self.code, self.message = status, code, message


def letter(content: Mapping[str, Any]) -> Letter:
    """The mail that a SendEmail call hands over.

    Raises:
        SesError: BadRequestException for a mail that SES would not take, SerializationException for JSON of another
            shape.
    """
    simple = _simple(content)
    destination = _mapping(content.get("Destination", {}), "Destination")
    body = _mapping(simple.get("Body"), "Body")
    found = Letter(
        sender=_address(content.get("FromEmailAddress")),
        to=_addresses(destination.get("ToAddresses")),
        cc=_addresses(destination.get("CcAddresses")),
        bcc=_addresses(destination.get("BccAddresses")),
        reply_to=_addresses(content.get("ReplyToAddresses")),
        subject=_subject(simple),
        html=_data(body.get("Html"), "Html"),
        text=_data(body.get("Text"), "Text"),
        headers=_headers(simple.get("Headers")),
        tags=_tags(content.get("EmailTags")),
        configuration_set=_optional(content.get("ConfigurationSetName"), "ConfigurationSetName"),
    )
    _check_whole(found)
    return found


def bare(address: str) -> str:
    """`ana@example.com` of `Ana <ana@example.com>`."""
    return address.rpartition("<")[2].removesuffix(">")


def _simple(content: Mapping[str, Any]) -> Mapping[str, Any]:
    kinds = _mapping(content.get("Content"), "Content")
    if "Simple" not in kinds:
        raise bad("This stand-in takes Content.Simple alone, neither Raw nor Template.")
    return _mapping(kinds["Simple"], "Simple")


def _subject(simple: Mapping[str, Any]) -> str:
    subject = _data(simple.get("Subject"), "Subject")
    if subject is None:
        raise bad("Missing required field: Subject")
    if _CONTROL.search(subject):
        raise bad("Subject contains control characters.")
    return subject


def _check_whole(found: Letter) -> None:
    if found.html is None and found.text is None:
        raise bad("Body must have Html or Text.")
    if not found.recipients:
        raise bad("Destination must have at least one recipient.")
    if len(found.recipients) > MAX_RECIPIENTS:
        raise bad(f"Recipient count exceeds {MAX_RECIPIENTS}.")
    if len(found.html or "") + len(found.text or "") > MAX_MESSAGE:
        raise bad(f"Message length is more than {MAX_MESSAGE} bytes long.")


def _addresses(value: object) -> tuple[str, ...]:
    return tuple(_address(item) for item in _list(value, "an address list"))


def _address(value: object) -> str:
    """An address, perhaps with a name; the name in ASCII, as RFC 2047 encodes it, since SES asks for that."""
    address = _text(value, "an address")
    plain = bare(address)
    if "@" not in plain:
        raise bad("Missing final '@domain'")
    if not _ADDRESS.fullmatch(plain) or plain.count("@") > 1 or ".." in plain:
        raise bad("Illegal address")
    if not address.isascii() or _CONTROL.search(address) or ("," in address and '"' not in address):
        raise bad("Illegal address")
    return address


def _headers(value: object) -> dict[str, str]:
    pairs = _pairs(value, "Headers")
    if len(pairs) > MAX_HEADERS:
        raise bad(f"Header count exceeds {MAX_HEADERS}.")
    for name, content in pairs:
        if not _HEADER_NAME.fullmatch(name) or len(name) > MAX_HEADER_NAME:
            raise bad(f"Invalid header name {name!r}.")
        if not _HEADER_VALUE.fullmatch(content) or len(content) > MAX_HEADER_VALUE:
            raise bad(
                f"Invalid value of header {name}: 1 to {MAX_HEADER_VALUE} printable ASCII characters are allowed."
            )
        if len(name) + len(content) > MAX_HEADER:
            raise bad(f"Header {name} is longer than {MAX_HEADER} characters.")
    return _unique(pairs, "header")


def _tags(value: object) -> dict[str, str]:
    pairs = _pairs(value, "EmailTags")
    if len(pairs) > MAX_TAGS:
        raise bad(f"Tag count exceeds {MAX_TAGS}.")
    for word in (word for pair in pairs for word in pair):
        if not _TAG.fullmatch(word):
            raise bad(
                f"Invalid tag {word[:300]!r}, only 1 to 256 alphanumeric ASCII characters, '_' and '-' are allowed."
            )
    return _unique(pairs, "tag")


def _unique(pairs: Sequence[tuple[str, str]], what: str) -> dict[str, str]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise bad(f"Duplicate {what} name.")
    return found


def _pairs(value: object, what: str) -> list[tuple[str, str]]:
    items = [_mapping(item, what) for item in _list(value, what)]
    return [(_text(item.get("Name"), what), _text(item.get("Value"), what)) for item in items]


def _data(value: object, what: str) -> str | None:
    return None if value is None else _text(_mapping(value, what).get("Data"), what)


def _optional(value: object, what: str) -> str | None:
    return None if value is None else _text(value, what)


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise _misshapen(what, "a string")
    return value


def _list(value: object, what: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise _misshapen(what, "a list")
    return value


def _mapping(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _misshapen(what, "an object")
    return value


def bad(message: str) -> SesError:
    """A request that SES understood and won't take."""
    return SesError(HTTPStatus.BAD_REQUEST, "BadRequestException", message)


def _misshapen(what: str, expected: str) -> SesError:
    return SesError(HTTPStatus.BAD_REQUEST, "SerializationException", f"{what} is not {expected}")
