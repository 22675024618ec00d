"""The titles worth ordering for each member, and what each part says of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from scoring.titles.catalogue import Catalogue
from scoring.titles.crowds import Crowds, weight
from scoring.titles.history import Codes, Flags, Floats, History
from scoring.titles.parts import Parts, log_z

MOST = 100
BLOCK = 256  # members scored at once


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
        """Learnt from the plays in a history; titles that nobody has played are what titles like them are."""
        parts = Parts.of(history, seed).spread(catalogue.alike(history.popularity == 0))
        return cls(parts, Crowds.of(history, people), catalogue)

    def list(self, history: History, people: pl.DataFrame, shown: Flags, most: int = MOST) -> Candidates:
        """The titles of the largest sum over parts; the crowd weighs the more the shorter the history.

        Only titles that are `shown` [titles], that the member has not played, and that may be shown where they live.
        """
        most, members = min(most, history.titles), np.arange(history.members)
        blocks = np.split(members, range(BLOCK, history.members, BLOCK))
        found = [self._block(history.rows(rows), people[rows], shown, most) for rows in blocks]
        return Candidates(*(np.concatenate(arrays) for arrays in zip(*found, strict=True)))

    def _block(self, history: History, people: pl.DataFrame, shown: Flags, most: int) -> tuple[Codes, Floats, Floats]:
        inside = self.catalogue.rights(people["country"].to_list()) & shown
        inside[history.member, history.title] = False
        views = [log_z(scores, inside) for scores in self.parts.scores(history)]
        crowd = log_z(self.crowds.scores(people), inside)
        own = weight(history.lengths)[:, None]
        total = np.where(inside, own * sum(views) + (1 - own) * len(views) * crowd, -np.inf)
        best = largest(total, most)
        titles = np.where(np.take_along_axis(inside, best, axis=1), best, -1)
        seen = np.stack([np.take_along_axis(view, best, axis=1) for view in views], axis=2)
        return (
            titles.astype(np.int32),
            seen.astype(np.float16),
            np.take_along_axis(crowd, best, axis=1).astype(np.float16),
        )


def largest(scores: Floats, most: int) -> Codes:
    """The places of each row's largest scores [rows × most], largest first; equal ones in the order of their places."""
    if most < scores.shape[1]:
        some = np.sort(np.argpartition(-scores, most - 1, axis=1)[:, :most], axis=1)
    else:
        some = np.broadcast_to(np.arange(scores.shape[1]), scores.shape)
    order = np.argsort(-np.take_along_axis(scores, some, axis=1), axis=1, kind="stable")
    return np.take_along_axis(some, order, axis=1)
