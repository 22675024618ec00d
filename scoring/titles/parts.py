"""The parts of a score: four ways to see what a member might play, each for every title."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from scoring.titles.factors import factors, solved
from scoring.titles.history import Flags, Floats, History, thinned
from scoring.titles.neighbours import Together, local_ease
from scoring.titles.transitions import recent, transitions

PENALTY = 50.0  # of the local EASE
LEAST, MOST = -3.0, 25.0  # standard deviations


@dataclass(frozen=True)
class Parts:
    """What was learnt of titles."""

    ease: sparse.csr_matrix  # titles played × titles scored
    steps: sparse.csr_matrix
    points: Floats  # [titles × width]
    popularity: Floats  # [titles], log(1 + members who played it)

    @classmethod
    def of(cls, history: History, seed: int) -> Parts:
        """All parts of the plays in a history."""
        some = thinned(history, seed)
        plays = some.matrix()
        ease = local_ease(Together.of(plays), PENALTY)
        return cls(ease, transitions(some), factors(plays, seed), np.log1p(history.popularity))

    def spread(self, alike: sparse.csr_matrix) -> Parts:
        """The same, where each title's score is a weighted mean of others': `alike` is titles × titles, by columns."""
        ease, steps = (self.ease @ alike).tocsr(), (self.steps @ alike).tocsr()
        return Parts(
            ease, steps, (alike.T @ self.points).astype(np.float32), (alike.T @ self.popularity).astype(np.float32)
        )

    def scores(self, history: History) -> list[Floats]:
        """Each part's score of each title for each member [members × titles]."""
        plays = history.matrix()
        members = solved(plays, self.points)
        return [(plays @ self.ease).toarray(), (recent(history) @ self.steps).toarray(), members @ self.points.T]


def log_z(scores: Floats, inside: Flags) -> Floats:
    """Scores in standard deviations over each row's `inside` titles, the far ones drawn in by a logarithm."""
    count = np.maximum(inside.sum(axis=1), 1).astype(np.float32)
    z = np.where(inside, scores, np.float32(0))
    mean = z.sum(axis=1) / count
    z -= mean[:, None]
    z *= inside
    deviation = np.sqrt(np.einsum("mt,mt->m", z, z) / count)
    z /= np.maximum(deviation, 1e-9)[:, None]
    np.clip(z, LEAST, MOST, out=z)
    drawn: Floats = np.abs(z)
    np.log1p(drawn, out=drawn)
    np.copysign(drawn, z, out=drawn)
    return drawn
