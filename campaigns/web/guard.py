"""The door of the API: who does not show the key, or brings too much, is turned away before anything is read."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from fastapi.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

LARGEST = 1 << 20  # bytes of a request
LONGEST = 20  # digits of how many there are


class Guard:
    """Lets those requests through to `app` that bear the key."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self.app, self.expected = app, f"Bearer {key}".encode("ascii")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, as ASGI has it."""
        refusal = self.refusal(dict(scope["headers"])) if scope["type"] == "http" else None
        await (refusal or self.app)(scope, receive, send)

    def refusal(self, headers: dict[bytes, bytes]) -> JSONResponse | None:
        """Why a request is turned away; None: it is not."""
        if not hmac.compare_digest(headers.get(b"authorization", b""), self.expected):
            why = "show the key: Authorization: Bearer KEY, where KEY is what the file api_key under ENCORE_HOME says"
            return JSONResponse({"error": why}, 401, {"WWW-Authenticate": "Bearer"})
        told = headers.get(b"content-length", b"0")
        length = b"" if b"transfer-encoding" in headers else told  # beside an encoding it may lie
        if not length.isdigit():
            return JSONResponse({"error": "say how long the request is: Content-Length"}, 411)
        if len(length) > LONGEST or int(length) > LARGEST:
            return JSONResponse({"error": f"the request is too long; send at most {LARGEST:,} bytes"}, 413)
        return None
