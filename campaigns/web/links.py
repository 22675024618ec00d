"""Links in mails: to a pick, to unsubscribe, the pixel. Targets are looked up, never carried in the link."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from campaigns import contacts
from campaigns.pages import render
from campaigns.reports.export import placed
from campaigns.tracking import Kind, Link
from campaigns.web import welcome
from campaigns.web.signed import NO_STORE, link_of

if TYPE_CHECKING:
    from campaigns.db import Database

router = APIRouter()
PIXEL = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")

MESSAGE = "SELECT member_id, content FROM messages WHERE id = %(id)s AND run_date = %(run_date)s"
CLICKED = """
INSERT INTO clicks (message_id, run_date, place, at) VALUES (%(id)s, %(run_date)s, %(place)s, %(at)s)
"""


@router.get("/c/{token}")
def go_to_pick(request: Request, token: str) -> Response:
    """Lead on to the title that the link showed, or where it has no address of its own, to the welcome page.

    A HEAD, as scanners send, counts for nothing.
    """
    link = link_of(request, token, Kind.PICK)
    picks = placed(_message(request.app.state.stores.database, link)["content"])
    if link.place >= len(picks):
        raise HTTPException(404)
    with request.app.state.stores.database.connect() as connection:
        connection.execute(CLICKED, _values(link))
    pick = picks[link.place]
    if pick["url"]:
        return RedirectResponse(pick["url"], 302, NO_STORE)
    return welcome.front(welcome.visited(request, link), asked_for=pick["name"])


@router.get("/u/{token}")
def ask_to_unsubscribe(request: Request, token: str) -> Response:
    """Ask once: a scanner that follows links must not unsubscribe anyone."""
    link_of(request, token, Kind.UNSUBSCRIBE)
    return HTMLResponse(render("unsubscribe.html", done=False), headers=NO_STORE)


@router.post("/u/{token}")
def unsubscribe(request: Request, token: str) -> Response:
    """Unsubscribe at once, without cookie or login, however often: RFC 8058."""
    link = link_of(request, token, Kind.UNSUBSCRIBE)
    database = request.app.state.stores.database
    member = _message(database, link)["member_id"]
    contacts.unsubscribe(database, member, datetime.now(UTC))
    return HTMLResponse(render("unsubscribe.html", done=True), headers=NO_STORE)


@router.get("/o/{token}.gif")
def pixel(request: Request, token: str) -> Response:
    """A picture of one pixel. That it was fetched says nothing of a person, so nothing is kept."""
    link_of(request, token, Kind.PIXEL)
    return Response(PIXEL, media_type="image/gif", headers=NO_STORE)


def _message(database: Database, link: Link) -> dict[str, Any]:
    with database.connect() as connection:
        found = connection.execute(MESSAGE, _values(link)).fetchone()
    if found is None:
        raise HTTPException(404)
    return {"member_id": found[0], "content": found[1]}


def _values(link: Link) -> dict[str, Any]:
    return {"id": link.message, "run_date": link.run_date, "place": link.place, "at": datetime.now(UTC)}
