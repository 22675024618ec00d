"""The parts of a score: four ways to see what a member might play, each for every title."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from scoring.titles.factors import factors, solved
from scoring.titles.history import DAY, Flags, Floats, History, thinned
from scoring.titles.neighbours import Together, local_ease
from scoring.titles.transitions import recent, transitions
from scoring.titles.walks import walks

PENALTY = 50.0  # of the local EASE
LEAST, MOST = -3.0, 25.0  # standard deviations
HALF = 30 * DAY  # after which a play counts half for what is popular now
LONG = 0.01  # that a play counts however old it is


@dataclass(frozen=True)
class Parts:
    """What was learnt of titles."""

    ease: sparse.csr_matrix  # titles played × titles scored
    steps: sparse.csr_matrix
    points: Floats  # [titles × width]
    walks: sparse.csr_matrix
    popularity: Floats  # [titles], log(1 + members who played it)
    trend: Floats  # [titles], how popular each is now, in drawn-in standard deviations

    @classmethod
    def of(cls, history: History, seed: int) -> Parts:
        """All parts of the plays in a history."""
        some = thinned(history, seed)
        plays = some.matrix()
        ease = local_ease(Together.of(plays), PENALTY)
        points, popularity = factors(plays, seed), np.log1p(history.popularity)
        return cls(ease, transitions(some), points, walks(plays), popularity, trend(history))

    def spread(self, alike: sparse.csr_matrix) -> Parts:
        """The same, where each title's score is a weighted mean of others': `alike` is titles × titles, by columns."""
        ease, steps, ends = ((rows @ alike).tocsr() for rows in (self.ease, self.steps, self.walks))
        points, popularity, now = (
            (alike.T @ of).astype(np.float32) for of in (self.points, self.popularity, self.trend)
        )
        return Parts(ease, steps, points, ends, popularity, now)

    def members(self, history: History) -> Floats:
        """The members' points, among those of the titles [members × width]."""
        return solved(history.matrix(), self.points)

    def scores(self, history: History, members: Floats) -> list[Floats]:
        """Each part's score of each title for each member [members × titles], given the members' points."""
        plays = history.matrix()
        steps, points = summed(recent(history), self.steps), members @ self.points.T
        return [summed(plays, self.ease), steps, points, summed(plays, self.walks)]


def trend(history: History) -> Floats:
    """How popular each title is when the history ends: plays count the less the older they are [titles]."""
    age = (history.at.max(initial=0) - history.at) / HALF
    now = np.bincount(history.title, 2.0**-age + LONG, minlength=history.titles)
    drawn: Floats = log_z(np.log(now + LONG / 10)[None], np.ones((1, history.titles), dtype=bool))[0]
    return drawn


def summed(weights: sparse.csr_matrix, rows: sparse.csr_matrix) -> Floats:
    """The product of two sparse matrices as a dense array.

    SciPy's own makes a sparse one first, which takes three times as long: here every entry is added where it belongs,
    in one product of a vector by a matrix with a column for each cell.
    """
    count, width = weights.shape[0], rows.shape[1]
    each = rows[weights.indices]
    first = np.repeat(np.arange(count, dtype=each.indices.dtype) * width, np.diff(weights.indptr))
    each.indices += np.repeat(first, np.diff(each.indptr))
    placed = sparse.csc_matrix((each.data, each.indices, each.indptr), shape=(count * width, each.shape[0]))
    added: Floats = (placed @ weights.data).reshape(count, width)
    return added


def log_z(scores: Floats, inside: Flags) -> Floats:
    """Scores in standard deviations over each row's `inside` titles, the far ones drawn in by a logarithm; else 0."""
    drawn = np.array(scores, dtype=np.float32)
    draw_in(drawn, inside, np.empty_like(drawn))
    return drawn


def draw_in(z: Floats, inside: Flags, spare: Floats) -> None:
    """`log_z` of scores in their own place. `spare`, of the same shape, is overwritten.

    New arrays of this size would cost more than all that is reckoned here: the system hands them out page by page.
    """
    np.copyto(spare, inside)
    count = np.maximum(spare.sum(axis=1), 1)
    z *= spare
    z -= (z.sum(axis=1) / count)[:, None]
    z *= spare
    deviation = np.sqrt(np.einsum("mt,mt->m", z, z) / count)
    z /= np.maximum(deviation, 1e-9)[:, None]
    np.clip(z, LEAST, MOST, out=z)
    np.log1p(np.abs(z, out=spare), out=spare)
    np.copysign(spare, z, out=z)
