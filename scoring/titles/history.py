"""Who played what, in order: plays as arrays, member by member.

A title counts once a member, at its last play: that is where the member is now, and a series is one title however many
episodes it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

Floats: TypeAlias = npt.NDArray[np.float32]
Codes: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]

DAY = 86_400_000_000  # microseconds
PAIRS, RECENT = 150_000_000, 100
ENOUGH, ENOUGH_A_TITLE = 100_000, 50  # plays from which titles learn of each other
FEWEST = 5  # titles of a member before those that are to be found after a pause


@dataclass(frozen=True)
class History:
    """Distinct (member, title) pairs, sorted by member, then by time. Members and titles are numbered from 0."""

    title: Codes  # [pairs]
    at: Codes  # [pairs], microseconds since 1970
    start: Codes  # [members + 1]: member m's pairs are start[m]:start[m + 1]
    titles: int  # how many there are

    @classmethod
    def of(cls, member: Codes, title: Codes, at: Codes, members: int, titles: int) -> History:
        """From pairs in any order, none of them twice."""
        order = np.lexsort((title, at, member))
        start = np.concatenate([[0], np.cumsum(np.bincount(member, minlength=members))])
        return cls(title[order], at[order], start, titles)

    @property
    def members(self) -> int:
        """How many there are."""
        return len(self.start) - 1

    @property
    def lengths(self) -> Codes:
        """How many titles each member has played."""
        return np.diff(self.start)

    @property
    def member(self) -> Codes:
        """Whose each pair is."""
        return np.repeat(np.arange(self.members), self.lengths)

    @property
    def back(self) -> Codes:
        """How many titles were played after each pair's, by the same member."""
        return np.repeat(self.start[1:], self.lengths) - 1 - np.arange(len(self.title))

    @property
    def last(self) -> Codes:
        """When each member last played anything, in microseconds since 1970; 0 where never."""
        ends = np.append(self.at, 0)[np.minimum(self.start[1:] - 1, len(self.at))]
        return np.where(self.lengths > 0, ends, 0)

    @property
    def popularity(self) -> Floats:
        """How many members played each title."""
        return np.bincount(self.title, minlength=self.titles).astype(np.float32)

    def rows(self, members: Codes) -> History:
        """The histories of these members, in this order."""
        lengths = self.lengths[members]
        start = np.concatenate([[0], np.cumsum(lengths)])
        pairs = np.arange(start[-1]) + np.repeat(self.start[members] - start[:-1], lengths)
        return History(self.title[pairs], self.at[pairs], start, self.titles)

    def keep(self, pairs: npt.NDArray[np.bool_]) -> History:
        """The same members, these pairs alone."""
        start = np.concatenate([[0], np.cumsum(pairs)])[self.start]
        return History(self.title[pairs], self.at[pairs], start, self.titles)

    def matrix(self, decay: float = 0.0) -> sparse.csr_matrix:
        """Members × titles: each play weighs (1 + titles played since) ** -decay."""
        weight = ((1.0 + self.back) ** -decay).astype(np.float32)
        return sparse.csr_matrix((weight, self.title, self.start), shape=(self.members, self.titles))


def thinned(history: History, seed: int) -> History:
    """The same members, with so few plays that counting pairs of them fits in memory and time.

    Up to 150 million pairs, and 100,000 plays or 50 a title, nothing is left out: what titles have to do with each
    other is known by then. Beyond, the last 100 titles of members drawn at random stay.
    """
    plays = max(ENOUGH, ENOUGH_A_TITLE * history.titles)
    if (history.lengths**2).sum() <= PAIRS and history.lengths.sum() <= plays:
        return history
    short = history.keep(history.back < RECENT)
    order = np.random.default_rng(seed).permutation(short.members)
    drawn = np.zeros(short.members, dtype=bool)
    drawn[order] = (short.lengths[order] ** 2).cumsum() <= PAIRS
    drawn[order] &= short.lengths[order].cumsum() <= plays
    return short.keep(np.repeat(drawn, short.lengths))


class HeldOut(NamedTuple):
    """Pairs to find again, and pairs to hide meanwhile, which are those and all after them. Both flags [pairs]."""

    target: Flags
    aside: Flags

    @classmethod
    def first(cls, history: History, aside: Flags, most: int = 10) -> HeldOut:
        """The first `most` of each member's hidden pairs are to be found."""
        hidden = np.concatenate([[0], np.cumsum(aside)])
        before = hidden[:-1] - np.repeat(hidden[history.start[:-1]], history.lengths)
        return cls(aside & (before < most), aside)


def last_fifth(history: History, most: int = 10) -> HeldOut:
    """The last 20% of each member's titles, `most` at most; members with fewer than 5 keep all."""
    count = np.minimum(history.lengths // 5, most)
    return HeldOut.first(history, history.back < np.repeat(count, history.lengths), most)


def returns(history: History, moment: int, pause: int = DAY, most: int = 10) -> HeldOut:
    """The first `most` titles from `moment` on of members who played nothing for a `pause` before [both microseconds].

    Of members with fewer than 5 titles by then, none. Hidden are all later plays, of everybody.
    """
    before = history.keep(history.at < moment)
    gone = (before.lengths >= FEWEST) & (before.last <= moment - pause)
    target, later = HeldOut.first(history, history.at >= moment, most)
    return HeldOut(target & np.repeat(gone, history.lengths), later)
