"""Campaign states, and who may move them.

    draft ──submit──▶ submitted ──approve──▶ running ◀──resume── paused
      ▲──────apply──────┘                       │ ──pause──────────▲
                                                └──stop──▶ stopped (from any state)

A running campaign that is edited goes on in its last approved version until the edit is approved.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, insert
from sqlmodel import Field, SQLModel, col, select

from campaigns import definition
from campaigns.errors import BadCampaign, NotAllowed, NotFound
from campaigns.people import Role, approvers, named, record, require

if TYPE_CHECKING:
    from sqlmodel import Session

    from campaigns.definition import Campaign


FIRST_RUN = text("SELECT campaign_version FROM runs WHERE campaign_id = :campaign_id ORDER BY run_date, id LIMIT 1")


class CampaignRow(SQLModel, table=True):
    """A campaign as it stands: its state, and which of its versions is which."""

    __tablename__ = "campaigns"

    id: int | None = Field(default=None, primary_key=True)
    name: str
    state: str
    version: int
    submitted_version: int | None = None
    approved_version: int | None = None
    submitted_by: str | None = None
    planned_members: int | None = None
    created_at: datetime = Field(sa_type=TIMESTAMP(timezone=True))


class VersionRow(SQLModel, table=True):
    """One version of a campaign: what was asked for, and the template as it was compiled for it."""

    __tablename__ = "campaign_versions"

    campaign_id: int = Field(primary_key=True, foreign_key="campaigns.id")
    version: int = Field(primary_key=True)
    definition: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    template: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    created_by: str
    created_at: datetime = Field(sa_type=TIMESTAMP(timezone=True))

    def campaign(self) -> Campaign:
        """What was asked for."""
        return definition.from_values(self.definition, self.definition["name"])


def find(session: Session, name: str) -> CampaignRow:
    """The campaign called `name`.

    Raises:
        NotFound: there is none.
    """
    row = session.exec(select(CampaignRow).where(CampaignRow.name == name)).one_or_none()
    if row is None:
        raise NotFound("campaign", name, "`encore campaign list` shows those there are")
    return row


def every(session: Session) -> list[CampaignRow]:
    """All campaigns, by name."""
    return list(session.exec(select(CampaignRow).order_by(col(CampaignRow.name))))


def version(session: Session, row: CampaignRow, number: int | None = None) -> VersionRow:
    """A version of a campaign; without a number the newest."""
    found = session.get(VersionRow, (row.id, number or row.version))
    if found is None:
        raise NotFound("version", f"{row.name} {number}")
    return found


def apply(session: Session, campaign: Campaign, template: dict[str, Any], actor: str, wall: datetime) -> CampaignRow:
    """Make `campaign`, or a new version of it where it says something new.

    Raises:
        NotAllowed: the actor's role, or the campaign is stopped.
        BadCampaign: it would change what its first run has locked.
    """
    require(session, actor, Role.marketer, f"apply {campaign.name}")
    asked = campaign.model_dump(mode="json")
    row = _found_or_made(session, campaign.name, wall)
    if row.state == "stopped":
        raise NotAllowed(f"apply {campaign.name}", "it is stopped for good; give the new campaign another name")
    if row.version:
        newest = version(session, row)
        if newest.definition == asked and newest.template == template:
            return row
    _refuse_what_is_locked(session, row, campaign)
    _add_version(session, row, asked, template, actor, wall)
    record(session, actor, "apply", row.name, wall, version=row.version)
    return row


def _found_or_made(session: Session, name: str, wall: datetime) -> CampaignRow:
    """The campaign's row, locked; a new one has no version yet. Of two who make it at once one waits for the other."""
    made = insert(CampaignRow).values(name=name, state="draft", version=0, created_at=wall).on_conflict_do_nothing()
    session.execute(made)
    return session.exec(select(CampaignRow).where(CampaignRow.name == name).with_for_update()).one()


def _refuse_what_is_locked(session: Session, row: CampaignRow, asked: Campaign) -> None:
    """What the first run has locked stays as it is: else the holdout would not be one any more."""
    first = session.execute(FIRST_RUN, {"campaign_id": row.id}).scalar_one_or_none()
    if first is None:
        return
    locked = version(session, row, first).campaign()
    for where, stands, wanted in (
        ("holdout.share", locked.holdout.share, asked.holdout.share),
        ("win_back.within_days", locked.win_back.within_days, asked.win_back.within_days),
    ):
        if wanted != stands:
            raise BadCampaign(row.name, where, f"is locked at {stands} since the first run, so it cannot be {wanted}")


def _add_version(
    session: Session,
    row: CampaignRow,
    asked: dict[str, Any],
    template: dict[str, Any],
    actor: str,
    wall: datetime,
) -> None:
    row.version += 1
    if row.state == "submitted":
        row.state = "draft"
    session.add(row)
    session.add(
        VersionRow(
            campaign_id=row.id or 0,
            version=row.version,
            definition=asked,
            template=template,
            created_by=named(actor),
            created_at=wall,
        )
    )


def submit(session: Session, name: str, actor: str, wall: datetime) -> CampaignRow:
    """Hand the newest version in for approval.

    Raises:
        NotFound, NotAllowed: no such campaign; the actor's role, or the campaign's state; so do all moves.
    """
    row = _locked(session, name, actor, Role.marketer, "submit")
    if row.approved_version == row.version:
        raise NotAllowed(f"submit {name}", f"version {row.version} is approved already")
    row.submitted_version, row.submitted_by = row.version, named(actor)
    if row.state == "draft":
        row.state = "submitted"
    return _moved(session, row, actor, "submit", wall)


def approve(session: Session, name: str, actor: str, wall: datetime) -> CampaignRow:
    """Let the submitted version run. With two approvers, whoever submitted may not approve.

    Raises:
        BadCampaign: since it was written, a first run has locked what it would change.
    """
    row = _locked(session, name, actor, Role.approver, "approve")
    if row.submitted_version != row.version:
        raise NotAllowed(f"approve {name}", f"version {row.version} is not submitted; `encore campaign submit {name}`")
    own = row.submitted_by == named(actor)
    if own and approvers(session) >= 2:
        raise NotAllowed(f"approve {name}", f"{actor} submitted it, so another approver has to look at it")
    _refuse_what_is_locked(session, row, version(session, row).campaign())
    row.approved_version, row.submitted_version = row.version, None
    if row.state == "submitted":
        row.state = "running"
    return _moved(session, row, actor, "self-approved" if own else "approve", wall)


def pause(session: Session, name: str, actor: str, wall: datetime) -> CampaignRow:
    """Hold back what waits and start no run, until resumed."""
    row = _locked(session, name, actor, Role.marketer, "pause")
    if row.state == "paused":
        return row
    if row.state != "running":
        raise NotAllowed(f"pause {name}", f"it is {row.state}, not running")
    row.state = "paused"
    return _moved(session, row, actor, "pause", wall)


def resume(session: Session, name: str, actor: str, wall: datetime) -> CampaignRow:
    """Go on after a pause."""
    row = _locked(session, name, actor, Role.marketer, "resume")
    if row.state != "paused":
        raise NotAllowed(f"resume {name}", f"it is {row.state}, not paused")
    row.state = "running"
    return _moved(session, row, actor, "resume", wall)


def stop(session: Session, name: str, actor: str, wall: datetime) -> CampaignRow:
    """End it for good; what waits will be suppressed."""
    row = _locked(session, name, actor, Role.marketer, "stop")
    row.state = "stopped"
    return _moved(session, row, actor, "stop", wall)


def _locked(session: Session, name: str, actor: str, role: Role, act: str) -> CampaignRow:
    """The campaign's row, locked for a change that `actor` may make."""
    require(session, actor, role, f"{act} {name}")
    row = find(session, name)
    session.refresh(row, with_for_update=True)
    if row.state == "stopped":
        raise NotAllowed(f"{act} {name}", "it is stopped for good")
    return row


def _moved(session: Session, row: CampaignRow, actor: str, act: str, wall: datetime) -> CampaignRow:
    session.add(row)
    record(session, actor, act, row.name, wall, version=row.version, state=row.state)
    return row
