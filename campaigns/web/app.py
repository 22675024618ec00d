"""The web application, made for given stores: nothing is read from the environment, nothing runs on import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response

from campaigns.errors import EncoreError, NotFound
from campaigns.settings import secret_key
from campaigns.tracking import Links
from campaigns.web import artwork, links, reports

if TYPE_CHECKING:
    from campaigns.stores import Stores


def make_app(stores: Stores) -> FastAPI:
    """The application over `stores`."""
    app = FastAPI(title="Encore", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.stores = stores
    app.state.links = Links(stores.settings.public_url, secret_key(stores.settings))
    for room in (links, artwork, reports):
        app.include_router(room.router)
    app.add_exception_handler(EncoreError, refused)
    return app


async def refused(_: Request, error: Exception) -> Response:
    """What Encore refuses, as a page that says so."""
    return PlainTextResponse(f"{error}\n", status_code=404 if isinstance(error, NotFound) else 409)
