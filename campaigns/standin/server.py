"""The stand-in itself: one home's mailbox behind an HTTP port of this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

from campaigns.errors import Unavailable
from campaigns.standin import mailbox, quota
from campaigns.standin.connection import Connection
from campaigns.standin.faults import FaultPlan
from campaigns.standin.quota import Meter, Quota
from campaigns.standin.ses import Ses, sent_lately
from campaigns.standin.store import Store

HOST = "127.0.0.1"


def _now() -> datetime:
    return datetime.now(UTC)


class Standin:
    """Amazon SES for one home, to be started on an event loop.

    `quota`: None takes it from quota.json, or the default. `faults` makes calls go wrong, for tests. `clock` tells wall
    time.
    """

    def __init__(
        self,
        home: Path,
        *,
        quota: Quota | None = None,
        faults: FaultPlan = lambda _: None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._home, self._quota, self._faults, self._clock = home.absolute(), quota, faults, clock
        self._connections: set[Connection] = set()

    async def start(self, port: int = 0) -> int:
        """Open the mailbox and listen; the port, which is any free one for 0.

        Raises:
            Unavailable: the mailbox or the port is another's.
            RefusedFile: quota.json is not one.
        """
        limits = self._quota or quota.from_file(mailbox.folder(self._home) / "quota.json")
        self._store = _open(self._home)
        now = self._clock()
        meter = Meter(limits, now.timestamp(), sent_lately(self._store, now))
        self._ses = Ses(self._store, meter, self._faults, self._clock)
        self._store.gallery.publish()
        try:
            self._server = await asyncio.get_running_loop().create_server(self._connection, HOST, port)
        except OSError as error:
            self._store.close()
            raise Unavailable(f"port {port}", error.strerror or str(error), "choose another, or 0 for any") from error
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening, answer what was taken, write the index."""
        self._server.close()
        self._ses.close()
        for connection in tuple(self._connections):
            connection.close()
        await self._server.wait_closed()
        self._store.close()

    def _connection(self) -> Connection:
        return Connection(self._ses.handle, self._connections)


def _open(home: Path) -> Store:
    try:
        return Store(home)
    except OSError as error:
        why = error.strerror or str(error)
        raise Unavailable(
            str(mailbox.folder(home)), why, "give it room on the disk, or set another ENCORE_HOME"
        ) from error


@contextmanager
def serving(home: Path, *, quota: Quota | None = None, faults: FaultPlan = lambda _: None) -> Iterator[str]:
    """A stand-in on a thread of this process, for tests: the URL to send to."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="standin", daemon=True)
    thread.start()
    standin = Standin(home, quota=quota, faults=faults)
    try:
        port = asyncio.run_coroutine_threadsafe(standin.start(), loop).result()
        try:
            yield f"http://{HOST}:{port}"
        finally:
            asyncio.run_coroutine_threadsafe(standin.close(), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
