"""What the features are made of, and the few steps that their parts share."""

from __future__ import annotations

from typing import Any, NamedTuple

import ibis

DAY = 86_400  # seconds

Frame = Any  # an ibis.Table: Ibis ships no types that mypy can follow through deferred expressions
Value = Any  # a column of one, deferred or not


class Tables(NamedTuple):
    """What the features are made of, as Ibis tables in the columns of the import contract. Times are UTC."""

    members: Frame  # versions, with valid_from and import_no
    plays: Frame
    titles: Frame  # versions, with valid_from and import_no
    outcomes: Frame
    mails: Frame  # member_id, mailed_at: win-back mails that went out
    clocks: Frame  # what `clocks` makes, from the first play on, of all members' zones


def before(asked: Frame, events: Frame, time: str) -> Frame:
    """The events before the moment of each question about their member, with their `age` in seconds."""
    joined = events.join(asked.select("question", "member_id", "at"), "member_id").drop("member_id")
    earlier = joined.filter(joined[time] < joined["at"])
    return earlier.mutate(age=seconds(earlier["at"]) - seconds(earlier[time]))


def seconds(time: Value) -> Value:
    """Whole seconds since 1970, rounded down: engines differ in what they make of parts of one, most before 1970."""
    return time.truncate("s").epoch_seconds().floor()


def days_between(earlier: Value, later: Value) -> Value:
    """Days from one moment to another."""
    return (seconds(later) - seconds(earlier)) / DAY


def ranked(counts: Frame, value: str) -> Frame:
    """Each question's values with their `place` by how often they were counted (`n`), from 0; equals by their name."""
    place = ibis.row_number().over(group_by="question", order_by=[ibis.desc("n"), value])
    return counts.mutate(place=place)


def mixture(n: Value) -> Value:
    """How many things, counted equally often, would be as mixed as these counts: the inverse Simpson index."""
    whole = n.sum().cast("float64")
    return whole * whole / (n * n).sum()
