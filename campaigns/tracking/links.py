"""Signed links: which message, which place in it. The target is looked up, never carried, so no link redirects at will.

A token is version (1 byte), kind (1), place (2), run date (2, days since 1970), message id (16), and 16 bytes of
HMAC-SHA256 over them, in URL-safe base64: 51 characters. It never expires: an unsubscribe link must outlive the mail.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import struct
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from uuid import UUID

VERSION = 1
FORM = struct.Struct(">BBHH16s")
EPOCH = date(1970, 1, 1)
SIGNATURE = 16


class Kind(IntEnum):
    """What a link is for."""

    PICK = 1
    UNSUBSCRIBE = 2
    PIXEL = 3
    WELCOME = 4


PATHS = {Kind.PICK: "c", Kind.UNSUBSCRIBE: "u", Kind.PIXEL: "o", Kind.WELCOME: "w"}


@dataclass(frozen=True)
class Link:
    """What a token says. `place` counts the picks of the mail, the hero 0."""

    kind: Kind
    message: UUID
    run_date: date
    place: int = 0


class Links:
    """Makes and reads the links of one service, under one key."""

    def __init__(self, public_url: str, key: bytes) -> None:
        self.public_url, self.key = public_url, key

    def url(self, link: Link) -> str:
        """The address that stands in the mail."""
        return f"{self.public_url}/{PATHS[link.kind]}/{self.token(link)}"

    def token(self, link: Link) -> str:
        """The link, signed."""
        days = (link.run_date - EPOCH) // timedelta(days=1)
        body = FORM.pack(VERSION, link.kind, link.place, days, link.message.bytes)
        return base64.urlsafe_b64encode(body + self._sign(body)).rstrip(b"=").decode()

    def read(self, token: str) -> Link | None:
        """What a token says; None if it is not one that we signed."""
        try:
            whole = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        body, signature = whole[: FORM.size], whole[FORM.size :]
        if len(body) != FORM.size or not hmac.compare_digest(signature, self._sign(body)):
            return None
        version, kind, place, days, message = FORM.unpack(body)
        if version != VERSION:
            return None
        link = Link(Kind(kind), UUID(bytes=message), EPOCH + timedelta(days=days), place)
        return link if token == self.token(link) else None  # base64 has more than one spelling

    def _sign(self, body: bytes) -> bytes:
        return hmac.digest(self.key, body, "sha256")[:SIGNATURE]
