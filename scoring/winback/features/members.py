"""Who members are and how they left: attributes, cancellings, comebacks that were no play."""

from __future__ import annotations

import ibis
from ibis import _

from scoring.winback.features.tables import Frame, Value, before

ATTRIBUTES = ("country", "language", "timezone", "plan", "signed_up_at", "favourite_genres")


def attributes(spine: Frame, members: Frame) -> Frame:
    """Each member as the newest version known at the moment says; `said_cancelled` at, as of `told_at`."""
    known = members.join(spine, "member_id").filter(_.valid_from < _.at, _.signed_up_at < _.at)
    newest = ibis.row_number().over(group_by="question", order_by=[ibis.desc("valid_from"), ibis.desc("import_no")])
    said = {"said_cancelled": "cancelled_at", "told_at": "valid_from"}
    return known.mutate(place=newest).filter(_.place == 0).select("question", "member_id", "at", *ATTRIBUTES, **said)


def returns(asked: Frame, outcomes: Frame) -> Frame:
    """Comebacks that were no play: question, came_at, age."""
    came = outcomes.filter(_.kind == "resubscribed").select("member_id", came_at="at")
    return before(asked, came, "came_at")


def last_return(returned: Frame) -> Frame:
    """The last of them."""
    return returned.group_by("question").agg(last_return_at=_.came_at.max())


def last_cancelling(asked: Frame, members: Frame) -> Frame:
    """The last cancelling before the moment, whichever import told of it: the time of the event counts."""
    told = members.filter(_.cancelled_at.notnull()).select("member_id", "cancelled_at")
    return before(asked, told, "cancelled_at").group_by("question").agg(last_cancel_at=_.cancelled_at.max())


def has_cancelled() -> Value:
    """Whether a cancelling stands: a later comeback, or a later version that knows of none, undoes it."""
    unsaid = (_.told_at > _.last_cancel_at) & (_.said_cancelled.isnull() | (_.said_cancelled >= _.at))
    returned = (_.last_return_at >= _.last_cancel_at).fill_null(False)
    return _.last_cancel_at.notnull() & ~returned & ~unsaid.fill_null(False)
