"""Which titles to show a member who comes back: what they are likeliest to play, of what they may and did not see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self, TypeAlias

import numpy as np
import polars as pl

from scoring.errors import BadData, NotFitted
from scoring.titles.candidates import MOST, Candidates, Lister, largest
from scoring.titles.catalogue import Catalogue, listed, moment, moments
from scoring.titles.history import DAY, Codes, Floats, History
from scoring.titles.order import Nets, nets, scores

Ids: TypeAlias = pl.Series | Sequence[str] | pl.DataFrame

AWAY = 7 * DAY  # since the last play: from here on, the order is the one learnt after pauses
BLOCK = 1024  # members ordered at once
TABLED = 100_000  # members whose candidates fitting lists; where there are more, asking does (slower, 40 times or so)
ID = {"member_id": pl.String}
ANSWER = {**ID, "title_id": pl.String, "rank": pl.Int64, "score": pl.Float64}


class TitleModel:
    """The titles a member is likeliest to play next. The same plays and the same `seed` give the same model."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self._learnt: _Learnt | None = None

    def fit(self, plays: pl.DataFrame, titles: pl.DataFrame | None = None, members: pl.DataFrame | None = None) -> Self:
        """Learn from plays (member_id, title_id, played_at); other plays of the same title by a member count as one.

        `titles` brings rights (countries, added_at, leaves_at), genres, and titles that nobody has played yet;
        `members` brings country and favourite_genres. No plays at all is no error.

        Raises:
            BadData: a column is missing, or is no time.
        """
        self._learnt = _learnt(_pairs(plays), titles, members, self.seed)
        return self

    def recommend(self, members: Ids, k: int = 20, at: date | None = None) -> pl.DataFrame:
        """For each member, in the order given, up to `k` titles: member_id, title_id, rank (1…k) and score.

        `members` are ids, or a frame with member_id and, where they should count instead of those at fit, country and
        favourite_genres. Never a title that the member has played, or that may not be shown in their country or, with
        `at` given, then; so there may be fewer than `k`. Where nobody told a country, rights are not judged by it.

        `at` None: what they would play next, had they never left. `at` a week or more after their last play: what
        brings members back after a pause. Members never heard of, or without plays, get what is popular with those who
        named the same genres, or else live in the same country, or else with everybody.
        """
        if self._learnt is None:
            raise NotFitted("TitleModel")
        if k < 1:
            raise BadData("k", f"{k} titles are none", "ask for at least 1")
        asked = self._learnt.asked(members)
        blocks = asked.iter_slices(BLOCK) if len(self._learnt.lister.catalogue.ids) else []
        return pl.concat(
            [pl.DataFrame(schema=ANSWER), *(self._learnt.recommended(block, k, moment(at)) for block in blocks)]
        )


@dataclass(frozen=True)
class _Learnt:
    """All that fitting found. Behind the last member stands nobody, who has played nothing and lives nowhere."""

    people: pl.DataFrame  # member_id (null: nobody), country ('': not told), favourite_genres
    history: History
    lister: Lister
    nets: Nets
    table: Candidates | None  # of all people; None where they are too many

    def asked(self, members: Ids) -> pl.DataFrame:
        """The members asked for, in order: member_id, country, favourite_genres, place, and whether these changed."""
        frame = (
            members if isinstance(members, pl.DataFrame) else pl.DataFrame({"member_id": members}, schema_overrides=ID)
        )
        told = _people(frame)
        known = self.people.head(-1).with_columns(place=pl.int_range(pl.len()))
        both = told.join(known, on="member_id", how="left", suffix="_then", maintain_order="left")
        answers = [_now_or_then(name, name in frame.columns) for name in ("country", "favourite_genres")]
        changed = [_changed(name) for name in ("country", "favourite_genres") if name in frame.columns]
        place = pl.col("place").fill_null(self.people.height - 1)
        return both.select("member_id", *answers, place=place, changed=pl.any_horizontal(pl.lit(value=False), *changed))

    def recommended(self, asked: pl.DataFrame, k: int, at: int | None) -> pl.DataFrame:
        """The answer for one block of `asked`."""
        place = asked["place"].to_numpy()
        found = self._found(asked, place, k, at)
        score = self._scores(found, place, at)
        best = largest(score, min(k, score.shape[1]))
        row, rank = np.nonzero(np.take_along_axis(score, best, axis=1) > -np.inf)
        column = best[row, rank]
        title = self.lister.catalogue.ids.gather(found.titles[row, column])
        member, order = asked["member_id"].gather(row), pl.Series(rank + 1)
        return pl.DataFrame(
            {"member_id": member, "title_id": title, "rank": order, "score": score[row, column]}, ANSWER
        )

    def _found(self, asked: pl.DataFrame, place: Codes, k: int, at: int | None) -> Candidates:
        """From the table, where it holds enough; else looked for now."""
        if self.table is None or k > self.table.titles.shape[1]:
            return self._live(asked, place, k, at)
        found = self.table.rows(place)
        shown = self.lister.catalogue.on_show(at)[found.titles] & (found.titles >= 0)
        lost = (shown.sum(axis=1) < k) & (shown != (found.titles >= 0)).any(axis=1)
        again = np.flatnonzero(lost | asked["changed"].to_numpy())
        found = found.among(shown)
        return found.replaced(again, self._live(asked[again], place[again], k, at)) if len(again) else found

    def _live(self, asked: pl.DataFrame, place: Codes, k: int, at: int | None) -> Candidates:
        return self.lister.list(self.history.rows(place), asked, at, max(k, MOST))

    def _scores(self, found: Candidates, place: Codes, at: int | None) -> Floats:
        """Each candidate's score by the order that fits how long the member has been away."""
        lengths, popularity = self.history.lengths[place], self.lister.parts.popularity
        away = np.zeros(len(place), dtype=bool) if at is None else at - self.history.last[place] >= AWAY
        score = np.empty(found.titles.shape, dtype=np.float32)
        for net, rows in ((self.nets.soon, ~away), (self.nets.back, away)):
            score[rows] = scores(net, found.rows(rows), lengths[rows], popularity)
        return score


def _learnt(pairs: pl.DataFrame, titles: pl.DataFrame | None, members: pl.DataFrame | None, seed: int) -> _Learnt:
    title_ids = _ids(pairs["title_id"], titles)
    people = _everyone(pairs["member_id"], members)
    places = (_places(pairs["member_id"], people["member_id"]), _places(pairs["title_id"], title_ids))
    history = History.of(*places, pairs["at"].to_numpy(), people.height, len(title_ids))
    catalogue = Catalogue.of(title_ids, titles)
    order = nets(history, people, catalogue, seed)
    lister = Lister.of(history, people, catalogue, seed)
    table = lister.list(history, people) if people.height <= TABLED and history.titles else None
    return _Learnt(people, history, lister, order, table)


def _pairs(plays: pl.DataFrame) -> pl.DataFrame:
    """member_id, title_id and `at`, the last play in microseconds; rows that lack one are left out."""
    for name in ("member_id", "title_id", "played_at"):
        if name not in plays.columns:
            raise BadData(
                f"plays.{name}", "the column is missing", "give the columns that the import contract requires"
            )
    whole = plays.select(pl.col("member_id", "title_id").cast(pl.String)).with_columns(at=moments(plays, "played_at"))
    return whole.drop_nulls().group_by("member_id", "title_id").agg(pl.col("at").max())


def _ids(played: pl.Series, titles: pl.DataFrame | None) -> pl.Series:
    """Every title's id, sorted."""
    others = pl.Series(dtype=pl.String) if titles is None else titles["title_id"].cast(pl.String).drop_nulls()
    return pl.concat([played.rename("title_id"), others.rename("title_id")]).unique().sort()


def _everyone(played: pl.Series, members: pl.DataFrame | None) -> pl.DataFrame:
    """Who has played, or is described, sorted by id; and nobody, the last."""
    told = _people(members if members is not None else pl.DataFrame(schema=ID))
    described = told.filter(pl.col("member_id").is_not_null()).unique("member_id", keep="last")
    only = pl.DataFrame({"member_id": played.unique()}).join(described, on="member_id", how="anti")
    nobody = _people(pl.DataFrame({"member_id": [None]}, schema=ID))
    return pl.concat([pl.concat([described, _people(only)]).sort("member_id"), nobody])


def _people(frame: pl.DataFrame) -> pl.DataFrame:
    """member_id, country and favourite_genres; a country that the frame does not speak of is ''."""
    if "member_id" not in frame.columns:
        raise BadData("members.member_id", "the column is missing", "give the ids, or a frame that has them")
    country = pl.col("country").cast(pl.String) if "country" in frame.columns else pl.lit("").alias("country")
    genres = listed(frame, "favourite_genres")
    return frame.select(pl.col("member_id").cast(pl.String), country, genres.alias("favourite_genres"))


def _now_or_then(name: str, told: bool) -> pl.Expr:
    """What the frame tells, or else what was known at fit; of members unknown then, what an empty frame tells."""
    return pl.col(name) if told else pl.when(pl.col("place").is_null()).then(name).otherwise(f"{name}_then").alias(name)


def _changed(name: str) -> pl.Expr:
    return pl.col(name).ne_missing(pl.col(f"{name}_then")) | pl.col("place").is_null()


def _places(ids: pl.Series, known: pl.Series) -> Codes:
    """Where each id stands among the known ones."""
    index = pl.DataFrame({"id": known, "place": np.arange(len(known))}, schema={"id": pl.String, "place": pl.Int64})
    return pl.DataFrame({"id": ids}).join(index, on="id", how="left", maintain_order="left")["place"].to_numpy()
