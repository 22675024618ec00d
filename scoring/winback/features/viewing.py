"""What plays tell but for their titles: how many and when, how regularly, at which hours, on which device."""

from __future__ import annotations

import ibis
from ibis import _

from scoring.winback.features.listed import MONTH, PERIODS, SILENCE
from scoring.winback.features.tables import DAY, Frame, mixture, ranked, seconds

HOUR, WEEK = 3_600, 7 * DAY
SINCE_MONDAY = 72  # hours from a Monday to the beginning of 1970, which was a Thursday
EVENING, SATURDAY = 18, 5 * 24  # the first hour of either, in the day and in the week


def seen(asked: Frame, plays: Frame, clocks: Frame) -> Frame:
    """The plays before each question, with their `age` in seconds and the `hour` on the member's clock.

    Hours count from the beginning of 1970 on that clock; where no zone is known it shows UTC. This is the one pass over
    all plays: what follows reads only these few columns of the members that were asked about.
    """
    who = asked.select("question", "member_id", "at", zone="timezone", until=seconds(asked["at"]))
    near = plays.join(who, "member_id").filter(_.played_at < _.at).mutate(second=seconds(_.played_at))
    dated = near.mutate(week=_.second // WEEK).left_join(clocks, ["zone", "week"])
    ahead = ibis.ifelse(_.second < _.change, _.before, _.after).fill_null(0)
    kept = ("question", "title_id", "played_at", "minutes", "device")
    return dated.select(*kept, age=_.until - _.second, hour=(_.second + ahead) // HOUR)


def volume(plays: Frame) -> Frame:
    """Recency, frequency and volume."""
    lately = {f"plays_{days}d": _.count(where=_.age < days * DAY) for days in PERIODS}
    return plays.group_by("question").agg(
        last_play_at=_.played_at.max(),
        first_play_age=_.age.max(),
        plays_lifetime=_.count(),
        minutes_lifetime=_.minutes.sum(),
        minutes_a_play=_.minutes.mean(),
        **lately,
    )


def days_of(plays: Frame) -> Frame:
    """The days with a play (since 1970, by the member's clock): how many, and the age of the first and the last."""
    dated = plays.mutate(day=_.hour // 24)
    return dated.group_by("question", "day").agg(n=_.count(), first=_.age.max(), last=_.age.min())


def rhythm(days: Frame) -> Frame:
    """Trend, and how regular the days with a play are."""
    earlier = _.day.lag().over(ibis.window(group_by="question", order_by="day"))
    told = days.mutate(gap=_.day - earlier, ago=_.day.max().over(group_by="question") - _.day)
    return told.group_by("question").agg(
        active_days=_.count(),
        viewing_days=_.ago.max() + 1,
        month_plays=_.n.sum(where=_.ago < MONTH),
        two_months_plays=_.n.sum(where=_.ago < 2 * MONTH),
        comebacks=_.count(where=_.gap > SILENCE),
        gap_mean=_.gap.mean(),
        gap_square=(_.gap * _.gap).mean(),
    )


def hours(plays: Frame) -> Frame:
    """How many plays began in which hour of the week (`slot`), of which Monday's first is 0."""
    return plays.group_by("question", slot=(_.hour + SINCE_MONDAY) % 168).agg(n=_.count())


def profile(hours: Frame) -> Frame:
    """What the hours of the week are like."""
    return hours.group_by("question").agg(
        evening_share=_.n.sum(where=_.slot % 24 >= EVENING).fill_null(0) / _.n.sum(),
        weekend_share=_.n.sum(where=_.slot >= SATURDAY).fill_null(0) / _.n.sum(),
        hour_breadth=mixture(_.n),
    )


def top_hour(hours: Frame) -> Frame:
    """The hour of the day in which most plays began; the first of several."""
    counts = hours.group_by("question", hour=_.slot % 24).agg(n=_.n.sum())
    best = (24 * _.n + 23 - _.hour).max()  # a number a pair, greater where plays are more and then where it is earlier
    return counts.group_by("question").agg(best=best).select("question", top_hour=23 - _.best % 24)


def devices(plays: Frame) -> Frame:
    """The device used most, and its share of the plays that tell theirs."""
    counts = plays.filter(_.device.notnull()).group_by("question", "device").agg(n=_.count())
    first = _.device.max(where=_.place == 0)
    return ranked(counts, "device").group_by("question").agg(device=first, device_share=_.n.max() / _.n.sum())
