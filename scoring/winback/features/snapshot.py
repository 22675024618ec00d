"""The features as one Ibis expression: what happened at or after a moment is not known at it."""

from __future__ import annotations

from functools import reduce

import ibis
from ibis import _

from scoring.winback.features import mails, members, news, taste, viewing
from scoring.winback.features.listed import FEATURES, PERIODS, Feature
from scoring.winback.features.tables import DAY, Frame, Tables, before, days_between

MEMBER = ("member_id", "at", "timezone", "favourite_genres", "signed_up_at", "cancelled", "last_play_at")
COUNTS = (
    *(f"plays_{days}d" for days in PERIODS),
    *("plays_lifetime", "titles_lifetime", "active_days", "minutes_lifetime", "comebacks", "genres_lifetime"),
    *("mails_lifetime", "mails_90d", "mails_since_play", "mails_answered"),
    *("new_titles", "new_in_top_genre", "new_fit"),
)
SUMS = ("minutes_lifetime", "minutes_a_play", "completion")
GRAINS = 2**20  # in one


def snapshot(spine: Frame, tables: Tables) -> Frame:
    """Attributes and features for each question of `spine` whose member had signed up by then.

    Args:
        spine: question (a whole number, each its own), member_id, at.
        tables: what there is to know.

    Returns:
        `MEMBER` and the columns of `FEATURES`.
    """
    asked = members.attributes(spine, tables.members)
    parts = [*_of_plays(asked, tables), members.last_cancelling(asked, tables.members)]
    numbered = enumerate(parts)
    rows = reduce(lambda left, part: left.left_join(part[1], "question", rname=f"{{name}}_{part[0]}"), numbered, asked)
    return _derived(_counted(rows)).select(*MEMBER, *(_column(feature) for feature in FEATURES))


def _of_plays(asked: Frame, tables: Tables) -> list[Frame]:
    """What follows from plays, and from mails and titles beside them; a part has a row a question at most."""
    plays = viewing.seen(asked, tables.plays, tables.clocks)
    volume, days, hours = viewing.volume(plays), viewing.days_of(plays), viewing.hours(plays)
    last_plays = volume.select("question", "last_play_at")
    versions = taste.versions(tables.titles)
    played = taste.titles_played(asked, plays, versions)
    genres = taste.genres_played(played)
    got, returned = before(asked, tables.mails, "mailed_at"), members.returns(asked, tables.outcomes)
    return [
        volume,
        viewing.rhythm(days),
        viewing.profile(hours),
        viewing.top_hour(hours),
        viewing.devices(plays),
        taste.completion(played),
        taste.taste(genres),
        mails.fatigue(got, last_plays),
        mails.answers(got, days, returned),
        members.last_return(returned),
        news.new_titles(asked, versions, last_plays, genres),
    ]


def _counted(rows: Frame) -> Frame:
    """Counts of nothing are 0."""
    counts = {name: _[name].fill_null(0) for name in COUNTS}
    return rows.mutate(cancelled=members.has_cancelled(), tenure_days=days_between(_.signed_up_at, _.at), **counts)


def _derived(rows: Frame) -> Frame:
    """What follows from the parts: times since, and shares, which of nothing are empty."""
    since = {f"days_since_{what}": days_between(_[f"last_{what}_at"], _.at) for what in ("return", "mail")}
    since_cancel = days_between(_.last_cancel_at, _.at)
    kinds = (_.cancelled, "cancelled"), (_.plays_lifetime == 0, "never played")
    told = rows.mutate(
        **since,
        lapse_kind=ibis.cases(*kinds, else_="stopped"),
        days_since_cancel=ibis.ifelse(_.cancelled, since_cancel, ibis.null("float64")),
        days_since_play=days_between(ibis.coalesce(_.last_play_at, _.signed_up_at), _.at),
        days_since_first_play=_.first_play_age / DAY,
        plays_an_active_day=_.plays_lifetime / _.active_days.nullif(0),
        last_month_share=_.month_plays / _.plays_lifetime.nullif(0),
        month_trend=_.month_plays / _.two_months_plays,
        active_share=_.active_days / _.viewing_days,
        gap_spread=(_.gap_square - _.gap_mean * _.gap_mean).abs().sqrt(),  # below 0 by rounding alone
        answer_share=_.mails_answered / _.mails_lifetime.nullif(0),
    )
    return told.mutate(overdue=_.days_since_play / _.gap_mean)


def _column(feature: Feature) -> Frame:
    """Settled where parts of a minute were added up: the last bits of such a sum depend on the order of the rows.

    In binary places, since the engines round five in a decimal place this way and that.
    """
    if feature.kind == "category":
        return _[feature.name].cast("string").name(feature.name)
    value = _[feature.name].cast("float64")
    return ((value * GRAINS).round(0) / GRAINS if feature.name in SUMS else value).name(feature.name)
