"""The titles worth ordering for each member, and what each part says of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy import sparse

from scoring.titles.catalogue import Catalogue
from scoring.titles.crowds import Crowds, weight
from scoring.titles.history import Codes, Flags, Floats, History
from scoring.titles.parts import Parts, draw_in, log_z

MOST = 100
SUMMED = 3  # the first of the views, by whose sum candidates are found; walks, so near local EASE, only help to order
CELLS = 600_000  # members × titles at once: larger arrays the system hands out page by page, slower than all else
GROUP = 16  # titles whose best stands for them in the search for the largest


@dataclass(frozen=True)
class Candidates:
    """Titles for n members, and what the parts and the crowd say of each, in drawn-in standard deviations."""

    titles: Codes  # [n × most], -1 where there are fewer
    views: Floats  # [n × most × parts]
    crowd: Floats  # [n × most]

    def rows(self, rows: Codes | Flags) -> Candidates:
        """Those of some members."""
        return Candidates(self.titles[rows], self.views[rows], self.crowd[rows])

    def among(self, allowed: Flags) -> Candidates:
        """The same, with titles left out where not `allowed` [n × most]."""
        return Candidates(np.where(allowed, self.titles, -1), self.views, self.crowd)

    def replaced(self, rows: Codes, others: Candidates) -> Candidates:
        """The same, with others for some members."""
        titles, views, crowd = self.titles.copy(), self.views.copy(), self.crowd.copy()
        titles[rows], views[rows], crowd[rows] = others.titles, others.views, others.crowd
        return Candidates(titles, views, crowd)


@dataclass(frozen=True)
class Lister:
    """Finds candidates. `people` are frames with country and favourite_genres, one row a member."""

    parts: Parts
    crowds: Crowds
    catalogue: Catalogue

    @classmethod
    def of(cls, history: History, people: pl.DataFrame, catalogue: Catalogue, seed: int) -> Lister:
        """Learnt from the plays in a history; new titles are what titles like them are."""
        alike = catalogue.alike(history.popularity, int(history.at.max(initial=0)))
        parts = Parts.of(history, seed).spread(alike)
        return cls(parts, Crowds.of(history, people), catalogue)

    def list(self, history: History, people: pl.DataFrame, shown: Flags, most: int = MOST) -> Candidates:
        """The titles of the largest sum over the first three parts; the crowd weighs the more the shorter the history.

        Only titles that are `shown` [titles], that the member has not played, and that may be shown where they live.
        """
        most, members = min(most, history.titles), np.arange(history.members)
        block = max(CELLS // max(history.titles, 1), 1)
        blocks = np.split(members, range(block, history.members, block))
        points, crowds = self.parts.members(history), self._crowds(history, people)
        known = (_Known(history.rows(rows), people["country"][rows], points[rows], crowds[rows]) for rows in blocks)
        found = [self._block(one, shown, most) for one in known]
        return Candidates(*(np.concatenate(arrays) for arrays in zip(*found, strict=True)))

    def _block(self, known: _Known, shown: Flags, most: int) -> tuple[Codes, Floats, Floats]:
        inside = self.catalogue.rights(known.countries.to_list()) & shown
        inside[known.history.member, known.history.title] = False
        views = self.parts.scores(known.history, known.points)
        spare = np.empty(inside.shape, dtype=np.float32)
        for view in views:
            draw_in(view, inside, spare)
        total, (few, crowd) = reduce(np.add, views[:SUMMED]), self._crowd(known, inside)
        own = weight(known.history.lengths[few])[:, None]
        total[few] = own * total[few] + (1 - own) * SUMMED * crowd
        total[~inside] = -np.inf
        best = largest(total, most)
        cells = best + total.shape[1] * np.arange(len(best))[:, None]
        titles = np.where(inside.take(cells), best, -1)
        seen: Floats = np.stack([view.take(cells) for view in views], axis=2).astype(np.float16)
        said: Floats = np.zeros_like(seen[:, :, 0])
        said[few] = np.take_along_axis(crowd, best[few], axis=1)
        return titles.astype(np.int32), seen, said

    def _crowds(self, history: History, people: pl.DataFrame) -> sparse.csr_matrix:
        """The crowds of each member whose history is too short to speak alone [members × crowds]; of others none."""
        few = weight(history.lengths) < 1
        if not few.any():
            return sparse.csr_matrix((history.members, len(self.crowds.shares)), dtype=np.float32)
        theirs, start = self.crowds.of_each(people.filter(few)), np.concatenate([[0], np.cumsum(few)])
        shape = (history.members, theirs.shape[1])
        return sparse.csr_matrix((theirs.data, theirs.indices, theirs.indptr[start]), shape=shape)

    def _crowd(self, known: _Known, inside: Flags) -> tuple[Codes, Floats]:
        """Members whose history is too short to speak alone, and what their crowds say [few × titles]."""
        few = np.flatnonzero(weight(known.history.lengths) < 1)
        return few, log_z(self.crowds.scores(known.crowds[few]), inside[few])


class _Known(NamedTuple):
    """Some members: their plays, countries, points among the titles, and crowds."""

    history: History
    countries: pl.Series
    points: Floats
    crowds: sparse.csr_matrix


def largest(scores: Floats, most: int) -> Codes:
    """The places of each row's largest scores [rows × most], largest first; equal ones in the order of their places."""
    some = np.sort(_some(scores, most), axis=1)
    order = np.argsort(-np.take_along_axis(scores, some, axis=1), axis=1, kind="stable")
    return np.take_along_axis(some, order, axis=1)


def _some(scores: Floats, most: int) -> Codes:
    """The places of each row's largest scores, in any order.

    In a long row they lie in the groups with the largest maxima, as many groups as scores are asked for.
    """
    rows, width = scores.shape
    groups = width // GROUP
    if most >= width:
        return np.broadcast_to(np.arange(width), scores.shape)
    if groups < 2 * most:
        return np.argpartition(-scores, most - 1, axis=1)[:, :most]
    body = groups * GROUP
    maxima = scores[:, :body].reshape(rows, GROUP, groups).max(axis=1)
    best = np.argpartition(-maxima, most - 1, axis=1)[:, :most]
    inside = (best[:, None, :] + groups * np.arange(GROUP)[:, None]).reshape(rows, -1)
    rest = np.broadcast_to(np.arange(body, width), (rows, width - body))
    places = np.concatenate([inside, rest], axis=1)
    return np.take_along_axis(places, _some(np.take_along_axis(scores, places, axis=1), most), axis=1)
