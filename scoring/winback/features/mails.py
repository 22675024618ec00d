"""Win-back mails before: how many, how lately, and what came of them."""

from __future__ import annotations

from ibis import _

from scoring.winback.features.listed import ANSWER
from scoring.winback.features.tables import DAY, Frame


def fatigue(got: Frame, last_plays: Frame) -> Frame:
    """How many mails and how lately. `got`: question, mailed_at, age; `last_plays`: question, last_play_at."""
    unseen = (_.mailed_at > _.last_play_at).fill_null(True)
    return (
        got.left_join(last_plays, "question")
        .group_by("question")
        .agg(
            mails_lifetime=_.count(),
            mails_90d=_.count(where=_.age < 90 * DAY),
            mails_since_play=_.count(where=unseen),
            last_mail_at=_.mailed_at.max(),
        )
    )


def answers(got: Frame, days: Frame, returned: Frame) -> Frame:
    """After how many mails the member played, or subscribed again, in time.

    Of a day with plays its first and last are enough: what lies between them is after the mail and in time if they are.
    """
    came = returned.select("question", first="age", last="age")
    back = days.select("question", "first", "last").union(came)
    soon = [got.question == back.question, back["last"] < got.age, back["first"] > got.age - ANSWER * DAY]
    return got.semi_join(back, soon).group_by("question").agg(mails_answered=_.count())
