"""Did assignment keep to its shares? A sample-ratio test that holds at every look.

The evidence of a Dirichlet mixture, centred on the shares, against the shares themselves (Lindon and Malek,
"Anytime-valid inference for multinomial count data", NeurIPS 2022). Count those assigned, not those mailed or seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum, isclose, lgamma, log
from typing import Any, NamedTuple, TypeAlias

from scoring.errors import BadData
from scoring.evidence.measures import whole, within
from scoring.evidence.sequence import e_and_p

Counts: TypeAlias = Sequence[int] | Mapping[str, int]
Shares: TypeAlias = Sequence[float] | Mapping[str, float]


class SampleRatio(NamedTuple):
    """The evidence that assignment went wrong; `alarm` from 1/alpha on: a sound one seldom ever rings."""

    e_value: float
    alarm: bool


def sample_ratio(
    counts: Counts, shares: Shares, *, planned_members: int | None = None, alpha: float = 0.05
) -> SampleRatio:
    """Test how many members were assigned to each arm against the arms' shares: two lists, or two mappings by arm.

    `planned_members` tells how small a deviation to look for: a smaller one above 1,000,000. By default the members so
    far tell, and the test changes once, at their millionth.
    BadData for what are no counts, for shares that don't add up to 1, and for arms that don't match.

    >>> sample_ratio({"mailed": 9300, "holdout": 900}, {"mailed": 0.9, "holdout": 0.1}).alarm
    True
    """
    arms = _matched(counts, shares)
    within("alpha", alpha)
    planned = whole("planned_members", planned_members) if planned_members is not None else sum(n for n, _ in arms)
    e_value, _ = e_and_p(log_e_value(arms, 10_000 if planned > 1_000_000 else 1_000))
    return SampleRatio(e_value, e_value >= 1 / alpha)


def log_e_value(arms: Sequence[tuple[int, float]], concentration: float) -> float:
    """The ln e of (count, share) of each arm. The larger the concentration, the smaller the deviations it looks for.

    >>> round(log_e_value([(9300, 0.9), (900, 0.1)], 1000), 6)
    6.224814
    """
    total = lgamma(concentration) - lgamma(concentration + sum(n for n, _ in arms))
    return total + fsum(lgamma(concentration * p + n) - lgamma(concentration * p) - n * log(p) for n, p in arms)


def _matched(counts: Counts, shares: Shares) -> list[tuple[int, float]]:
    """(count, share) of each arm."""
    count_of, share_of = _by_arm(counts), _by_arm(shares)
    if count_of.keys() != share_of.keys():
        raise BadData(
            "counts", f"of the arms {list(count_of)}, not {list(share_of)}", "give counts and shares of the same arms"
        )
    if not (all(p > 0 for p in share_of.values()) and isclose(fsum(share_of.values()), 1, abs_tol=1e-6)):
        raise BadData(
            "shares", f"{list(share_of.values())} do not add up to 1", "give each arm a share above 0, or leave it out"
        )
    return [(whole(f"counts of {arm}", count_of[arm]), share) for arm, share in share_of.items()]


def _by_arm(values: Sequence[Any] | Mapping[str, Any]) -> dict[str, Any]:
    return dict(values) if isinstance(values, Mapping) else {str(place): value for place, value in enumerate(values)}
