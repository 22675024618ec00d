"""Can the chances that were logged be those by which members were drawn to be mailed?

Hoeffding: "Probability inequalities for sums of bounded random variables" (1963), theorem 1: of n independent draws
with the mean chance p the share drawn is at least as far from p as s with probability 2 exp(−n KL(s ‖ p)) at most,
however the chances differ. Kish: "Survey sampling" (1965) for how many draws unequal groups are worth.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import rel_entr

from scoring.encoding import Codes, Floats
from scoring.errors import BadData

RARE = 1e-6  # the most that luck may be to blame with before chances count as false


def surely_false(share: Floats, chance: Floats, draws: Floats) -> npt.NDArray[np.bool_]:
    """Where no luck explains the `share` mailed by its mean `chance`, of so many independent `draws`; all [k]."""
    apart = rel_entr(share, chance) + rel_entr(1 - share, 1 - chance)
    false: npt.NDArray[np.bool_] = draws * apart > np.log(2 / RARE)
    return false


def check_chances(chance: Floats, mailed: npt.NDArray[np.bool_], members: Codes) -> None:
    """BadData where far more or fewer of n rows were mailed than their chances can explain.

    `members` [n]: whose each row is. Rows of one member may all have been decided by one draw.
    """
    expected, share = float(chance.mean()), float(mailed.mean())
    if surely_false(*np.array([[share], [expected], [_draws(members)]])).any():
        why = f"it is {expected:.3g} on average, where {share:.3g} were mailed"
        raise BadData("propensity", why, "give the chance with which each was drawn to be mailed")


def _draws(members: Codes) -> float:
    """How many independent draws the rows are worth at the least."""
    rows = np.unique(members, return_counts=True)[1].astype(np.float64)
    return float(rows.sum() ** 2 / (rows**2).sum())
