"""The welcome page: what a mail showed, once more, and a search box. A signed link opens it; nobody logs in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parseaddr
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from campaigns.definition import Titles
from campaigns.pages import render
from campaigns.rendering.locales import direction
from campaigns.rendering.sentences import row_title
from campaigns.tracking import Kind, Link
from campaigns.web import search
from campaigns.web.cards import Card, card, cards, described
from campaigns.web.ranking import Viewer, titles_of
from campaigns.web.signed import NO_STORE, link_of, private
from campaigns.web.words import words

if TYPE_CHECKING:
    from campaigns.settings import Settings
    from campaigns.stores import Stores
    from campaigns.tracking import Links
    from campaigns.web.signals import Message, Signals

router = APIRouter()
MOST = 12  # titles found that are shown
INSTEAD = 9  # titles where nothing of the mail is left to show
GONE = (
    "has_left",
    "not_in_country",
    "blocked",
    "other_maturity",
)  # what is not in the catalogue at all is shown as it was mailed


@dataclass(frozen=True)
class Visit:
    """One look at a message's page."""

    settings: Settings
    links: Links
    signals: Signals
    link: Link
    message: Message
    viewer: Viewer

    @property
    def language(self) -> str:
        """What the mail was written in."""
        return self.viewer.member.language or "en"

    @property
    def base(self) -> str:
        """What stands before every path of this server, as it is reached from outside; mostly nothing."""
        return urlsplit(self.links.public_url).path

    @property
    def address(self) -> str:
        """The page's own."""
        return self._path(Kind.WELCOME, 0)

    def pick(self, place: int) -> str:
        """Where a pick of the mail leads: counted as in the mail."""
        return self._path(Kind.PICK, place)

    def title(self, title_id: str) -> str:
        """Where a title leads that is no pick of the mail."""
        return f"{self.address}/t/{quote(title_id, safe='')}"

    def _path(self, kind: Kind, place: int) -> str:
        return urlsplit(self.links.url(replace(self.link, kind=kind, place=place))).path


@router.get("/w/{token}")
def welcome(request: Request, token: str, q: str = "") -> Response:
    """The page of a message; with `q`, what that finds."""
    visit = visited(request, link_of(request, token, Kind.WELCOME))
    query = search.cleaned(q)
    if query:
        return private(_found(visit, query))
    return front(visit)


@router.get("/w/{token}/t/{title_id:path}")
def open_title(request: Request, token: str, title_id: str) -> Response:
    """Lead on to a title that the page showed and the mail did not; 404 where the member may not see it."""
    visit = visited(request, link_of(request, token, Kind.WELCOME))
    able, _ = visit.viewer.usable([title_id])
    if not able:
        raise HTTPException(404)
    visit.signals.opened(visit.link, visit.message.member_id, title_id, datetime.now(UTC))
    [title] = described(visit.viewer, able)
    return RedirectResponse(title["url"], 302, NO_STORE) if title["url"] else front(visit, asked_for=title["name"])


def visited(request: Request, link: Link) -> Visit:
    """Who looks at what; 404 where there is no such message any more."""
    stores: Stores = request.app.state.stores
    signals: Signals = request.app.state.signals
    message = signals.message(link)
    if message is None:
        raise HTTPException(404)
    held, now = request.app.state.memory.held(), datetime.now(UTC)
    opened = signals.opened_lately(message.member_id, now)
    member = held.members.find(message.member_id, now, opened)
    content = message.content
    told = replace(
        member,
        country=member.country or content.get("country"),
        language=content.get("language") or member.language,
    )
    viewer = Viewer(held, told, Titles.model_validate(message.rules))
    return Visit(stores.settings, request.app.state.links, signals, link, message, viewer)


def front(visit: Visit, asked_for: str | None = None) -> Response:
    """The mail's hero and rows as they were planned. `asked_for`: the title whose link had nowhere to lead."""
    visit.signals.viewed(visit.link, datetime.now(UTC))
    return private(_page(visit, asked_for=asked_for, **_shown(visit)))


def _found(visit: Visit, query: str) -> str:
    """What a search found; where that is nothing, the page as it was."""
    titles = [one.title.title_id for one in search.search(visit.viewer, query, MOST)]
    visit.signals.searched(visit.message.member_id, query, titles, datetime.now(UTC), visit.link)
    if titles:
        return _page(visit, query=query, found=_cards(visit, titles))
    return _page(visit, query=query, **_shown(visit))


def _shown(visit: Visit) -> dict[str, Any]:
    """The hero and the rows of the mail, without what can no longer be watched; where nothing is left, what can."""
    content = visit.message.content
    rows = list(_rows(visit, content)) if "hero" in content else []
    if not rows:
        best = titles_of(visit.viewer.best(INSTEAD))
        title = _row_title(visit, {"kind": "popular" if visit.viewer.held.model is None else "for_you"})
        rows = [(title, _cards(visit, best))] if best else []
    if not rows:
        return {}
    first, *rest = rows[0][1]
    below = [(rows[0][0], rest), *rows[1:]] if rest else rows[1:]
    return {"hero": first, "rows": below}


def _rows(visit: Visit, content: Mapping[str, Any]) -> Iterator[tuple[str | None, list[Card]]]:
    """The hero by itself, then row by row, with their titles; a row without any pick left is left out."""
    strips = [{"kind": None, "picks": [content["hero"]]}, *content["rows"]]
    _, why = visit.viewer.usable(pick["title_id"] for strip in strips for pick in strip["picks"])
    places = count()
    for strip in strips:
        numbered = [(next(places), pick) for pick in strip["picks"]]
        shown = [
            card(pick, visit.pick(place), visit.base, visit.language)
            for place, pick in numbered
            if why.get(pick["title_id"]) not in GONE
        ]
        if shown:
            yield (_row_title(visit, strip) if strip["kind"] else None), shown


def _row_title(visit: Visit, row: Mapping[str, Any]) -> str:
    country = visit.message.content.get("country") or visit.viewer.member.country or ""
    return row_title(row["kind"], visit.language, country=country, title=row.get("about") or "")


def _cards(visit: Visit, titles: list[str]) -> list[Card]:
    return cards(visit.viewer, titles, visit.title, visit.base)


def _page(visit: Visit, **shown: Any) -> str:
    say, spoken = words(visit.language)
    name, address = parseaddr(visit.settings.sender)
    values = {"hero": None, "rows": [], "found": [], "query": "", "asked_for": None} | shown
    about = {"language": spoken, "direction": direction(spoken), "service": name or address}
    return render(
        "welcome.html", say=say, given_name=visit.message.given_name, address=visit.address, **about, **values
    )
