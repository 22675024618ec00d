"""Who acts: users and their roles, and the audit log of what they did."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlmodel import Field, SQLModel, col, func, select

from campaigns.errors import NotAllowed

if TYPE_CHECKING:
    from sqlmodel import Session

OPERATOR = "operator"


class Role(IntEnum):
    """What a user may do; each role may do what those below it may."""

    viewer = 1
    analyst = 2
    marketer = 3
    approver = 4
    admin = 5


class User(SQLModel, table=True):
    """Someone who acts by name."""

    __tablename__ = "users"

    email: str = Field(primary_key=True)
    role: str


class Audit(SQLModel, table=True):
    """One act: who did what to what, and when by the wall clock."""

    __tablename__ = "audit"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=TIMESTAMP(timezone=True))
    actor: str
    act: str
    subject: str
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))


def add_user(session: Session, email: str, role: str) -> None:
    """Let `email` act as `role`; an existing user's role is changed.

    Raises:
        NotAllowed: there is no such role, or it would be taken for the operator.
    """
    if role not in Role.__members__:
        raise NotAllowed(f"add {email}", f"{role!r} is none of {', '.join(Role.__members__)}")
    if named(email) in ("", OPERATOR):
        raise NotAllowed(f"add {email}", "a user is known by an address; `operator` is whoever gives none")
    session.merge(User(email=named(email), role=role))


def named(actor: str) -> str:
    """The one spelling by which an actor is known: else one person would make two pairs of eyes."""
    return actor.strip().lower()


def require(session: Session, actor: str, role: Role, act: str) -> None:
    """Let `actor` go on only if they hold `role`.

    Raises:
        NotAllowed: they don't, or nobody is called that.
    """
    if named(actor) == OPERATOR:
        return
    user = session.get(User, named(actor))
    if user is None:
        raise NotAllowed(act, f"{actor} is not a user; `encore user add {actor} --role {role.name}` makes them one")
    if Role[user.role] < role:
        raise NotAllowed(act, f"{actor} is {user.role}, and this needs {role.name}")


def approvers(session: Session) -> int:
    """How many users may approve."""
    may = [role.name for role in Role if role >= Role.approver]
    return session.exec(select(func.count()).select_from(User).where(col(User.role).in_(may))).one()


def record(session: Session, actor: str, act: str, subject: str, wall: datetime, **detail: Any) -> None:
    """Write an act to the audit log."""
    session.add(Audit(at=wall, actor=named(actor), act=act, subject=subject, detail=detail))
