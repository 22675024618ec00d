"""The web application, made for given stores: nothing is read from the environment, nothing runs on import."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response

from campaigns.errors import EncoreError, NotFound
from campaigns.settings import secret_key
from campaigns.tracking import Links
from campaigns.web import artwork, links, reports, welcome
from campaigns.web.api import make_api
from campaigns.web.connections import Connections
from campaigns.web.guard import Guard
from campaigns.web.keys import api_key
from campaigns.web.memory import Memory
from campaigns.web.signals import Signals

if TYPE_CHECKING:
    from campaigns.stores import Stores


def make_app(stores: Stores) -> FastAPI:
    """The application over `stores`."""
    memory, connections = Memory(stores), Connections(stores.database)
    signals = Signals(connections)

    @asynccontextmanager
    async def warmed(_: FastAPI) -> AsyncIterator[None]:
        memory.warm()
        yield
        connections.close()

    app = FastAPI(title="Encore", docs_url=None, redoc_url=None, openapi_url=None, lifespan=warmed)
    app.state.stores, app.state.memory, app.state.signals = stores, memory, signals
    app.state.links = Links(stores.settings.public_url, secret_key(stores.settings))
    for room in (links, welcome, artwork, reports):
        app.include_router(room.router)
    app.mount("/api/v1", Guard(make_api(memory, signals), api_key(stores.home)))
    app.add_exception_handler(EncoreError, refused)
    return app


async def refused(_: Request, error: Exception) -> Response:
    """What Encore refuses, as a page that says so."""
    return PlainTextResponse(f"{error}\n", status_code=404 if isinstance(error, NotFound) else 409)
