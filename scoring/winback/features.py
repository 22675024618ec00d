"""What is known of a member at a moment: one Ibis expression for training and serving, on every engine.

A row of the *spine* is a question: this member, at this moment. Nothing that happened at or after the moment is read.
Each feature is named, typed and described in `FEATURES`; `VERSION` changes whenever their meaning does.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import ibis
from ibis import _

VERSION = "1"
DAY = 86_400
NEWEST_FIRST = [ibis.desc("valid_from"), ibis.desc("import_no")]
PERIODS = (7, 30, 90, 365)  # days

Frame = Any  # an ibis.Table: Ibis ships no types that mypy can follow through deferred expressions


class Feature(NamedTuple):
    """A column of the model's input."""

    name: str
    kind: Literal["number", "category"]
    about: str


FEATURES = (
    Feature("tenure_days", "number", "days since sign-up"),
    Feature("days_since_play", "number", "days since the last play; never played: since sign-up"),
    Feature("days_since_first_play", "number", "days since the first play"),
    Feature("days_since_cancel", "number", "days since cancelling; empty for those who have not"),
    Feature("days_since_return", "number", "days since the last comeback that was no play"),
    *(Feature(f"plays_{days}d", "number", f"plays in the {days} days before") for days in PERIODS),
    Feature("plays_lifetime", "number", "plays so far"),
    Feature("titles_lifetime", "number", "different titles played so far"),
    Feature("active_days", "number", "days with a play so far"),
    Feature("minutes_lifetime", "number", "minutes watched so far, where the service tells"),
    Feature("minutes_a_play", "number", "minutes a play"),
    Feature("plays_an_active_day", "number", "plays on a day with a play"),
    Feature("last_month_share", "number", "share of all plays that fell in the member's last 30 days of viewing"),
    Feature("genres_lifetime", "number", "different genres played so far"),
    Feature("top_genre_share", "number", "share of the genre played most"),
    Feature("mails_lifetime", "number", "win-back mails received so far"),
    Feature("mails_90d", "number", "win-back mails received in the 90 days before"),
    Feature("days_since_mail", "number", "days since the last win-back mail"),
    Feature("country", "category", "the member's country"),
    Feature("language", "category", "the member's language"),
    Feature("plan", "category", "the member's plan"),
    Feature("top_genre", "category", "the genre played most"),
)
NAMES = tuple(feature.name for feature in FEATURES)
ATTRIBUTES = ("country", "language", "timezone", "plan", "signed_up_at", "favourite_genres")


class Tables(NamedTuple):
    """What the features are made of, as Ibis tables in the columns of the import contract."""

    members: Frame  # versions, with valid_from
    plays: Frame
    titles: Frame  # versions, with valid_from
    outcomes: Frame
    mails: Frame  # member_id, mailed_at: win-back mails that went out


def snapshot(spine: Frame, tables: Tables) -> Frame:
    """Attributes and features for each row of `spine` (member_id, at) whose member had signed up by then.

    Columns: member_id, at, timezone, favourite_genres, signed_up_at, cancelled, last_play_at, and those of `FEATURES`.
    """
    rows = attributes(spine, tables.members)
    for part in (
        viewing(spine, tables.plays),
        taste(spine, tables.plays, tables.titles),
        fatigue(spine, tables.mails),
        returns(spine, tables.outcomes),
        cancelling(spine, tables.members),
    ):
        rows = rows.left_join(part, ["member_id", "at"]).drop("member_id_right", "at_right")
    return _finished(rows)


def attributes(spine: Frame, members: Frame) -> Frame:
    """Each member as the newest version known at the moment says; `said_cancelled` at, as of `told_at`."""
    known = members.join(spine, "member_id").filter(_.valid_from < _.at, _.signed_up_at < _.at)
    newest = ibis.row_number().over(group_by=["member_id", "at"], order_by=NEWEST_FIRST)
    said = {"said_cancelled": "cancelled_at", "told_at": "valid_from"}
    return known.mutate(place=newest).filter(_.place == 0).select("member_id", "at", *ATTRIBUTES, **said)


def viewing(spine: Frame, plays: Frame) -> Frame:
    """Recency, frequency and volume of play."""
    seen = _before(spine, plays, "played_at")
    seen = seen.mutate(before_last=_.age - _.age.min().over(group_by=["member_id", "at"]))
    counts = {f"plays_{days}d": (_.age < days).sum() for days in PERIODS}
    return seen.group_by("member_id", "at").agg(
        last_play_at=_.played_at.max(),
        days_since_last=_.age.min(),
        days_since_first_play=_.age.max(),
        plays_lifetime=_.count(),
        titles_lifetime=_.title_id.nunique(),
        active_days=_.played_at.date().nunique(),
        minutes_lifetime=_.minutes.sum(),
        minutes_a_play=_.minutes.mean(),
        last_month_plays=(_.before_last < 30).sum(),
        **counts,
    )


def taste(spine: Frame, plays: Frame, titles: Frame) -> Frame:
    """Which genres, how many, and how much the first of them weighs."""
    known = titles.cross_join(spine.select("at").distinct()).filter(_.valid_from < _.at)
    newest = ibis.row_number().over(group_by=["title_id", "at"], order_by=NEWEST_FIRST)
    genres = known.mutate(age=newest).filter(_.age == 0).select("title_id", "at", genre=_.genres.unnest())
    seen = _before(spine, plays, "played_at").join(genres, ["title_id", "at"])
    counts = seen.group_by("member_id", "at", "genre").agg(n=_.count())
    first = ibis.row_number().over(group_by=["member_id", "at"], order_by=[ibis.desc("n"), "genre"])
    ranked = counts.mutate(place=first)
    return ranked.group_by("member_id", "at").agg(
        genres_lifetime=_.count(),
        top_genre_share=_.n.max() / _.n.sum(),
        top_genre=_.genre.max(where=_.place == 0),
    )


def fatigue(spine: Frame, mails: Frame) -> Frame:
    """Win-back mails before."""
    got = _before(spine, mails, "mailed_at")
    return got.group_by("member_id", "at").agg(
        mails_lifetime=_.count(), mails_90d=(_.age < 90).sum(), days_since_mail=_.age.min()
    )


def returns(spine: Frame, outcomes: Frame) -> Frame:
    """Comebacks that were no play."""
    came = outcomes.filter(_.kind == "resubscribed").rename(came_at="at")
    back = _before(spine, came, "came_at")
    return back.group_by("member_id", "at").agg(last_return_at=_.came_at.max(), days_since_return=_.age.min())


def cancelling(spine: Frame, members: Frame) -> Frame:
    """The last cancelling before the moment, whichever import told of it: the time of the event counts."""
    told = members.filter(_.cancelled_at.notnull()).select("member_id", "cancelled_at")
    left = _before(spine, told, "cancelled_at")
    return left.group_by("member_id", "at").agg(last_cancel_at=_.cancelled_at.max(), days_since_left=_.age.min())


def _before(spine: Frame, events: Frame, time: str) -> Frame:
    """Each question with the events before its moment; `age` in days."""
    asked = events.join(spine, "member_id")
    asked = asked.filter(asked[time] < asked["at"])
    return asked.mutate(age=(asked["at"].epoch_seconds() - asked[time].epoch_seconds()) / DAY)


def _finished(rows: Frame) -> Frame:
    """Counts of nothing are 0; a cancelling that a later comeback, or a later version, has undone is none."""
    tenure = (_.at.epoch_seconds() - _.signed_up_at.epoch_seconds()) / DAY
    unsaid = (_.told_at > _.last_cancel_at) & (_.said_cancelled.isnull() | (_.said_cancelled >= _.at))
    returned = (_.last_return_at >= _.last_cancel_at).fill_null(False)
    gone = _.last_cancel_at.notnull() & ~returned & ~unsaid.fill_null(False)
    zero = [*(f"plays_{days}d" for days in PERIODS), "plays_lifetime", "titles_lifetime", "active_days"]
    zero += ["minutes_lifetime", "genres_lifetime", "mails_lifetime", "mails_90d"]
    rows = rows.mutate(tenure_days=tenure, cancelled=gone, **{name: _[name].fill_null(0) for name in zero})
    return rows.mutate(
        days_since_play=_.days_since_last.fill_null(_.tenure_days),
        days_since_cancel=ibis.ifelse(_.cancelled, _.days_since_left, ibis.null("float64")),
        plays_an_active_day=_.plays_lifetime / _.active_days.nullif(0),
        last_month_share=_.last_month_plays / _.plays_lifetime.nullif(0),
    ).select(
        "member_id",
        "at",
        "timezone",
        "favourite_genres",
        "signed_up_at",
        "cancelled",
        "last_play_at",
        *(_column(feature) for feature in FEATURES),
    )


def _column(feature: Feature) -> Frame:
    """Rounded: sums of minutes differ in their last bits with the order of the rows, which no engine promises."""
    if feature.kind == "category":
        return _[feature.name].cast("string").name(feature.name)
    return _[feature.name].cast("float64").round(6).name(feature.name)
