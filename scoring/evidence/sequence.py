"""Intervals and e-values that hold at every look: the normal-mixture confidence sequence.

With an estimate `d`, its standard error `s` at this look and a prior of standard deviation τ for the effect, let
`u = τ²/s²`. With probability 1 - alpha the truth lies, at every look, within `d ± H`:

    H = s · sqrt((u + 1)/u · (ln(1 + u) - 2 ln alpha)),    ln e = ½ u/(1 + u) (d/s)² - ½ ln(1 + u),

and 0 lies outside just where e > 1/alpha. One formula under three names: the asymptotic confidence sequence
(Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, 2024), the normal mixture (Howard, Ramdas, McAuliffe and Sekhon, 2021)
and the mSPRT (Johari, Koomen, Pekelis and Walsh, 2022). It holds for any estimate whose increments between looks are
independent: so a member enters once, when their window has closed.

τ comes from the plan, never from the data: the interval is to be narrowest when the planned members are in.
"""

from __future__ import annotations

from functools import cache
from math import exp, expm1, log, log1p, sqrt
from typing import NamedTuple

from scoring.evidence.measures import Measure

_LARGEST_LOG = 700.0  # e-values beyond are given as e**700: finite in JSON and Parquet


class Interval(NamedTuple):
    """What is known at this look; the e-value and the p are of the hypothesis that there is no effect."""

    estimate: float
    low: float
    high: float
    e_value: float
    p_always_valid: float


def planned_u(members: int, planned_members: int, *, alpha: float = 0.05) -> float:
    """The `u` of this look with which the interval is narrowest at `planned_members`: 1.5486 times a fixed-horizon one.

    Takes the squared error to fall with the members so far. A plan off by ten times costs about a tenth of the width.

    >>> round(planned_u(111_111, 111_111), 6)
    8.211968
    """
    return _narrowest_u(alpha) * members / planned_members


def half_width(standard_error: float, u: float, *, alpha: float = 0.05) -> float:
    """H: half the width of the interval.

    >>> round(half_width(1.0, planned_u(1, 1)), 6)
    3.035122
    """
    return standard_error * sqrt((u + 1) / u * (log1p(u) - 2 * log(alpha)))


def log_e_value(measure: Measure, u: float) -> float:
    """The natural logarithm of the evidence against an effect of 0."""
    z = measure.estimate / measure.standard_error
    return (u / (1 + u) * z * z - log1p(u)) / 2


def interval(measure: Measure, u: float, *, alpha: float = 0.05) -> Interval:
    """The confidence sequence at this look. `u` and the standard error must be above 0.

    >>> from scoring.evidence import Tally
    >>> now = interval(Tally(100_000, 3450).measure - Tally(11_111, 333).measure, planned_u(111_111, 111_111))
    >>> round(now.low, 6), round(now.high, 6), round(now.p_always_valid, 6)
    (-0.000683, 0.009742, 0.136654)
    """
    half = half_width(measure.standard_error, u, alpha=alpha)
    return Interval(
        measure.estimate, measure.estimate - half, measure.estimate + half, *e_and_p(log_e_value(measure, u))
    )


def relative(mailed: Measure, holdout: Measure, u: float, *, alpha: float = 0.05) -> Interval:
    """The lift of `mailed` over `holdout`: 0.15 is 15% more. The same sequence, on the log scale; both must be above 0.

    >>> round(relative(Measure(0.06, 0.001), Measure(0.05, 0.001), u=8.2).estimate, 6)
    0.2
    """
    logs = interval(_log(mailed) - _log(holdout), u, alpha=alpha)
    return logs._replace(estimate=expm1(logs.estimate), low=expm1(logs.low), high=expm1(min(logs.high, _LARGEST_LOG)))


def e_and_p(log_e: float) -> tuple[float, float]:
    """The e-value and the always-valid p of one look, both finite."""
    return exp(min(log_e, _LARGEST_LOG)), exp(-max(log_e, 0.0))


@cache
def _narrowest_u(alpha: float) -> float:
    """The u at which the interval is narrowest: -W₋₁(-alpha²/e) - 1, with Lambert's W.

    Here as v - 1, where v is the fixed point of v = 1 - 2 ln alpha + ln v.
    """
    v = constant = 1 - 2 * log(alpha)
    for _ in range(200):
        v = constant + log(v)
    return v - 1


def _log(measure: Measure) -> Measure:
    return Measure(log(measure.estimate), measure.standard_error / measure.estimate)
