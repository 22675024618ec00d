"""Keeps accepted mails on the disk, with their events.

mails.jsonl is written first and is the truth. Events follow from it: whatever a death between the two left unsaid is
said when the mailbox is opened again.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from campaigns.errors import Unavailable
from campaigns.settings import private_folder
from campaigns.standin import events, jsonl, mailbox
from campaigns.standin.gallery import Gallery
from campaigns.standin.mailbox import Mail


class Store:
    """The one writer of a home's mailbox. Opening it repairs what an earlier writer's death left half done.

    Attributes:
        last: the newest mail, if there is one.
        gallery: the mails as pages.
    """

    def __init__(self, home: Path) -> None:
        self._lock = _lock(private_folder(mailbox.folder(home)) / "lock")
        self._path = mailbox.mails_file(home)
        self._mails = jsonl.Appender(self._path)
        self._events = jsonl.Appender(mailbox.events_file(home))
        self._owed = b"".join(_unsaid(self._path, mailbox.events_file(home)))
        self._say()
        newest = next(jsonl.backwards(self._path), None)
        self.last = None if newest is None else mailbox.from_line(newest)
        self.gallery = Gallery(home)

    def keep(self, mails: Sequence[Mail]) -> None:
        """Write mails down, all or none. Once it returns they outlive this process.

        Raises:
            OSError: the disk won't take them; none is kept.
        """
        self._mails.append(b"".join(map(mailbox.to_line, mails)))
        self.last = mails[-1]
        self._owed += b"".join(events.to_line(event) for mail in mails for event in events.events(mail))
        with contextlib.suppress(OSError):  # the mails are kept: what can't be said now is said with the next
            self._say()
        self.gallery.add(mails, self._mails.size)

    def sent_before(self, moment: datetime) -> int:
        """Recipients that the daily quota counts, of all mails received before `moment`."""
        following = next(jsonl.lines(self._path, start=mailbox.offset_of(self._path, moment)), None)
        if following is None:
            return self.last.sent_so_far if self.last else 0
        mail = mailbox.from_line(following)
        return mail.sent_so_far - counted(mail)

    def close(self) -> None:
        """Let another writer in."""
        self._mails.close()
        self._events.close()
        os.close(self._lock)

    def _say(self) -> None:
        self._events.append(self._owed)
        self._owed = b""


def counted(letter: mailbox.Letter) -> int:
    """How many of its recipients the daily quota counts."""
    return sum(map(events.counts, letter.recipients))


def _unsaid(mails: Path, told: Path) -> Iterator[bytes]:
    """The lines that the events lack, in order.

    Mails and events are written in the same order, so all is said up to the last event there is.
    """
    last = next(jsonl.backwards(told), b"") + b"\n"
    missing: list[list[bytes]] = []
    for line in jsonl.backwards(mails):
        due = [events.to_line(event) for event in events.events(mailbox.from_line(line))]
        if last in due:
            missing.append(due[due.index(last) + 1 :])
            break
        missing.append(due)
    for lines in reversed(missing):
        yield from lines


def _lock(path: Path) -> int:
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        raise Unavailable(
            str(path.parent),
            "another stand-in keeps this mailbox",
            "send to that one (its port is in standin.json), or stop it first",
        ) from None
    return file
