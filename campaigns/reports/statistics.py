"""What a campaign won: the mailed against the holdout, valid at every look.

Sums suffice, so any engine can give them. Count each member once, when their window has closed: who may still come back
is not yet "not won back". The methods are those of `scoring.evidence`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from scoring import evidence
from scoring.errors import BadData
from scoring.evidence import FEW, SampleRatio, Tally, sample_ratio

__all__ = ["EXACT", "NORMAL_MIXTURE", "Effect", "SampleRatio", "Tally", "compare", "sample_ratio"]

EXACT = "exact winner-arm sequence"
NORMAL_MIXTURE = "normal-mixture confidence sequence"


class Effect(NamedTuple):
    """What mailing changed, as far as this look tells.

    `difference`: the win-back rate of the mailed less that of the holdout; None while an arm has no members.
    `low`, `high`: its interval; None while there are too few wins for one.
    `relative`: the lift, 0.15 is 15% more; None while the holdout has no wins.
    `relative_low`, `relative_high`: its interval; -1.0 and None while that side is unbounded.
    `e_value`: the evidence against "no effect", decisive from 1/alpha on.
    `p_always_valid`: of this look; over several looks the smallest so far is valid.
    """

    difference: float | None
    low: float | None
    high: float | None
    relative: float | None
    relative_low: float | None
    relative_high: float | None
    e_value: float
    p_always_valid: float
    method: str


def compare(
    mailed: Sequence[int],
    holdout: Sequence[int],
    *,
    planned_members: int,
    alpha: float = 0.05,
    mailed_share: float | None = None,
) -> Effect:
    """Compare two arms, each (members, won_back), at any look and as often as you like.

    Until each arm has 20 wins an interval on the difference would miss far too often; until then the arms of the
    winners give an exact sequence for the lift. From then on the normal mixture gives all.

    `planned_members`: of both arms together at the planned end, where the interval is narrowest; fix it beforehand.
    `mailed_share`: the probability of being mailed. Give it where it is known: the exact sequence is exact for the
    share that assignment used, while the share among the members so far, the default, varies by chance.
    BadData, a ValueError, for what are no counts, and for a plan, an alpha or a share out of range.

    >>> effect = compare(mailed=(100_000, 3450), holdout=(11_111, 333), planned_members=111_111)
    >>> round(effect.difference, 6), round(effect.low, 6), round(effect.high, 6), effect.method
    (0.00453, -0.000683, 0.009742, 'normal-mixture confidence sequence')
    """
    arms = evidence.tally("mailed", mailed), evidence.tally("holdout", holdout)
    if not evidence.whole("planned_members", planned_members):
        raise BadData("planned_members", "0", "plan with the members of both arms together")
    evidence.within("alpha", alpha)
    if mailed_share is not None:
        evidence.within("mailed_share", mailed_share)
    if _enough(*arms):
        return _by_normal_mixture(*arms, planned_members, alpha)
    return _by_winners(*arms, mailed_share, alpha)


def _enough(mailed: Tally, holdout: Tally) -> bool:
    """Enough wins in each arm, and someone who stayed away: else the standard error is 0."""
    wins = min(mailed.won_back, holdout.won_back)
    return wins >= FEW and mailed.won_back + holdout.won_back < mailed.members + holdout.members


def _by_normal_mixture(mailed: Tally, holdout: Tally, planned_members: int, alpha: float) -> Effect:
    u = evidence.planned_u(mailed.members + holdout.members, planned_members, alpha=alpha)
    difference = evidence.interval(mailed.measure - holdout.measure, u, alpha=alpha)
    lift = evidence.relative(mailed.measure, holdout.measure, u, alpha=alpha)
    return Effect(*difference[:3], *lift[:3], *difference[3:], NORMAL_MIXTURE)


def _by_winners(mailed: Tally, holdout: Tally, mailed_share: float | None, alpha: float) -> Effect:
    if not (mailed.members and holdout.members):  # nothing to compare with
        return Effect(None, None, None, None, -1.0, None, 1.0, 1.0, EXACT)
    share = mailed_share or mailed.members / (mailed.members + holdout.members)
    lift = evidence.winner_arms(mailed.won_back, holdout.won_back, mailed_share=share, alpha=alpha)
    ratio = mailed.measure.estimate / holdout.measure.estimate - 1 if holdout.won_back else None
    difference = mailed.measure.estimate - holdout.measure.estimate
    return Effect(difference, None, None, ratio, *lift, EXACT)
