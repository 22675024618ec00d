"""Reading mails as their receivers do: whose it is, when it came, which titles it shows, in which pictures and order.

Pictures are known by their addresses. A mail without any of ours is read by its links, then by the names of titles in
alternative texts. Tags say the rest: `message`, `run` (the business day) and `campaign`; and `due` (UTC, as
`2026-12-01T1930Z`) the moment at which it counts as received, where days pass faster than the clock on the wall.
"""

from __future__ import annotations

import html
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import polars as pl

from campaigns.sandbox.constants import CONSTANTS as C
from campaigns.sandbox.constants import STYLES
from campaigns.sandbox.titles import Catalogue, artwork_url, title_id
from campaigns.standin import Mail

DUE = "%Y-%m-%dT%H%MZ"
_COLUMNS: dict[str, Any] = {
    "member_id": pl.String,
    "message": pl.String,
    "campaign": pl.String,
    "run_date": pl.Date,
    "due_at": pl.Datetime("us", "UTC"),  # null: nobody told
    "titles": pl.List(pl.String),  # ids, in the order in which the mail shows them
    "styles": pl.List(pl.String),  # of their pictures; null: shown without one of ours
}
SHOWN = pl.Schema(_COLUMNS)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"<(?:img|a)\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_OURS = re.compile(rf"\.(\d{{1,8}})@{re.escape(C.domain)}", re.IGNORECASE)
_NEAR = timedelta(days=1)  # of the business day: then the wall clock tells when it came


class Sight(NamedTuple):
    """A title in a mail; without a `style` where it is shown without a picture of ours."""

    title_id: str
    style: str | None = None


class Reader:
    """Reads mails about the titles of one catalogue."""

    def __init__(self, titles: Catalogue) -> None:
        ids = [title_id(number) for number in range(len(titles))]
        self._pictures = {
            artwork_url(titles.base, title, style): Sight(title, style) for title in ids for style in STYLES
        }
        self._links = {f"https://www.{C.domain}/watch/{title}": Sight(title) for title in ids}
        self._names = {
            word.lower(): Sight(title) for title, name in zip(ids, titles.names, strict=True) for word in name
        }

    def read(self, mails: Iterable[Mail], known: Container[str] = ()) -> pl.DataFrame:
        """The mails to our members but for the messages `known` already, in the columns of `SHOWN`, a message once."""
        new = (mail for mail in mails if _message(mail) not in known)
        rows = [row for mail in new if (row := self._row(mail)) is not None]
        return pl.DataFrame(rows, schema=SHOWN, orient="row").unique("message", keep="first", maintain_order=True)

    def sights(self, page: str) -> list[Sight]:
        """The titles that an HTML page shows, each once, in order."""
        tags = _TAG.findall(_COMMENT.sub("", page))
        images = [tag for tag in tags if tag[1] in "iI"]
        return (
            _firsts(self._known(self._pictures, images, "src"))
            or _firsts(self._known(self._links, tags, "href"))
            or _firsts(self._named(tags))
        )

    def _row(self, mail: Mail) -> tuple[object, ...] | None:
        member, run = _member(mail), _run_date(mail)
        if member is None:
            return None
        sights = self.sights(mail.html or "")
        titles, styles = [sight.title_id for sight in sights], [sight.style for sight in sights]
        return member, _message(mail), mail.tags.get("campaign", ""), run, _due(mail, run), titles, styles

    @staticmethod
    def _known(known: Mapping[str, Sight], tags: list[str], attribute: str) -> Iterator[Sight]:
        for tag in tags:
            if (sight := known.get(_attributes(tag).get(attribute, ""))) is not None:
                yield sight

    def _named(self, tags: list[str]) -> Iterator[Sight]:
        """An alternative text is a title's name, with or without words on the picture behind a colon."""
        for tag in tags:
            words = _attributes(tag).get("alt", "").lower()
            if (sight := self._names.get(words) or self._names.get(words.partition(":")[0])) is not None:
                yield sight


def _firsts(sights: Iterable[Sight]) -> list[Sight]:
    """Each title once, where it is first seen, as far as anyone looks."""
    seen: dict[str, Sight] = {}
    for sight in sights:
        seen.setdefault(sight.title_id, sight)
        if len(seen) == C.places:
            break
    return list(seen.values())


def _attributes(tag: str) -> dict[str, str]:
    return {name.lower(): html.unescape(double or single) for name, double, single in _ATTRIBUTE.findall(tag)}


def _message(mail: Mail) -> str:
    return mail.tags.get("message", mail.message_id)


def _member(mail: Mail) -> str | None:
    """The member whose mail it is; None where it goes to nobody of ours."""
    found = _OURS.search(mail.to[0].rpartition("<")[2]) if mail.to else None
    return f"m{int(found.group(1)):07}" if found else None


def _run_date(mail: Mail) -> date:
    """The business day told, or else the day on which it came."""
    try:
        return date.fromisoformat(mail.tags.get("run", ""))
    except ValueError:
        return mail.received_at.date()


def _due(mail: Mail, run: date) -> datetime | None:
    try:
        return datetime.strptime(mail.tags.get("due", ""), DUE).replace(tzinfo=UTC)
    except ValueError:
        return _near(mail, run)


def _near(mail: Mail, run: date) -> datetime | None:
    """When it came, where the clock on the wall is near its business day."""
    begins = datetime(run.year, run.month, run.day, tzinfo=UTC)
    near = begins - _NEAR <= mail.received_at < begins + 2 * _NEAR
    return mail.received_at if near else None
