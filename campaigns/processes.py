"""Work in several processes at once, which end cleanly when they are told to or whoever started them is gone."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import connection, resource_tracker
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

LOOK = 0.2  # seconds between two looks whether to stop
STOP = (signal.SIGTERM, signal.SIGINT)

Stopping = Callable[[], bool]


def in_processes(
    work: Callable[..., Any], arguments: tuple[Any, ...], processes: int, stopping: Stopping
) -> list[Any | None]:
    """What `work(*arguments, stopping=…)` returned in each process; None for one that died.

    The function and its arguments are pickled. Once `stopping` says so the processes are asked to end, and waited for.
    """
    children = _start(work, arguments, processes)
    try:
        return list(_answers(children, stopping))
    finally:
        for child in children.values():
            child.terminate()  # asks: one that has ended does not mind
            child.join()


@contextmanager
def until_stopped() -> Iterator[Stopping]:
    """A function that tells whether SIGTERM or SIGINT came; a second one ends the program as usual."""
    told = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield told.is_set
        return

    def stop(number: int, _: object) -> None:
        told.set()
        signal.signal(number, usual[signal.Signals(number)])

    usual = {number: signal.signal(number, stop) for number in STOP}
    try:
        yield told.is_set
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)


def _start(work: Callable[..., Any], arguments: tuple[Any, ...], processes: int) -> dict[Connection, SpawnProcess]:
    """Spawned, not forked: a fork would share our connections and locks."""
    context = multiprocessing.get_context("spawn")
    resource_tracker.ensure_running()  # else the first start would, and unblock the signals
    children = {}
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, STOP)  # inherited: a child that still starts must not break off
    try:
        for _ in range(processes):
            ours, theirs = context.Pipe(duplex=False)
            child = context.Process(target=_child, args=(work, arguments, theirs, os.getpid()), daemon=True)
            child.start()
            theirs.close()
            children[ours] = child
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    return children


def _answers(children: dict[Connection, SpawnProcess], stopping: Stopping) -> Iterator[Any | None]:
    waiting = set(children)
    while waiting:
        ready = connection.wait(list(waiting), timeout=LOOK)
        for pipe in [pipe for pipe in waiting if pipe in ready]:
            waiting.discard(pipe)
            try:
                yield pipe.recv()
            except EOFError:
                yield None
        for pipe in waiting if stopping() else ():
            children[pipe].terminate()


def _child(work: Callable[..., Any], arguments: tuple[Any, ...], pipe: Connection, parent: int) -> None:
    told = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C reaches us too, but whoever started us decides
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP)
    pipe.send(work(*arguments, stopping=lambda: told.is_set() or os.getppid() != parent))
