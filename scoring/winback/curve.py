"""The targeting curve: how many of the win-backs that mail can cause the best part of the members has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scoring.encoding import Floats

LEAST = 1e-9  # win-backs: less is nothing
STEPS = tuple(step / 20 for step in range(21))


@dataclass(frozen=True)
class Step:
    """Mail the best `share` of the members, and `caused` of the win-backs that mail can cause will be."""

    share: float
    caused: float


def targeting_curve(uplift: Floats, shares: Sequence[float] = STEPS) -> list[Step]:
    """The curve of expected uplifts [n], as predicted. What mail can cause: the sum of those above 0.

    Past the last member whom a mail helps it falls. Of nobody, or where a mail helps nobody, there is none.

    >>> targeting_curve(np.array([0.03, 0.01, 0.0, 0.0]), [0.25, 0.5])
    [Step(share=0.25, caused=0.75), Step(share=0.5, caused=1.0)]
    """
    can = float(np.maximum(uplift, 0).sum())
    if can < LEAST:
        return []
    caused = np.r_[0, np.cumsum(np.sort(uplift)[::-1])] / can
    reached = np.interp(shares, np.linspace(0, 1, len(caused)), caused)
    return [Step(float(share), float(part)) for share, part in zip(shares, reached, strict=True)]
