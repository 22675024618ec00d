"""What all pages behind signed links share: reading the link, and headers that let nothing leak."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import HTTPException
from fastapi.responses import HTMLResponse

from campaigns.tracking import Kind, Link

if TYPE_CHECKING:
    from fastapi import Request

NO_STORE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
PRIVATE = NO_STORE | {
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'none'; img-src http: https:; style-src 'unsafe-inline'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
}


def link_of(request: Request, token: str, kind: Kind) -> Link:
    """What a token says; 404 where it is none of ours, or of another kind."""
    link: Link | None = request.app.state.links.read(token)
    if link is None or link.kind is not kind:
        raise HTTPException(404)
    return link


def private(page: str) -> HTMLResponse:
    """A page that is one member's: kept by nobody, found by no search engine, and naming itself to no one."""
    return HTMLResponse(page, headers=PRIVATE)
