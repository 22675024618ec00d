"""What members did on the way back, kept beside the clicks. `docs/way-back.md` says what reads it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from campaigns.db import statements
from campaigns.planning.catalogue import LATELY

if TYPE_CHECKING:
    from campaigns.tracking import Link
    from campaigns.web.connections import Connections
    from campaigns.web.members import Member
    from campaigns.web.pictures import Picture

SQL = statements("campaigns.web", "signals.sql")


class Message(NamedTuple):
    """What the page of a message needs of it."""

    member_id: str
    content: dict[str, Any]
    given_name: str | None
    rules: dict[str, Any]


class Signals:
    """What is kept and looked up while a member waits. Each method is one statement in signals.sql."""

    def __init__(self, connections: Connections) -> None:
        self.connections = connections

    def message(self, link: Link) -> Message | None:
        """The message of a link; None: there is none, or its member was erased."""
        with self.connections.use() as connection:
            found = connection.execute(SQL["message"], _values(link)).fetchone()
        return Message(*found) if found else None

    def opened_lately(self, member_id: str, at: datetime) -> list[str]:
        """The titles that a member opened in the two weeks before a moment, the latest first."""
        with self.connections.use() as connection:
            found = connection.execute(SQL["opened"], {"member_id": member_id, "since": at - LATELY}).fetchall()
        return [title for (title,) in found]

    def viewed(self, link: Link, at: datetime) -> None:
        """The welcome page of a message was seen."""
        self._keep("viewed", _values(link) | {"at": at})

    def searched(
        self, member_id: str, query: str, titles: Sequence[str], at: datetime, link: Link | None = None
    ) -> None:
        """A member looked for something, and this was found; without a link, on a screen of the service."""
        where = _values(link) if link else {"id": None, "run_date": None}
        told = {"member_id": member_id, "query": query, "titles": list(titles), "at": at}
        self._keep("searched", where | told)

    def opened(self, link: Link, member_id: str, title_id: str, at: datetime) -> None:
        """A title that is no pick of the mail was opened on its welcome page."""
        self._keep("open", _values(link) | {"member_id": member_id, "title_id": title_id, "at": at})

    def drawn(self, member: Member, pictures: Sequence[Picture], at: datetime) -> None:
        """Pictures were drawn for a screen of the service: all of them are kept, or none."""
        of = {"member_id": member.id, "day": member.at.date(), "at": at}
        rows = [picture._asdict() | of for picture in pictures]
        if rows:
            with self.connections.use() as connection, connection.transaction():
                connection.cursor().executemany(SQL["drawn"], rows)

    def _keep(self, statement: str, values: dict[str, Any]) -> None:
        with self.connections.use() as connection:
            connection.execute(SQL[statement], values)


def _values(link: Link) -> dict[str, Any]:
    return {"id": link.message, "run_date": link.run_date}
