"""An exact test for few wins: from which arm do the winners come?

Where a hash mails each member with probability p and the mail does nothing, the arm of each winner is a draw with
probability p, whatever the base rate, the mix of members or the day. A beta mixture of other probabilities q gives
evidence that is exact at every look, from the first win on; the q that it does not reject give the relative risks
`q/(1 - q) · (1 - p)/p` that it does not reject. No denominators are needed. Cf. Lindon and Kallus, "Rapid regression
detection in software deployments through sequential testing" (2022).
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, expm1, lgamma, log, log1p
from typing import NamedTuple

from scoring.evidence.sequence import e_and_p

_PRIOR_SD = 0.15  # of the log relative risk: the lift of a mail is of this size
_REACH = 40.0  # in log odds; a side that is open up to here is unbounded


class Lift(NamedTuple):
    """The lifts that the winners leave possible, 0.15 being 15% more. -1 and None: unbounded on that side."""

    low: float
    high: float | None
    e_value: float
    p_always_valid: float


def winner_arms(mailed_wins: int, holdout_wins: int, *, mailed_share: float, alpha: float = 0.05) -> Lift:
    """The exact sequence for the relative lift after so many wins in each arm; `mailed_share` is p, in (0, 1).

    >>> lift = winner_arms(3450, 333, mailed_share=0.9)
    >>> round(1 + lift.low, 6), round(1 + lift.high, 6)
    (0.974714, 1.370396)
    """
    against = _evidence(mailed_wins, holdout_wins, mailed_share)
    no_effect = log(mailed_share) - log1p(-mailed_share)
    likeliest = _log_odds(mailed_wins, holdout_wins, no_effect)

    def rejects(log_odds: float) -> bool:
        return against(log_odds) + log(alpha) > 0

    low = expm1(_edge(rejects, likeliest, -_REACH) - no_effect) if rejects(-_REACH) else -1.0
    high = expm1(_edge(rejects, likeliest, _REACH) - no_effect) if rejects(_REACH) else None
    return Lift(low, high, *e_and_p(against(no_effect)))


def _evidence(mailed_wins: int, holdout_wins: int, share: float) -> Callable[[float], float]:
    """The ln e against the probability q that a winner is one of the mailed, as a function of q's log odds."""
    strength = 1 / (share * (1 - share) * _PRIOR_SD**2) - 1
    a, b = strength * share, strength * (1 - share)
    mixture = _log_beta(a + mailed_wins, b + holdout_wins) - _log_beta(a, b)

    def log_e(log_odds: float) -> float:
        return mixture + mailed_wins * _log1p_exp(-log_odds) + holdout_wins * _log1p_exp(log_odds)

    return log_e


def _log_odds(mailed_wins: int, holdout_wins: int, none: float) -> float:
    """The likeliest log odds that a winner is one of the mailed, within reach; `none` of no winners."""
    if mailed_wins and holdout_wins:
        return log(mailed_wins / holdout_wins)
    if mailed_wins or holdout_wins:
        return _REACH if mailed_wins else -_REACH
    return none


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def _log1p_exp(x: float) -> float:
    return max(x, 0.0) + log1p(exp(-abs(x)))


def _edge(rejects: Callable[[float], bool], inside: float, outside: float) -> float:
    """Where rejection begins between two log odds, by halving."""
    for _ in range(60):
        middle = (inside + outside) / 2
        inside, outside = (inside, middle) if rejects(middle) else (middle, outside)
    return (inside + outside) / 2
