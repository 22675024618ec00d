"""What was before the start: first spells of viewing, and two months in which an earlier system mailed at random.

That system was dull: one mail for all, at one hour, to lapsed members drawn by lot, of whom it held out half. It left a
history to learn from, with the comebacks that it caused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from campaigns.sandbox import life, rhythm
from campaigns.sandbox.constants import CONSTANTS as C
from campaigns.sandbox.draws import Draws, Flags, Floats, Ints
from campaigns.sandbox.effect import Mails, hour_fit, pull_and_push, recent
from campaigns.sandbox.life import NOT_YET, Day, State, World
from campaigns.sandbox.members import Members, reachable
from campaigns.sandbox.plays import Plays, watched
from campaigns.sandbox.rhythm import DAY, HOUR

CAMPAIGN = "newsletter"  # the earlier system's
_LONG_AGO = -10_000  # a day


class Spell(NamedTuple):
    """First spells of viewing, an element each: days since 1970, the last excluded; newcomers' have not begun."""

    first: Ints
    last: Ints
    lapsed: Flags


class Lot(NamedTuple):
    """Whom the earlier system chose on a day, and what its mail does to those it wrote to."""

    day: int
    row: Ints
    mailed: Flags
    sent_at: Ints  # µs since 1970; of those held out, when it would have been
    lapsed_on: Ints
    cancelled: Flags
    fit: Floats
    mails: Mails  # of the mailed alone


@dataclass(frozen=True)
class Past:
    """All that was before the start."""

    state: State
    plays: list[Plays]
    days: list[Day]
    lots: list[Lot]


def past(world: World, who: Members, start: int) -> Past:
    """The lives of these members until day `start`."""
    spell = _spells(world.draws, who.numbers, start - C.earlier)
    plays = [_first_plays(world, who, spell)]
    state = _settled(world.draws, who.numbers, spell, plays[0])
    chosen_on, mailed = np.full(len(who), _LONG_AGO), np.zeros(len(who), dtype=np.int64)
    days, lots = list[Day](), list[Lot]()
    for day in range(start - C.earlier, start):
        lots.append(_choose(world.draws, who, state, day, chosen_on, mailed))
        chosen_on[lots[-1].row] = day
        mailed[lots[-1].mails.row] += 1
        days.append(life.live(world, who, state, day, recent(sent(lots), life.day_span(who, day)[0])))
        state = days[-1].state
        plays.append(days[-1].plays)
    return Past(state, plays, days, lots)


def signed_up(draws: Draws, numbers: Ints, start: int) -> Ints:
    """When members signed up, µs since 1970: the evening before they began to watch."""
    begun = _spells(draws, numbers, start - C.earlier).first
    joined: Ints = begun * DAY - (C.signed_up_before * HOUR * draws.uniform("signed up", numbers)).astype(np.int64)
    return joined


def sent(lots: list[Lot]) -> Mails:
    """All mails that the earlier system sent."""
    parts = [lot.mails for lot in lots]
    return Mails(*(np.concatenate([getattr(part, name) for part in parts]) for name in vars(parts[0])))


def _spells(draws: Draws, numbers: Ints, until: int) -> Spell:
    """How members began: half have lapsed by day `until`, some have not signed up yet."""
    lapsed = draws.uniform("lapsed", numbers) < C.lapsed_share
    longest = 1 - np.exp(-C.lapsed_longest / C.lapsed_for)
    ago = 1 - C.lapsed_for * np.log1p(-longest * draws.uniform("lapsed for", numbers))
    length = C.watched_least - C.watched_for * np.log1p(-draws.uniform("watched for", numbers))
    # Whoever still watches is met in the middle of a spell, the likelier the longer it is: as much lies behind them.
    length += np.where(lapsed, 0.0, -C.watched_for * np.log1p(-draws.uniform("watched longer", numbers)))
    last = np.where(lapsed, until - ago, until).astype(np.int64)
    new = draws.uniform("newcomer", numbers) < C.newcomers
    later = until + (draws.uniform("joined", numbers) * C.earlier).astype(np.int64)
    return Spell(np.where(new, later, last - length.astype(np.int64)), np.where(new, later, last), lapsed & ~new)


def _first_plays(world: World, who: Members, spell: Spell) -> Plays:
    begins = rhythm.elapsed(spell.first * DAY + rhythm.offsets(who.zone, spell.first), who.peak)
    ends = rhythm.elapsed(spell.last * DAY + rhythm.offsets(who.zone, spell.last), who.peak)
    mean = who.rate * (ends - begins)
    spread = np.sqrt(mean) * world.draws.normal("first plays", who.numbers)
    counts = np.maximum(np.where(mean > 0, 1, 0), np.rint(mean + spread)).astype(np.int64)
    row = np.repeat(np.arange(len(who)), counts)
    key = -1 - (np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts))
    moment = begins[row] + (ends - begins)[row] * world.draws.uniform("first moment", who.numbers[row], key)
    local = rhythm.local_time(moment, who.peak[row])
    at = local - rhythm.offsets(who.zone[row], local // DAY)
    at = np.clip(at, spell.first[row] * DAY, spell.last[row] * DAY - 1)  # an hour where the clocks have changed
    return watched(world.draws, world.titles, who, row, key, at)


def _settled(draws: Draws, numbers: Ints, spell: Spell, plays: Plays) -> State:
    cancelled = spell.lapsed & (draws.uniform("cancel", numbers, 0) < C.cancels)
    last_play = np.full(len(numbers), NOT_YET)
    np.maximum.at(last_play, plays.row, plays.played_at)
    return State(
        active=~spell.lapsed,
        since=np.where(spell.lapsed, spell.last, spell.first),
        cancelled=cancelled,
        cancelled_at=np.where(cancelled, spell.last * DAY - life.MINUTE, NOT_YET),
        last_play=last_play,
    )


def _choose(draws: Draws, who: Members, state: State, day: int, chosen_on: Ints, mailed: Ints) -> Lot:
    """The day's lot, from lapsed members who may be written to and were not chosen lately."""
    lapsed_days = state.lapsed_days(day)
    may = ~state.active & (lapsed_days >= C.earlier_after) & (day - chosen_on >= C.earlier_gap)
    lucky = draws.uniform("chosen", who.numbers, day) < C.earlier_share
    row = np.flatnonzero(may & lucky & reachable(draws, who.numbers))
    went = draws.uniform("held out", who.numbers[row], day) >= C.earlier_held
    theirs = who.take(row)
    sent_at = _sent_at(theirs, day)
    local = sent_at + life.offset(theirs, day)
    fit = C.dull * hour_fit(rhythm.liking(local, theirs.peak))
    pull, push = pull_and_push(theirs, fit, lapsed_days[row], state.cancelled[row], mailed[row])
    titles = np.full((len(row), C.places), -1)
    every = Mails(row, rhythm.elapsed(local, theirs.peak), pull, push, titles)
    mails = every.take(np.flatnonzero(went), row[went])
    return Lot(day, row, went, sent_at, state.since[row], state.cancelled[row], fit, mails)


def _sent_at(who: Members, day: int) -> Ints:
    """The hour at which it wrote, the first such that is not before the day itself."""
    at = day * DAY + C.earlier_hour * HOUR - life.offset(who, day)
    sent_at: Ints = np.where(at < day * DAY, at + DAY, at)
    return sent_at
