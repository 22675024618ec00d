"""Keep one server running for as long as somebody uses it: the small program that `services` starts.

    python keeper.py '{"folder": …, "command": […], "address": …, "stop_signal": …, "stop_limit": …, "server_lock": …}'

It imports the standard library alone and is run by its path, so that it starts in a few hundredths of a second.
Four locks in the service's folder say who lives. The kernel frees each when its last holder ends, however that was:

| lock        | held by                                                                                     |
|-------------|---------------------------------------------------------------------------------------------|
| users.lock  | every user, shared; this program once there are none, alone, until the server is really gone |
| keeper.lock | who is starting the service, then this program (handed over open)                            |
| server.lock | the same, then the server and all that it forks: free means that the server is really gone   |
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import TextIO, TypedDict

PR_SET_PDEATHSIG = 1  # linux/prctl.h
STARTED = b"--- started\n"  # the first line of every start in the log
LOG_LIMIT = 1 << 20  # bytes; a longer log is begun anew


class Order(TypedDict):
    """What to run, and how to end it. `address` is noted for users; `server_lock` is an open file that it inherits."""

    folder: str
    command: list[str]
    address: str
    stop_signal: int
    stop_limit: float
    server_lock: int


def main(arguments: list[str]) -> None:
    """Become a child of nobody, then keep the server that the first argument describes."""
    order: Order = json.loads(arguments[0])
    if os.fork():
        os._exit(0)  # whoever started us has nothing to wait for, and no zombie of ours to bury
    os.umask(0o077)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    keep(order)


def keep(order: Order) -> None:
    """Run the server until it ends, or its last user has gone, or we are told to stop."""
    folder = Path(order["folder"])
    with (folder / "users.lock").open("a") as users:  # let go last: who comes meanwhile waits, then starts a new one
        server = _start(order)
        try:
            _note(folder / "service.json", {"keeper": os.getpid(), "server": server.pid, "address": order["address"]})
            threading.Thread(target=_end_when_unused, args=(users,), daemon=True).start()
            server.wait()
        finally:
            _stop(server, order)
            (folder / "service.json").unlink(missing_ok=True)


def open_log(folder: Path) -> FileIO:
    """Where keeper and server write what they have to say; opened by whoever starts them."""
    path = folder / "log"
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.unlink()
    path.touch(mode=0o600)
    log = path.open("ab", buffering=0)
    log.write(STARTED)
    return log


def _start(order: Order) -> subprocess.Popen[bytes]:
    """Start the server. It inherits its own lock and no other, and is told to stop should we be killed."""
    return subprocess.Popen(
        order["command"],
        stdin=subprocess.DEVNULL,
        cwd=order["folder"],
        pass_fds=(order["server_lock"],),
        preexec_fn=_follow_parent(order["stop_signal"]),  # noqa: PLW1509 - no thread runs yet
    )


def _follow_parent(stop_signal: int) -> Callable[[], None] | None:
    """What the child calls before it becomes the server. Elsewhere than on Linux the next user finds what is left."""
    if sys.platform != "linux":
        return None
    keeper, prctl = os.getpid(), ctypes.CDLL(None).prctl

    def follow() -> None:
        prctl(PR_SET_PDEATHSIG, stop_signal)
        if os.getppid() != keeper:  # killed before we asked
            os._exit(1)

    return follow


def _note(path: Path, state: dict[str, int | str]) -> None:
    """Write `state` so that a reader sees all of it or nothing."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(state), encoding="utf-8")
    part.replace(path)


def _end_when_unused(users: TextIO) -> None:
    fcntl.flock(users, fcntl.LOCK_EX)
    os.kill(os.getpid(), signal.SIGTERM)


def _stop(server: subprocess.Popen[bytes], order: Order) -> None:
    """Ask the server to end; end it when it takes too long."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if server.poll() is None:
        server.send_signal(order["stop_signal"])
    try:
        server.wait(order["stop_limit"])
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


if __name__ == "__main__":
    main(sys.argv[1:])
