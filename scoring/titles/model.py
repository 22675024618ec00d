"""Which titles to show a member who comes back: what they are likeliest to play, of what they may and did not see."""

from __future__ import annotations

from datetime import date
from numbers import Integral
from pathlib import Path
from typing import Self

import polars as pl

from scoring.errors import BadData, NotFitted
from scoring.threads import one_thread
from scoring.titles.catalogue import moment
from scoring.titles.files import read, write
from scoring.titles.learnt import ANSWER, Learnt, learn
from scoring.titles.people import Ids, asked

BLOCK = 1024  # members ordered at once


class TitleModel:
    """The titles a member is likeliest to play next. The same plays and the same `seed` give the same model.

    `tabled`: list every member's candidates in `fit`, so that asking for most of them is quick; for a few of many
    members it is quicker not to.
    """

    def __init__(self, seed: int = 0, *, tabled: bool = True) -> None:
        self.seed, self.tabled = seed, tabled
        self._learnt: Learnt | None = None

    def fit(self, plays: pl.DataFrame, titles: pl.DataFrame | None = None, members: pl.DataFrame | None = None) -> Self:
        """Learn from plays (member_id, title_id, played_at); other plays of the same title by a member count as one.

        `titles` brings rights (countries, added_at, leaves_at), genres, and titles that nobody has played yet;
        `members` brings country and favourite_genres. No plays at all is no error.

        Raises:
            BadData: a column is missing, or is no time.
        """
        self._learnt = learn(plays, titles, members, self.seed, tabled=self.tabled)
        return self

    def recommend(
        self, members: Ids, k: int = 20, at: date | None = None, among: pl.Series | None = None
    ) -> pl.DataFrame:
        """For each member, in the order given, up to `k` titles: member_id, title_id, rank (1…k) and score.

        `members` are ids, or a frame with member_id and, where they should count instead of those at fit, country and
        favourite_genres. Never a title that the member has played, or that may not be shown in their country or, with
        `at` given, then; so there may be fewer than `k`. Where nobody told a country, rights are not judged by it.

        A frame's `beyond` (0 to 1, of each member) asks for what is personal beyond being popular: that share of the
        logarithm of a title's popularity is taken from its score, which is one of a title against others.

        `among`: only these titles are asked for; None: all.

        `at` None: what they would play next, had they never left. `at` a week or more after their last play: what
        brings members back after a pause. Members never heard of, or without plays, get what is popular with those who
        named the same genres, or else live in the same country, or else with everybody.

        Raises:
            BadData: an argument that cannot be used.
        """
        learnt = self._known
        if not isinstance(k, Integral) or k < 1:
            raise BadData("k", f"{k!r} titles are none", "ask for at least 1")
        blocks = asked(members, learnt.people).iter_slices(BLOCK) if learnt.history.titles else []
        only = None if among is None else pl.Series("among", among).cast(pl.String)
        with one_thread():
            found = [learnt.recommended(block, k, moment(at), only) for block in blocks]
        return pl.concat([pl.DataFrame(schema=ANSWER), *found])

    def because(self, picks: pl.DataFrame) -> pl.DataFrame:
        """`picks` (member_id, title_id) with `because`, the title played that speaks most for it; null: none does."""
        return self._known.because(picks)

    def to_files(self, folder: Path) -> None:
        """Write the model as NumPy arrays, Parquet and JSON, never pickles."""
        write(self._known, self.seed, folder)

    @classmethod
    def from_files(cls, folder: Path) -> Self:
        """Read what `to_files` wrote.

        Raises:
            OtherVersion: another version of Encore wrote it.
            BadData: there is no model in the folder, or it is damaged.
        """
        learnt, seed = read(folder)
        model = cls(seed)
        model._learnt = learnt
        return model

    @property
    def _known(self) -> Learnt:
        if self._learnt is None:
            raise NotFitted("TitleModel")
        return self._learnt
