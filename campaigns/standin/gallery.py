"""The pages of a mailbox on the disk: written beside the accepting of mails, never in its way.

Once a second at most the newest mails get their pages and the index is written anew. Where mails come in faster than
that, the pages of those in between are written from mails.jsonl when it is quiet, if need be after the next start.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from campaigns.standin import jsonl, mailbox, pages
from campaigns.standin.mailbox import Mail

LISTED = 200
"""How many mails the index lists, and so how many pages are written at once."""

EVERY = 1.0  # seconds between two writings of the index, at least
QUIET = 0.25  # seconds without a mail, after which older pages are written
AT_ONCE = 10  # older pages between two looks for new mails


class Gallery:
    """The index and the mails' pages of a home. Errors of the disk are passed over: pages are a convenience."""

    def __init__(self, home: Path) -> None:
        self._folder, self._mails = mailbox.folder(home), mailbox.mails_file(home)
        self._index = mailbox.index_file(home)
        self._mark = self._folder / "pages.mark"
        newest = islice(jsonl.backwards(self._mails), LISTED)
        self._listed = deque((pages.row(mailbox.from_line(line)) for line in newest), maxlen=LISTED)
        self._due: deque[Mail] = deque(maxlen=LISTED)
        self._size = self._mails.stat().st_size
        self._done = min(_number(self._mark), self._size)
        self._skipped = self._done < self._size

    @property
    def behind(self) -> bool:
        """Whether there may be mails without a page that `publish` won't write."""
        return self._skipped

    def add(self, mails: Sequence[Mail], size: int) -> None:
        """Take note of mails that were kept; `size` is what mails.jsonl has now."""
        self._skipped = self._skipped or len(self._due) + len(mails) > LISTED
        self._due.extend(mails)
        self._listed.extendleft(map(pages.row, mails))
        self._size = size

    def publish(self) -> None:
        """Write the pages of the newest mails, and the index."""
        with contextlib.suppress(OSError):
            for mail in self._due:
                self._write(mail)
            self._due.clear()
            _replace(self._index, pages.index(self._listed))
            if not self._skipped:
                self._done_up_to(self._size)

    def catch_up(self) -> bool:
        """Write some of the pages that are missing, oldest first; False where the disk refuses."""
        with contextlib.suppress(OSError):
            read = 0
            for line in islice(jsonl.lines(self._mails, start=self._done), AT_ONCE):
                self._write(mailbox.from_line(line))
                read += len(line)
            self._done_up_to(self._done + read)
            self._skipped = self._done < self._size
            return True
        return False

    def _done_up_to(self, size: int) -> None:
        self._done = size
        _replace(self._mark, str(size))

    def _write(self, mail: Mail) -> None:
        with (self._folder / f"{mail.message_id}.html").open("wb", buffering=0) as file:
            file.write(pages.page(mail).encode(errors="replace"))


class Upkeep:
    """Calls a gallery's work at the right times, on the running event loop."""

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery
        self._publishing: asyncio.TimerHandle | None = None
        self._catching_up: asyncio.TimerHandle | None = None
        self._look()

    def touched(self) -> None:
        """Mails were kept."""
        loop = asyncio.get_running_loop()
        if self._publishing is None:
            self._publishing = loop.call_later(EVERY, self._publish)
        if self._catching_up is not None:  # not quiet: put off
            self._catching_up.cancel()
            self._catching_up = loop.call_later(QUIET, self._catch_up)

    def close(self) -> None:
        """Write what the index needs; older pages can wait for the next start."""
        for timer in (self._publishing, self._catching_up):
            if timer is not None:
                timer.cancel()
        self._gallery.publish()

    def _publish(self) -> None:
        self._publishing = None
        self._gallery.publish()
        self._look()

    def _catch_up(self) -> None:
        self._catching_up = None
        self._look(soon=0 if self._gallery.catch_up() else QUIET)

    def _look(self, soon: float = QUIET) -> None:
        if self._gallery.behind and self._catching_up is None:
            self._catching_up = asyncio.get_running_loop().call_later(soon, self._catch_up)


def _number(path: Path) -> int:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return 0


def _replace(path: Path, text: str) -> None:
    """Write a file in one step: whoever opens it sees the old or the new."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text, errors="replace")
    fresh.replace(path)
