"""Which titles to show a member who comes back: what they are likeliest to play, of what they may see and have not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self, TypeAlias

import numpy as np
import polars as pl

from scoring.errors import BadData, NotFitted
from scoring.titles.candidates import MOST, Candidates, Lister, largest
from scoring.titles.catalogue import Catalogue, moment, moments
from scoring.titles.crowds import Crowds
from scoring.titles.history import DAY, Codes, Flags, History
from scoring.titles.order import Nets, nets, scores
from scoring.titles.parts import Parts

Ids: TypeAlias = pl.Series | Sequence[str] | pl.DataFrame

AWAY = 7 * DAY  # since the last play: from here on, the order is the one learnt after pauses
BLOCK = 4096  # members ordered at once


class TitleModel:
    """The titles a member is likeliest to play next. `seed` starts the factors and the nets; the same gives the same."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self._learnt: _Learnt | None = None

    def fit(self, plays: pl.DataFrame, titles: pl.DataFrame | None = None, members: pl.DataFrame | None = None) -> Self:
        """Learn from plays (member_id, title_id, played_at); other plays of the same title by a member count as one.

        `titles` brings rights (countries, added_at, leaves_at), genres, and titles that nobody has played yet; `members`
        country and favourite_genres. BadData where a column is missing or is no time. No plays at all is no error.
        """
        pairs = _pairs(plays)
        member_ids, title_ids = _ids(pairs["member_id"], members), _ids(pairs["title_id"], titles)
        places = (_places(pairs[name], ids) for name, ids in (("member_id", member_ids), ("title_id", title_ids)))
        history = History.of(*places, pairs["at"].to_numpy(), len(member_ids), len(title_ids))
        people = _people(member_ids, members)
        self._learnt = _learnt(member_ids, people, history, Catalogue.of(title_ids, titles), self.seed)
        return self

    def recommend(self, members: Ids, k: int = 20, at: date | None = None) -> pl.DataFrame:
        """For each member, in the order given, up to `k` titles: member_id, title_id, rank (1…k) and score.

        `members` are ids, or a frame with member_id and, where they should count instead of those at fit, country and
        favourite_genres. Never a title that the member has played, or that may not be shown there or, if `at` is given, then;
        so there may be fewer than `k`. At None: the very next plays; `at` a week or more after the last play: what brings
        members back after a pause. Members never heard of, or without plays, get what is popular with those who named the
        same genres, or else live in the same country, or else with everybody.
        """
        if self._learnt is None:
            raise NotFitted("TitleModel")
        if k < 1:
            raise BadData("k", f"{k} titles are none", "ask for at least 1")
        asked = _asked(members, self._learnt)
        found = [self._learnt.recommended(asked[begin : begin + BLOCK], k, moment(at)) for begin in range(0, asked.height, BLOCK)]
        return pl.concat(found) if found else pl.DataFrame(schema=ANSWER)


ANSWER = {"member_id": pl.String, "title_id": pl.String, "rank": pl.Int64, "score": pl.Float64}


@dataclass(frozen=True)
class _Learnt:
    """All that fitting found. `table` holds candidates of every member, for the people they were at fit."""

    members: pl.Series
    people: pl.DataFrame
    history: History
    last: Codes  # [members], each one's last play
    lister: Lister
    nets: Nets
    table: Candidates

    def recommended(self, asked: pl.DataFrame, k: int, at: int | None) -> pl.DataFrame:
        """The answer for one block. `asked` has member_id, place (-1: unknown), country, favourite_genres, changed."""
        place = asked["place"].to_numpy()
        found = self._found(asked, place, k, at)
        lengths = np.where(place >= 0, self.history.lengths[place], 0) if len(self.members) else np.zeros_like(place)
        score = self._scores(found, lengths, self._away(place, at))
        best = largest(score, min(k, score.shape[1]))
        row, rank = np.nonzero(np.take_along_axis(score, best, axis=1) > -np.inf)
        column = best[row, rank]
        answer = {
            "member_id": asked["member_id"].gather(row),
            "title_id": self.lister.catalogue.ids.gather(found.titles[row, column]),
            "rank": rank + 1,
            "score": score[row, column],
        }
        return pl.DataFrame(answer, schema=ANSWER)
