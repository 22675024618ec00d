"""The mail that a member would get from a campaign now: nothing is planned, logged or sent."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import polars as pl

from campaigns import lifecycle, outcomes
from campaigns.delivery import Composer, Message
from campaigns.errors import NotAllowed, NotFound
from campaigns.planning import Run
from campaigns.planning.pick import planned_mails
from campaigns.planning.trial_run import unopened
from campaigns.settings import secret_key
from scoring.winback.snapshot import snapshot_of

if TYPE_CHECKING:
    from campaigns.rendering.mail import Email
    from campaigns.stores import Stores

NOBODY = UUID(int=0)


def preview(stores: Stores, name: str, member_id: str, wall: datetime) -> Email:
    """The mail of the campaign's newest version for a member, as of today.

    Raises:
        NotFound: no such campaign, or no such member.
        NotAllowed: there is nothing that the member could be shown.
    """
    with stores.database.session() as session:
        row = lifecycle.find(session, name)
        newest = lifecycle.version(session, row)
    run = unopened(stores, row.id or 0, name, newest.definition, wall)
    snapshot = snapshot_of(
        stores.lake, pl.DataFrame({"member_id": [member_id], "at": [run.cutoff]}), outcomes.mails(stores)
    )
    if not snapshot.height:
        raise NotFound("member", member_id, "members come with `encore import`")
    chosen = pl.DataFrame({"member_id": [member_id], "arm": ["mailed"], "step": [0], "explored": [False]})
    planned, _ = planned_mails(stores, run, snapshot, chosen.with_columns(propensity=1 - run.asked.holdout.share))
    if planned["refusal"][0] is not None:
        raise NotAllowed(f"preview {name}", f"there is no title that member {member_id} could be shown")
    message = _message(stores, run, planned)
    made = {"campaign": name, "template": newest.template, "definition": newest.definition}
    key = secret_key(stores.settings) if stores.settings.transport == "local" else b"preview"
    return Composer(stores.settings, key, lambda _: made).compose(message)


def _message(stores: Stores, run: Run, planned: pl.DataFrame) -> Message:
    """The planned mail as a worker would have claimed it; an address is not needed to look at it."""
    with stores.database.connect() as connection:
        found = connection.execute(
            "SELECT given_name, pixel_consent FROM contacts WHERE member_id = %s", [planned["member_id"][0]]
        ).fetchone()
    given_name, pixel = found or (None, False)
    return Message(
        id=NOBODY,
        run_id=0,
        run_date=run.run_date,
        member_id=planned["member_id"][0],
        state="claimed",
        at=run.now,
        content=json.loads(planned["content"][0]),
        email="preview@lumen.example",
        given_name=given_name,
        pixel_consent=pixel,
    )
