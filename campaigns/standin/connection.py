"""HTTP/1.1 as far as an AWS client speaks it: keep-alive, bodies of a known length, one request at a time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, NamedTuple, TypeAlias

CHUNK = 256 * 1024
MAX_HEAD = 64 * 1024
MAX_BODY = 64 * 1024 * 1024  # SES takes 40 MB; JSON's escapes make more of it


class Request(NamedTuple):
    """A request with its whole body. Names of headers are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What goes back, as JSON."""

    content: Mapping[str, Any]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Reply: TypeAlias = Callable[[Answer | None], None]
"""Answers a request, once, now or later; with None the connection is closed without an answer."""

Handler: TypeAlias = Callable[[Request, Reply], None]


class Connection(asyncio.BufferedProtocol):
    """One client. `handle` gets each request with the means to answer it; the next is read after the answer.

    Buffered, since a plain Protocol's reads allocate a quarter of a megabyte each.
    """

    def __init__(self, handle: Handler, connections: set[Connection]) -> None:
        self._handle, self._connections = handle, connections
        self._transport: asyncio.Transport
        self._chunk = memoryview(bytearray(CHUNK))
        self._buffer = bytearray()
        self._head: _Head | None = None
        self._answering = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has come."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """The client has gone, or was sent away."""
        self._connections.discard(self)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - asyncio's signature
        """Where the next bytes go."""
        return self._chunk

    def buffer_updated(self, nbytes: int) -> None:
        """More bytes: perhaps enough for a request."""
        self._buffer += self._chunk[:nbytes]
        self._read()

    def close(self) -> None:
        """Hang up, after what was already answered has left."""
        self._transport.close()

    def _read(self) -> None:
        if self._answering or self._transport.is_closing():
            return
        try:
            request = self._request()
        except ValueError as error:
            self._answer(Answer({"message": str(error)}, HTTPStatus.BAD_REQUEST), keep=False)
            return
        if request is not None:
            self._answering = True
            self._handle(request, self._reply)

    def _request(self) -> Request | None:
        """The next request, once it is all there.

        Raises:
            ValueError: this is no request that we could read, and what follows won't be either.
        """
        if self._head is None:
            self._head = self._take_head()
        head = self._head
        if head is None or len(self._buffer) < head.length:
            return None
        self._head, body = None, bytes(self._buffer[: head.length])
        del self._buffer[: head.length]
        self._keep = head.keep
        return Request(head.method, head.path, head.headers, body)

    def _take_head(self) -> _Head | None:
        end = self._buffer.find(b"\r\n\r\n")
        if max(end, len(self._buffer) if end < 0 else 0) > MAX_HEAD:
            raise ValueError("the request's headers are too long")
        if end < 0:
            return None
        head = _parse(self._buffer[:end].decode("latin-1"))
        del self._buffer[: end + 4]
        if head.headers.get("expect", "").lower() == "100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return head

    def _reply(self, answer: Answer | None) -> None:
        if self._transport.is_closing():
            return
        if answer is None:
            self.close()
            return
        self._answering = False
        self._answer(answer, keep=self._keep)
        if self._buffer:
            asyncio.get_running_loop().call_soon(self._read)

    def _answer(self, answer: Answer, *, keep: bool) -> None:
        self._transport.write(_encode(answer, keep=keep))
        if not keep:
            self.close()


class _Head(NamedTuple):
    method: str
    path: str
    headers: Mapping[str, str]
    length: int
    keep: bool


def _parse(text: str) -> _Head:
    first, *rest = text.split("\r\n")
    method, target, version = first.split(" ")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
    if "transfer-encoding" in headers:
        raise ValueError("bodies in chunks are not read here; send a Content-Length")
    length = int(headers.get("content-length", "0"))
    if not 0 <= length <= MAX_BODY:
        raise ValueError(f"the body is longer than {MAX_BODY} bytes")
    keep = version == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
    return _Head(method, target.partition("?")[0], headers, length, keep)


def _encode(answer: Answer, *, keep: bool) -> bytes:
    body = json.dumps(answer.content).encode()
    lines = [
        f"HTTP/1.1 {answer.status} {_reason(answer.status)}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        f"Connection: {'keep-alive' if keep else 'close'}",
        *(f"{name}: {value}" for name, value in answer.headers.items()),
    ]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
