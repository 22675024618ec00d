"""Time to first play, on a daily grid: Kaplan-Meier, and the days won within a window.

The clock starts when the mail was sent, or would have been. It stops at the first play, or with the report. A life
table holds, for each day since, how many were still without a play and followed, and how many of them played; tables of
shards and of cohorts add up. Medians do not exist where 97 in 100 never play; the restricted mean time lost does:
`RMTL(τ) = τ - ∫₀^τ S`, the mean days of the window that lie after the first play. Its difference between the arms is
how many days earlier, a member, the mailed came back. Its variance is Greenwood's, with the area ahead of each day:

    Var = Σ_{s ≤ τ} A_s² d_s / (y_s (y_s - d_s)),    A_s = ∫_s^τ S.

Its increments over calendar looks are independent, staggered starts or not (Tsiatis 1981; Scharfstein, Tsiatis and
Robins 1997), so the sequences that are valid at every look hold for it.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scoring.errors import BadData
from scoring.evidence.measures import FEW, Measure
from scoring.evidence.sequence import interval

Days: TypeAlias = NDArray[np.int64]
Curve: TypeAlias = NDArray[np.float64]


class LifeTable(NamedTuple):
    """For each day since the start, from 0: members still without a play, and those of them who played that day."""

    at_risk: Days
    plays: Days

    def __add__(self, other: tuple[Days, Days]) -> LifeTable:  # type: ignore[override]  # tables add up
        return LifeTable(self.at_risk + other[0], self.plays + other[1])


class Earlier(NamedTuple):
    """How many days earlier, a member, the mailed came back within the window; no interval while plays are too few."""

    days: float
    low: float | None
    high: float | None
    e_value: float
    p_always_valid: float


class Week(NamedTuple):
    """A week since the start, from 1: the members followed to its end, and those of them who played in it."""

    week: int
    members: int
    active: int


def life_table(days: ArrayLike, played: ArrayLike, *, horizon: int) -> LifeTable:
    """The table of members who played, or else were last seen, `days` after their start: whole days, from 0.

    Who is last seen on a day still counts as at risk on it. Who played after the horizon had not by then.

    >>> life_table([1, 2, 2, 3], [True, True, False, False], horizon=3)
    LifeTable(at_risk=array([4, 4, 3, 1]), plays=array([0, 1, 1, 0]))
    """
    when, event = _whole_days(days), np.asarray(played, dtype=bool)
    if when.shape != event.shape:
        raise BadData("played", f"{event.size} values for {when.size} days", "give one for each member")
    leaving = np.bincount(np.minimum(when, horizon), minlength=horizon + 1)
    at_risk = leaving[::-1].cumsum()[::-1]
    return LifeTable(at_risk, np.bincount(when[event & (when <= horizon)], minlength=horizon + 1))


def survival(table: LifeTable) -> Curve:
    """Kaplan-Meier's S(s) for each day of the table: the share still without a play after day s.

    >>> survival(life_table([1, 2, 2, 3], [True, True, False, False], horizon=3)).tolist()
    [1.0, 0.75, 0.5, 0.5]
    """
    staying: Curve = 1 - table.plays / np.maximum(table.at_risk, 1)
    return staying.cumprod()


def followed(table: LifeTable) -> int:
    """The last day to which anyone was followed, or until all had played: no window may be longer.

    >>> followed(life_table([1, 2], [True, False], horizon=5))
    2
    """
    if table.at_risk[0] and survival(table)[-1] == 0:
        return len(table.at_risk) - 1
    return max(int(np.count_nonzero(table.at_risk)) - 1, 0)


def time_lost(table: LifeTable, *, days: int) -> Measure:
    """RMTL(`days`): the mean days of the window that lie after the first play, with its standard error.

    BadData where nobody was followed for so long: an extrapolation proves nothing.

    >>> time_lost(life_table([1, 2, 2, 3], [True, True, False, False], horizon=3), days=3).estimate
    0.75
    """
    if not (0 < days <= followed(table)):
        raise BadData("days", f"{days}, but followed for {followed(table)}", "take a shorter window until then")
    curve = survival(table)[: days + 1]
    ahead = np.append(curve[:-1][::-1].cumsum()[::-1], 0.0)  # the area under S from each day to the end
    y, d = table.at_risk[: days + 1], table.plays[: days + 1]
    risk = np.divide(d, y * (y - d), out=np.zeros(days + 1), where=y > d)  # all played: nothing ahead, nothing at risk
    return Measure(float(days - ahead[0]), float(np.sqrt((ahead**2 * risk).sum())))


def days_earlier(mailed: LifeTable, holdout: LifeTable, *, days: int, u: float, alpha: float = 0.05) -> Earlier:
    """The time lost of the mailed less that of the holdout, valid at every look; `u` as for `interval`.

    BadData as for `time_lost`. No interval until each arm has 20 plays within the window.
    """
    difference = time_lost(mailed, days=days) - time_lost(holdout, days=days)
    few = min(int(arm.plays[: days + 1].sum()) for arm in (mailed, holdout)) < FEW
    if few or not difference.standard_error:
        return Earlier(difference.estimate, None, None, 1.0, 1.0)
    return Earlier(*interval(difference, u, alpha=alpha))


def weekly_retention(days_followed: ArrayLike, member: ArrayLike, day: ArrayLike) -> list[Week]:
    """Who plays in each week since their start, of the members followed to its end. Ends with the last week reached.

    `days_followed`: for each member the whole days since their start. `member`, `day`: for each play the member's place
    in `days_followed`, and the whole days since their start.

    >>> weekly_retention([14, 7], member=[0, 0, 1, 1], day=[0, 1, 3, 8])
    [Week(week=1, members=2, active=2), Week(week=2, members=1, active=0)]
    """
    reached = _whole_days(days_followed) // 7
    seen = np.unique(np.stack([_whole_days(day) // 7, _whole_days(member)]), axis=1)
    week = seen[0, seen[0] < reached[seen[1]]]
    active = np.bincount(week, minlength=reached.max(initial=0))
    return [Week(place + 1, int((reached > place).sum()), int(n)) for place, n in enumerate(active)]


def _whole_days(values: ArrayLike) -> Days:
    days = np.asarray(values)
    if days.size and not (np.issubdtype(days.dtype, np.integer) and days.min() >= 0):
        raise BadData("days", "not all whole numbers from 0 on", "count whole days since the start")
    return days.astype(np.int64)
