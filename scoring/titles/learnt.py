"""What fitting found, and how it answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from scoring.errors import BadData
from scoring.threads import one_thread
from scoring.titles.candidates import MOST, Candidates, Lister, largest
from scoring.titles.catalogue import Catalogue, moments
from scoring.titles.history import DAY, Codes, Floats, History
from scoring.titles.order import Nets, nets, scores
from scoring.titles.people import ID, everyone
from scoring.titles.reasons import strongest

AWAY = 7 * DAY  # since the last play: from here on, the order is the one learnt after pauses
TABLED = 100_000  # members whose candidates fitting lists; where there are more, asking does (slower, 40 times or so)
ANSWER = {**ID, "title_id": pl.String, "rank": pl.Int64, "score": pl.Float64}


def learn(
    plays: pl.DataFrame, titles: pl.DataFrame | None, members: pl.DataFrame | None, seed: int, *, tabled: bool
) -> Learnt:
    """All that plays, titles and members teach; see `TitleModel.fit`."""
    with one_thread():
        return _learnt(plays, titles, members, seed, tabled=tabled)


def _learnt(
    plays: pl.DataFrame, titles: pl.DataFrame | None, members: pl.DataFrame | None, seed: int, *, tabled: bool
) -> Learnt:
    pairs = _pairs(plays)
    title_ids = _ids(pairs["title_id"], titles)
    people = everyone(pairs["member_id"], members)
    member, title = _places(pairs["member_id"], people["member_id"]), _places(pairs["title_id"], title_ids)
    history = History.of(member.to_numpy(), title.to_numpy(), pairs["at"].to_numpy(), people.height, len(title_ids))
    catalogue = Catalogue.of(title_ids, titles)
    order = nets(history, people, catalogue, seed)
    lister = Lister.of(history, people, catalogue, seed)
    table = (
        lister.list(history, people, catalogue.on_show(None))
        if tabled and people.height <= TABLED and history.titles
        else None
    )
    return Learnt(people, history, lister, order, table)


@dataclass(frozen=True)
class Learnt:
    """All that fitting found. Behind the last member stands nobody, who has played nothing and lives nowhere."""

    people: pl.DataFrame  # member_id (null: nobody), country ('': not told), favourite_genres
    history: History
    lister: Lister
    nets: Nets
    table: Candidates | None  # of all people; None where they are too many

    def recommended(self, asked: pl.DataFrame, k: int, at: int | None, among: pl.Series | None = None) -> pl.DataFrame:
        """The answer for one block of `asked`."""
        place = asked["place"].to_numpy()
        found = self._found(asked, place, k, at) if among is None else self._live(asked, place, k, at, among)
        score = self._scores(found, place, at) - self._discount(found, asked["beyond"])
        best = largest(score, min(k, score.shape[1]))
        row, rank = np.nonzero(np.take_along_axis(score, best, axis=1) > -np.inf)
        column = best[row, rank]
        title = self.lister.catalogue.ids.gather(found.titles[row, column])
        member, order = asked["member_id"].gather(row), pl.Series(rank + 1)
        return pl.DataFrame(
            {"member_id": member, "title_id": title, "rank": order, "score": score[row, column]}, ANSWER
        )

    def because(self, picks: pl.DataFrame) -> pl.DataFrame:
        """`picks` with `because`, the title played that speaks most for each; null where none does."""
        ids = self.lister.catalogue.ids
        member = _places(picks["member_id"], self.people["member_id"])
        places = pl.DataFrame({"member": member, "title": _places(picks["title_id"], ids)}).with_row_index()
        known = places.drop_nulls()
        reason = strongest(self.lister.parts.ease, self.history, known["member"].to_numpy(), known["title"].to_numpy())
        told = known.select("index", because=ids.gather(pl.Series(reason).replace(-1, None)))
        return picks.with_columns(places.join(told, on="index", how="left", maintain_order="left")["because"])

    def _found(self, asked: pl.DataFrame, place: Codes, k: int, at: int | None) -> Candidates:
        """From the table, where it holds enough; else looked for now."""
        if self.table is None or self.table.titles.shape[1] < min(k, self.history.titles):
            return self._live(asked, place, k, at)
        found = self.table.rows(place)
        shown = self.lister.catalogue.on_show(at)[found.titles] & (found.titles >= 0)
        lost = (shown.sum(axis=1) < k) & (shown != (found.titles >= 0)).any(axis=1)
        again = np.flatnonzero(lost | asked["changed"].to_numpy())
        found = found.among(shown)
        return found.replaced(again, self._live(asked[again], place[again], k, at)) if len(again) else found

    def _live(
        self, asked: pl.DataFrame, place: Codes, k: int, at: int | None, among: pl.Series | None = None
    ) -> Candidates:
        shown = self.lister.catalogue.on_show(at)
        if among is not None:
            shown = shown & self.lister.catalogue.ids.is_in(among.implode()).to_numpy()
        return self.lister.list(self.history.rows(place), asked, shown, max(k, MOST))

    def _scores(self, found: Candidates, place: Codes, at: int | None) -> Floats:
        """Each candidate's score by the order that fits how long the member has been away."""
        lengths = self.history.lengths[place]
        away = np.zeros(len(place), dtype=bool) if at is None else at - self.history.last[place] >= AWAY
        score = np.empty(found.titles.shape, dtype=np.float32)
        for net, rows in ((self.nets.soon, ~away), (self.nets.back, away)):
            score[rows] = scores(net, found.rows(rows), lengths[rows], self.lister.parts)
        return score

    def _discount(self, found: Candidates, beyond: pl.Series) -> Floats:
        """What each candidate's popularity takes from its score: `beyond` of its logarithm."""
        weight = beyond.fill_null(0.0).to_numpy()[:, None]
        discount: Floats = (weight * self.lister.parts.popularity[found.titles]).astype(np.float32)
        return discount


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
    if titles is not None and "title_id" not in titles.columns:
        raise BadData("titles.title_id", "the column is missing", "give the ids that the plays bear")
    others = pl.Series(dtype=pl.String) if titles is None else titles["title_id"].cast(pl.String).drop_nulls()
    return pl.concat([played.rename("title_id"), others.rename("title_id")]).unique().sort()


def _places(ids: pl.Series, known: pl.Series) -> pl.Series:
    """Where each id stands among the known ones; null where it is not."""
    index = pl.DataFrame({"id": known, "place": np.arange(len(known))}, schema={"id": pl.String, "place": pl.Int64})
    return pl.DataFrame({"id": ids}).join(index, on="id", how="left", maintain_order="left")["place"]
