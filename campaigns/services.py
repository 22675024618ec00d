"""The servers that Encore runs for itself: one of each per home, there as long as some command uses it.

The first command that needs a server starts it, others join, and the last to leave, however it ends, stops it.
There is no daemon to install and none to forget. How the locks say who lives: `keeper`.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from campaigns import keeper, locks
from campaigns.errors import Unavailable
from campaigns.settings import private_folder

LEAVING = 15.0  # seconds that the last user waits for the server to end
FULL = 1 << 20  # bytes left on a disk that nothing can be written to any more


@dataclass(frozen=True)
class Launch:
    """One start of a service: the program, where it will answer, and what its environment has beside ours."""

    command: list[str]
    address: str
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Service:
    """A server that Encore can run.

    Attributes:
        name: its folder under the home.
        title: what people call it.
        prepare: makes what it needs in its folder, and says how to start it; called when none runs.
        answers: whether it is ready at an address.
        mend: what helps when it does not start.
        start_limit: seconds until it must be ready.
        stop_signal: asks it to end.
        stop_limit: seconds until it is killed.
    """

    name: str
    title: str
    prepare: Callable[[Path], Launch]
    answers: Callable[[str], bool]
    mend: str
    start_limit: float = 60.0
    stop_signal: signal.Signals = signal.SIGTERM
    stop_limit: float = 10.0


class State(TypedDict):
    """What a keeper notes: two process ids, and where the server answers."""

    keeper: int
    server: int
    address: str


@contextlib.contextmanager
def running(service: Service, home: Path) -> Iterator[str]:
    """The address of `service`, which answers there as long as the block lasts. Nested use is cheap.

    Raises:
        Unavailable: it does not start; nothing of it is left running.
    """
    with starting(service, home) as address:
        yield address()


@contextlib.contextmanager
def starting(service: Service, home: Path) -> Iterator[Callable[[], str]]:
    """As `running`, but without waiting: the block gets a function that waits and gives the address.

    Raises:
        Unavailable: from here or from that function.
    """
    folder = private_folder(private_folder(home.absolute()) / service.name)
    with _using(service, folder):
        with _one_line(service):
            started = _start_unless_kept(service, folder)
        yield lambda: _wait_until_ready(service, folder, started=started)


def state(service: Service, home: Path) -> State | None:
    """What runs now, as its keeper noted it; None when nothing does."""
    folder = home.absolute() / service.name
    return _noted(folder) if locks.is_held(folder / "keeper.lock") else None


def in_use(home: Path) -> bool:
    """Whether any command uses a server of `home` now."""
    return any(locks.is_held(lock) for lock in home.glob("*/users.lock"))


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def _one_line(service: Service) -> Iterator[None]:
    """Say what the operating system refuses as a person would have it."""
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        raise Unavailable(service.title, f"{why}: {error.filename}" if error.filename else why, service.mend) from error


# --- who uses it ------------------------------------------------------------------------------------------------------


@dataclass
class _Use:
    """This process's one hold on a service, and how many blocks share it."""

    lock: int
    blocks: int = 0


_uses: dict[Path, _Use] = {}
_uses_change = threading.Lock()


@contextlib.contextmanager
def _using(service: Service, folder: Path) -> Iterator[None]:
    with _uses_change:
        if folder not in _uses:
            with _one_line(service):
                _uses[folder] = _Use(_join(service, folder))
        _uses[folder].blocks += 1
    try:
        yield
    finally:
        _leave(folder)


def _join(service: Service, folder: Path) -> int:
    """Become a user; where the server is just stopping, wait until it has."""
    lock = locks.take(folder / "users.lock", locks.SHARED, limit=service.stop_limit + LEAVING)
    if lock is None:
        raise Unavailable(service.title, "the one before is still stopping", "try again in a minute")
    return lock


def _leave(folder: Path) -> None:
    with _uses_change:
        use = _uses.get(folder)
        if use is None:  # a forked child leaves a block of its parent's
            return
        use.blocks -= 1
        if use.blocks:
            return
        del _uses[folder]
        os.close(use.lock)
    _wait_until_gone(folder)


def _wait_until_gone(folder: Path) -> None:
    """Let the keeper end the server, unless others use it: so that no process of ours outlives a command."""
    deadline = time.monotonic() + LEAVING
    while locks.is_held(folder / "keeper.lock") and not _others_use(folder) and time.monotonic() < deadline:
        time.sleep(locks.PAUSE)


def _others_use(folder: Path) -> bool:
    """Held, and shared: users; held alone: the keeper, as it stops the server."""
    return locks.is_held(folder / "users.lock", locks.ALONE) and not locks.is_held(folder / "users.lock", locks.SHARED)


def _forget_uses() -> None:
    """A forked child holds nothing of its parent's, or it would keep the server after the parent's end."""
    global _uses_change  # noqa: PLW0603 - another thread may have held it as we forked
    _uses_change = threading.Lock()
    for use in _uses.values():
        os.close(use.lock)
    _uses.clear()


os.register_at_fork(after_in_child=_forget_uses)


# --- starting it ------------------------------------------------------------------------------------------------------


def _wait_until_ready(service: Service, folder: Path, *, started: bool) -> str:
    """The address, once it answers. A service that we did not start and that ends is started; once."""
    deadline = time.monotonic() + service.start_limit
    while time.monotonic() < deadline:
        if locks.is_held(folder / "keeper.lock"):
            noted = _noted(folder)
            if noted and service.answers(noted["address"]):
                return noted["address"]
        elif started:
            raise Unavailable(service.title, _last_words(folder) or "it ended as it started", service.mend)
        else:
            with _one_line(service):
                started = _start_unless_kept(service, folder)
        time.sleep(locks.PAUSE)
    why = f"not ready within {service.start_limit:g} seconds"
    raise Unavailable(service.title, f"{why} ({words})" if (words := _last_words(folder)) else why, service.mend)


def _start_unless_kept(service: Service, folder: Path) -> bool:
    """Start the keeper, unless one lives, or someone else is starting one. True: we did."""
    lock = locks.take(folder / "keeper.lock")
    if lock is None:
        return False
    try:
        _start(service, folder, lock)
    finally:
        os.close(lock)
    return True


def _start(service: Service, folder: Path, keeper_lock: int) -> None:
    server_lock = _clear_away(service, folder)
    try:
        _spawn(service, folder, service.prepare(folder), keeper_lock, server_lock)
    finally:
        os.close(server_lock)


def _clear_away(service: Service, folder: Path) -> int:
    """End what a killed keeper left behind; give the lock that says that nothing is left."""
    lock = locks.take(folder / "server.lock")
    left = _noted(folder)
    (folder / "service.json").unlink(missing_ok=True)
    for stop_signal in (service.stop_signal, signal.SIGKILL):
        if lock is None:
            _signal(left, stop_signal)
            lock = locks.take(folder / "server.lock", limit=service.stop_limit)
    if lock is None:
        raise Unavailable(service.title, "a server from before does not end", f"end it by hand; see {folder}/log")
    return lock


def _signal(left: State | None, stop_signal: signal.Signals) -> None:
    if left is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(left["server"], stop_signal)


def _spawn(service: Service, folder: Path, launch: Launch, *inherited: int) -> None:
    """Start the keeper, apart from our terminal and session. It inherits the two locks, open and held."""
    order: keeper.Order = {
        "folder": str(folder),
        "command": launch.command,
        "address": launch.address,
        "stop_signal": service.stop_signal,
        "stop_limit": service.stop_limit,
        "server_lock": inherited[-1],
    }
    with keeper.open_log(folder) as log:
        subprocess.run(
            [sys.executable, "-I", "-S", keeper.__file__, json.dumps(order)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, **launch.environment},
            pass_fds=inherited,
            start_new_session=True,
            check=True,
        )


# --- its log ----------------------------------------------------------------------------------------------------------

TELLING = re.compile(r"FATAL|PANIC|ERROR|Error\b|error:|cannot|could not|denied|in use|No space")
PREFIX = re.compile(r"^[\d:.\-/ ]*(UTC )?(\[\d+\] )?[| ]*(FATAL|PANIC|ERROR|LOG|CRITICAL)?[:| ]*")


def telling_line(log: str) -> str:
    """The last line of a server's log that says what went wrong, or just the last; without its time and level."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    telling = [line for line in lines if TELLING.search(line)] or lines
    return PREFIX.sub("", telling[-1])[:300] if telling else ""


def _last_words(folder: Path) -> str:
    """What the log says of this start. On a full disk it could not say anything."""
    if shutil.disk_usage(folder).free < FULL:
        return "no space left on the disk"
    log = (folder / "log").read_bytes() if (folder / "log").exists() else b""
    return telling_line(log.rpartition(keeper.STARTED)[2].decode(errors="replace"))


def _noted(folder: Path) -> State | None:
    try:
        noted: State = json.loads((folder / "service.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return noted
