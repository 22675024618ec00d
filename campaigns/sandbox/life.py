"""One day of the members' lives: who comes back, who plays what, who lapses. Days are of UTC, counted since 1970."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import polars as pl

from campaigns.sandbox import plays as watching
from campaigns.sandbox import rhythm
from campaigns.sandbox.constants import CONSTANTS as C
from campaigns.sandbox.draws import Draws, Flags, Floats, Ints
from campaigns.sandbox.effect import WEIGHTS, Mails, affinity, cumulative, own_hazard
from campaigns.sandbox.members import Members
from campaigns.sandbox.plays import Plays
from campaigns.sandbox.rhythm import DAY, HOUR
from campaigns.sandbox.titles import Catalogue

MINUTE = HOUR // 60
NOT_YET = -1  # no play, no cancelling
_HALVINGS = 40  # of a day, to find the moment of coming back: to the microsecond
_KEYS = 32  # of a day, for a member's draws: 0 is the comeback, the other plays follow


@dataclass(frozen=True)
class State:
    """What changes about members, an element each.

    Attributes:
        active: whether they watch; else they have lapsed.
        since: the day from which that is so; members who have not signed up yet are active from their first day on.
        cancelled: whether they cancelled.
        cancelled_at: when they last cancelled, µs since 1970; -1: never.
        last_play: when they last played, µs since 1970; -1: never.
    """

    active: Flags
    since: Ints
    cancelled: Flags
    cancelled_at: Ints
    last_play: Ints

    def take(self, rows: Ints) -> State:
        """The members at these places, in this order."""
        return State(**{name: values[rows] for name, values in vars(self).items()})

    def lapsed_days(self, day: int) -> Floats:
        """Days since they lapsed, for those who have."""
        return (day - self.since).astype(np.float64)


@dataclass(frozen=True)
class World:
    """What all members share."""

    draws: Draws
    titles: Catalogue


@dataclass(frozen=True)
class Day:
    """What a day brought.

    Attributes:
        state: of the members, at its end.
        plays: all plays.
        back: rows of the members who came back, when (µs since 1970), and whether it took a mail.
        resubscribed_at: of those of `back` who had cancelled; -1 for the others.
        cancelled: rows of the members who cancelled.
    """

    state: State
    plays: Plays
    back: Ints
    back_at: Ints
    by_mail: Flags
    resubscribed_at: Ints
    cancelled: Ints


def live(world: World, who: Members, state: State, day: int, mails: Mails) -> Day:
    """The day of these members. A member's day depends on the member alone, not on who else is there."""
    span = day_span(who, day)
    back, back_at, by_mail = _comebacks(world.draws, who, state, day, mails, span)
    present = _present(state, day)
    first = np.where(present, span[0], np.inf)
    subscribing = state.cancelled[back]
    played_at = back_at + np.where(subscribing, int(C.subscribe_minutes * MINUTE), 0)
    first[back] = rhythm.elapsed(played_at + offset(who, day)[back], who.peak[back])
    firsts = _first_plays(world, who, back, played_at, day, by_mail, mails)
    seen = watching.joined([firsts, _plays(world, who, day, first, span[1])])
    after = _played(_returned(state, back, day), seen)
    after, cancelled = _lapses(world.draws, who, after, present, day)
    return Day(after, seen, back, back_at, by_mail, np.where(subscribing, back_at, NOT_YET), cancelled)


def day_span(who: Members, day: int) -> tuple[Floats, Floats]:
    """The rhythm times at which a day begins and ends for each member."""
    away = offset(who, day)
    return rhythm.elapsed(day * DAY + away, who.peak), rhythm.elapsed((day + 1) * DAY + away, who.peak)


def offset(who: Members, day: int) -> Ints:
    """Local time less UTC on a day, µs."""
    return rhythm.offsets(who.zone, day)


def threshold(draws: Draws, numbers: Ints, day: int) -> Floats:
    """The cumulative hazard of the day at which each member would come back: the same with a mail and without."""
    met: Floats = -np.log1p(-draws.uniform("return", numbers, day))
    return met


def _present(state: State, day: int) -> Flags:
    present: Flags = state.active & (state.since <= day)
    return present


def _comebacks(
    draws: Draws, who: Members, state: State, day: int, mails: Mails, span: tuple[Floats, Floats]
) -> tuple[Ints, Ints, Flags]:
    """Who comes back, when, and whether they would not have without a mail."""
    own = np.where(state.active, 0.0, own_hazard(who, state.lapsed_days(day), state.cancelled))
    met = threshold(draws, who.numbers, day)
    hazard = cumulative(own, *span, mails)
    back = np.flatnonzero(~state.active & (met < hazard.all))
    theirs = _of(mails, back, len(who))
    moment = _solved(own[back], met[back], span[0][back], span[1][back], theirs)
    local = rhythm.local_time(moment, who.peak[back])
    at = np.clip(local - offset(who, day)[back], day * DAY, (day + 1) * DAY - 10 * MINUTE)
    return back, at, met[back] >= hazard.own[back]


def _of(mails: Mails, rows: Ints, members: int) -> Mails:
    """The mails of the members at `rows`, counted anew."""
    place = np.full(members, -1)
    place[rows] = np.arange(len(rows))
    keep = np.flatnonzero(place[mails.row] >= 0)
    return mails.take(keep, place[mails.row[keep]])


def _solved(own: Floats, met: Floats, start: Floats, end: Floats, mails: Mails) -> Floats:
    """When the cumulative hazard since `start` meets the threshold."""
    low, high = start, end
    for _ in range(_HALVINGS if len(own) else 0):
        middle = (low + high) / 2
        reached = cumulative(own, start, middle, mails).all > met
        low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    return high


def _plays(world: World, who: Members, day: int, first: Floats, end: Floats) -> Plays:
    """The day's plays of each member from `first` on (rhythm time; infinite: none)."""
    counts = world.draws.poisson("plays", who.rate * np.maximum(end - first, 0), who.numbers, day)
    row = np.repeat(np.arange(len(who)), counts)
    key = day * _KEYS + 1 + np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    moment = first[row] + (end - first)[row] * world.draws.uniform("moment", who.numbers[row], key)
    at = rhythm.local_time(moment, who.peak[row]) - offset(who, day)[row]
    return watching.watched(world.draws, world.titles, who, row, key, np.clip(at, day * DAY, (day + 1) * DAY - 1))


def _first_plays(
    world: World, who: Members, back: Ints, played_at: Ints, day: int, by_mail: Flags, mails: Mails
) -> Plays:
    """The plays with which members come back; those whom a mail brought often play what it showed."""
    key = np.full(len(back), day * _KEYS)
    own = watching.watched(world.draws, world.titles, who, back, key, played_at, sure=True)
    shown = _shown(world, who, back, played_at, mails)
    follows = by_mail & (shown >= 0) & (world.draws.uniform("follows", who.numbers[back], day) < C.shown_first)
    return replace(own, title=np.where(follows, shown, own.title))


def _shown(world: World, who: Members, back: Ints, played_at: Ints, mails: Mails) -> Ints:
    """Of each member's last mail the title they like best, by taste and place; -1 where it showed none to be had."""
    last = np.full(len(who), -1)
    order = np.argsort(mails.since, kind="stable")
    last[mails.row[order]] = order
    shown = np.full((len(back), C.places), -1)
    mailed = last[back] >= 0
    shown[mailed] = mails.titles[last[back][mailed]]
    title, theirs = np.maximum(shown, 0), who.take(back)
    liked = affinity(world.titles, theirs, title) * WEIGHTS
    liked *= (shown >= 0) & world.titles.shown(title, theirs.country[:, None], played_at[:, None])
    best: Ints = np.where(
        liked.max(axis=1) > 0, np.take_along_axis(shown, liked.argmax(axis=1)[:, None], axis=1)[:, 0], -1
    )
    return best


def _returned(state: State, back: Ints, day: int) -> State:
    active, since, cancelled = state.active.copy(), state.since.copy(), state.cancelled.copy()
    active[back], since[back], cancelled[back] = True, day, False
    return replace(state, active=active, since=since, cancelled=cancelled)


def _played(state: State, plays: Plays) -> State:
    last = state.last_play.copy()
    np.maximum.at(last, plays.row, plays.played_at)
    return replace(state, last_play=last)


def _lapses(draws: Draws, who: Members, state: State, present: Flags, day: int) -> tuple[State, Ints]:
    """Who stops, from the next day on; of these, who cancels. Those who came back today stay for tomorrow."""
    settled = C.lapse + C.lapse_fresh * np.exp(-state.lapsed_days(day) / C.lapse_settles)
    stops = present & (draws.uniform("lapse", who.numbers, day) < 1 - np.exp(-settled))
    cancels = stops & (draws.uniform("cancel", who.numbers, day) < C.cancels)
    moment = (day + 1) * DAY - MINUTE
    lapsed = replace(
        state,
        active=state.active & ~stops,
        since=np.where(stops, day + 1, state.since),
        cancelled=state.cancelled | cancels,
        cancelled_at=np.where(cancels, moment, state.cancelled_at),
    )
    return lapsed, np.flatnonzero(cancels)


def state_frame(who: Members, state: State) -> pl.DataFrame:
    """The state as a table, by member number."""
    return pl.DataFrame({"number": who.numbers, **vars(state)})


STATE = ("number", *(field.name for field in fields(State)))
"""The columns of that table."""


def state_of(frame: pl.DataFrame) -> State:
    """The inverse of `state_frame`."""
    return State(**{field.name: frame[field.name].to_numpy() for field in fields(State)})
