"""Reports, for whoever can reach this server: serve it inside your network, or behind your own login."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from campaigns import lifecycle
from campaigns.pages import render
from campaigns.reports.page import page
from campaigns.reports.report import report

router = APIRouter()


@router.get("/")
def campaigns(request: Request) -> HTMLResponse:
    """All campaigns, each with its report."""
    with request.app.state.stores.database.session() as session:
        rows = [{"name": row.name, "state": row.state} for row in lifecycle.every(session)]
    return HTMLResponse(render("campaigns.html", rows=rows))


@router.get("/reports/{name}")
def show(request: Request, name: str) -> HTMLResponse:
    """A campaign's report as of now."""
    return HTMLResponse(page(report(request.app.state.stores, name, datetime.now(UTC))))
