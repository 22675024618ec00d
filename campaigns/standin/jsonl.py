"""Append-only files of one record a line: written whole or not at all, read from either end."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Callable, Iterator
from pathlib import Path

BLOCK = 1 << 20


class Appender:
    """The one writer of a file of lines.

    What `append` wrote survives the death of this process at any moment (it is with the kernel), though not the
    machine's. Opening drops a last line that an earlier death cut short.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self.size = _whole(path)
        os.ftruncate(self._file, self.size)

    def append(self, lines: bytes) -> None:
        """Add whole lines, or nothing: after an error (a full disk) the file is as it was."""
        rest = memoryview(lines)
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError:
            os.ftruncate(self._file, self.size)
            raise
        self.size += len(lines)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)


def lines(path: Path, *, start: int = 0) -> Iterator[bytes]:
    """The whole lines from byte `start` on, first to last. One that has no end yet is left out."""
    with path.open("rb") as file:
        file.seek(start)
        yield from (line for line in file if line.endswith(b"\n"))


def backwards(path: Path) -> Iterator[bytes]:
    """The lines of a file, last to first, without their ends."""
    with path.open("rb") as file:
        position = file.seek(0, os.SEEK_END)
        head = b""
        while position:
            size = min(BLOCK, position)
            position = file.seek(position - size)
            head, *whole = (file.read(size) + head).split(b"\n")
            yield from (line for line in reversed(whole) if line)
        if head:
            yield head


def bisect(path: Path, reached: Callable[[bytes], bool]) -> int:
    """The byte at which the first line begins for which `reached` holds; the file's size if there is none.

    `reached` must hold for all lines after the first for which it holds. Reads some dozens of lines, however long the
    file is.
    """
    with path.open("rb") as file:
        size = _whole(path)

        def line_from(offset: int) -> bytes:
            file.seek(max(offset - 1, 0))
            if offset:
                file.readline()
            return file.readline() if file.tell() < size else b""

        def beyond(offset: int) -> bool:
            line = line_from(offset)
            return not line or reached(line)

        found = bisect_left(range(size), True, key=beyond)
        line = line_from(found)
        return file.tell() - len(line) if line else size


def _whole(path: Path) -> int:
    """How many bytes of the file are whole lines."""
    with path.open("rb") as file:
        position = file.seek(0, os.SEEK_END)
        while position:
            start = max(position - BLOCK, 0)
            file.seek(start)
            end = file.read(position - start).rfind(b"\n")
            if end >= 0:
                return start + end + 1
            position = start
    return 0
