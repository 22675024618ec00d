import json
import socket

import pytest

from campaigns.standin import serving
from campaigns.standin.connection import MAX_BODY, MAX_HEAD

ACCOUNT = b"GET /v2/email/account HTTP/1.1\r\nHost: x\r\nAuthorization: x\r\n\r\n"


@pytest.fixture
def wire(tmp_path):
    with serving(tmp_path) as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=5) as wire:
            yield wire


def answer(wire):
    """The next answer: its status, and its JSON."""
    file = wire.makefile("rb", buffering=0)
    status = int(file.readline().split()[1])
    headers = dict(line.lower().split(b": ", 1) for line in iter(file.readline, b"\r\n"))
    return status, json.loads(file.read(int(headers[b"content-length"])))


def gone(wire):
    return wire.recv(1) == b""


def test_a_connection_serves_many_requests(wire):
    for _ in range(3):
        wire.sendall(ACCOUNT)
        assert answer(wire)[0] == 200


def test_requests_sent_ahead_are_answered_in_order(wire):
    wire.sendall(ACCOUNT + ACCOUNT.replace(b"account", b"nothing") + ACCOUNT)
    assert [answer(wire)[0] for _ in range(3)] == [200, 404, 200]


def test_a_request_may_come_byte_by_byte(wire):
    for byte in ACCOUNT:
        wire.sendall(bytes([byte]))
    assert answer(wire)[0] == 200


def test_a_client_that_wants_to_close_is_let_go(wire):
    wire.sendall(ACCOUNT.replace(b"Host: x", b"Connection: close"))
    assert answer(wire)[0] == 200
    assert gone(wire)


def test_a_client_that_waits_for_leave_gets_it(wire):
    head = ACCOUNT.replace(b"Host: x", b"Expect: 100-continue\r\nContent-Length: 2")
    wire.sendall(head)
    assert wire.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    wire.sendall(b"{}")
    assert answer(wire)[0] == 200


@pytest.mark.parametrize(
    "head",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY + 1),
        b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"x" * MAX_HEAD,
    ],
)
def test_what_is_no_request_is_refused_and_the_connection_closed(wire, head):
    wire.sendall(head)
    assert answer(wire)[0] == 400
    assert gone(wire)
