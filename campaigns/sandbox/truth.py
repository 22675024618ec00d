"""What a campaign really won: for each mail, how likely its reader was to come back with it, and without.

Both likelihoods follow from the same hazards that drew the members' days, so that they are exact, not simulated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from campaigns.sandbox import ledger as book
from campaigns.sandbox import life, rhythm
from campaigns.sandbox.constants import CONSTANTS as C
from campaigns.sandbox.draws import Draws, Floats, Ints
from campaigns.sandbox.effect import cumulative, own_hazard, pull_and_push
from campaigns.sandbox.life import NOT_YET, State
from campaigns.sandbox.members import Members, member_id, members, reachable
from campaigns.sandbox.rhythm import DAY, HOUR
from campaigns.sandbox.titles import TIME


@dataclass(frozen=True)
class Truth:
    """The true incremental win-backs of a campaign: of each member's first mail, and of the follow-ups in its window.

    Attributes:
        campaign: its name.
        within_days: how long after a mail was due a comeback counts.
        members: a row each: member_id, message, run_date, due_at, lapsed, fit (of the first mail), p_mailed,
            p_unmailed, effect.
    """

    campaign: str
    within_days: int
    members: pl.DataFrame

    @property
    def mailed(self) -> int:
        """How many members were mailed."""
        return self.members.height

    @property
    def incremental(self) -> float:
        """Expected win-backs that would not have been without the mails."""
        return float(self.members["effect"].sum())

    @property
    def difference(self) -> float:
        """The same a mailed member: what the report estimates. 0 where nobody was mailed."""
        return self.incremental / self.mailed if self.mailed else 0.0


def truth(draws: Draws, ledger: pl.DataFrame, campaign: str, within_days: int, until: int | None) -> Truth:
    """The truth on a campaign, of mails whose window has closed by `until` (µs since 1970; None: of all)."""
    mine = steps(ledger.filter(pl.col("campaign") == campaign), within_days)
    own = mine.filter(pl.col("step") == 0)
    if until is not None:
        own = own.filter(pl.col("ends") <= until)
    others = ledger.filter(pl.col("campaign") != campaign, pl.col("number").is_in(own["number"].implode()))
    mailed, unmailed = chances(members(draws, own["number"].to_numpy()), own, others)
    mailed = mailed + follow_ups(draws, mine, others, own["number"])
    told = own.select(
        member_id(own["number"].to_numpy()),
        "message",
        "run_date",
        pl.col("due").cast(TIME).alias("due_at"),
        "lapsed",
        "fit",
        p_mailed=pl.Series(mailed),
        p_unmailed=pl.Series(unmailed),
        effect=pl.Series(mailed - unmailed),
    )
    return Truth(campaign, within_days, told)


def steps(mine: pl.DataFrame, within_days: int) -> pl.DataFrame:
    """A campaign's mails by step and member, with `step` (0 the first) and `ends` of the first one's window.

    A later mail counts where it came within that window, to a member who had not come back since the first.
    """
    placed = mine.sort("day", "message").with_columns(
        step=pl.int_range(pl.len()).over("number"),
        ends=(pl.col("due") + within_days * DAY).first().over("number"),
        away=(pl.col("lapsed_on") == pl.col("lapsed_on").first().over("number")),
    )
    return placed.filter("away", pl.col("due") < pl.col("ends")).sort("step", "number")


def follow_ups(draws: Draws, mine: pl.DataFrame, others: pl.DataFrame, numbers: pl.Series) -> Floats:
    """What the later mails of a campaign (`steps`) add to each member's likelihood of coming back.

    A mail that is sent to those alone who are still away wins what it adds for them: on average over what chance
    could have brought until then, that is exactly what the step adds for all.
    """
    gains = [pl.DataFrame(schema={"number": pl.Int64, "gain": pl.Float64})]
    for step in sorted(set(mine["step"]) - {0}):
        own, before = mine.filter(pl.col("step") == step), mine.filter(pl.col("step") < step)
        earlier = pl.concat([others, before.select(others.columns)])
        mailed, unmailed = chances(members(draws, own["number"].to_numpy()), own, earlier)
        gains.append(own.select("number", gain=pl.Series(mailed - unmailed)))
    total = pl.concat(gains).group_by("number").agg(pl.col("gain").sum())
    joined = numbers.to_frame("number").join(total, on="number", how="left", maintain_order="left")
    added: Floats = joined["gain"].fill_null(0.0).to_numpy()
    return added


def chances(who: Members, own: pl.DataFrame, others: pl.DataFrame) -> tuple[Floats, Floats]:
    """How likely each reader is to come back between mail and end of window, with the mail and without.

    Who had not lapsed, or comes back between the day's beginning and the mail, does so with the mail or without:
    that is left out of both.

    Args:
        who: the readers, by ascending number.
        own: a mail for each, as rows of the ledger, and the moment at which its window `ends`.
        others: further mails to some of them, which act in any case.
    """
    due, first = own["due"].to_numpy(), own["day"].to_numpy() * DAY
    begins, ends = np.maximum(due, first), own["ends"].to_numpy()
    there = np.where(own["lapsed"].to_numpy(), np.exp(-_hazard(who, own, others, first, begins)), 0.0)
    unmailed = there * -np.expm1(-_hazard(who, own, others, begins, ends))
    with_own = pl.concat([others, own.select(others.columns)])
    mailed = there * -np.expm1(-_hazard(who, own, with_own, begins, ends))
    return mailed, unmailed


def _hazard(who: Members, own: pl.DataFrame, mails: pl.DataFrame, begins: Ints, ends: Ints) -> Floats:
    """The cumulative hazard of each reader between two moments (µs since 1970), day by day as `life.live` draws it."""
    total = np.zeros(len(who))
    lapsed_on, cancelled = own["lapsed_on"].to_numpy(), own["cancelled"].to_numpy()
    for day in range(int(begins.min()) // DAY, int(ends.max()) // DAY + 1) if len(who) else ():
        rows = np.flatnonzero((begins < (day + 1) * DAY) & (ends > day * DAY))
        theirs = who.take(rows)
        hazard = own_hazard(theirs, (day - lapsed_on[rows]).astype(np.float64), cancelled[rows])
        acting = book.acting(mails, theirs.numbers, day)
        start, (after, until) = life.day_span(theirs, day)[0], _within(theirs, day, begins[rows], ends[rows])
        met = cumulative(hazard, start, until, acting).all - cumulative(hazard, start, after, acting).all
        total[rows] += met
    return total


def _within(who: Members, day: int, begins: Ints, ends: Ints) -> tuple[Floats, Floats]:
    """The part of a day that lies between two moments, in rhythm time."""
    away, first, last = life.offset(who, day), day * DAY, (day + 1) * DAY
    return (
        rhythm.elapsed(np.clip(begins, first, last) + away, who.peak),
        rhythm.elapsed(np.clip(ends, first, last) + away, who.peak),
    )


def effects(
    draws: Draws, numbers: Ints, state: State, ledger: pl.DataFrame, day: int, within_days: int
) -> pl.DataFrame:
    """What a mail of fit 1 that comes on the evening of `day` would do to each lapsed member who may be written to."""
    may = np.flatnonzero(~state.active & reachable(draws, numbers))
    who, theirs = members(draws, numbers[may]), state.take(may)
    before = book.mails_before(ledger, pl.Series(numbers[may]), day)
    own = _imagined(who, theirs, day, before).with_columns(ends=pl.col("due") + within_days * DAY)
    mailed, unmailed = chances(who, own, ledger.filter(pl.col("number").is_in(who.numbers)))
    last = np.where(theirs.last_play == NOT_YET, theirs.since * DAY, theirs.last_play)
    inactive = (day * DAY - last) / DAY
    found = {"inactive_days": inactive, "mails": before, "p_mailed": mailed, "p_unmailed": unmailed}
    return pl.DataFrame({"member_id": member_id(who.numbers), **found, "effect": mailed - unmailed})


def _imagined(who: Members, state: State, day: int, before: Ints) -> pl.DataFrame:
    """Such a mail to each, as rows of the ledger."""
    local = np.full(len(who), day * DAY + C.evening * HOUR)
    pull, push = pull_and_push(who, np.ones(len(who)), state.lapsed_days(day), state.cancelled, before)
    rows = pl.DataFrame(
        {
            "number": who.numbers,
            "due": local - life.offset(who, day),
            "lapsed_on": state.since,
            "cancelled": state.cancelled,
            "since": rhythm.elapsed(local, who.peak),
            "pull": pull,
            "push": push,
        }
    ).with_columns(day=pl.lit(day), lapsed=True)
    empty = [pl.lit(None, kind).alias(name) for name, kind in book.LEDGER.items() if name not in rows.columns]
    return rows.with_columns(empty).select(pl.col(name).cast(kind) for name, kind in book.LEDGER.items())
