"""Titles by name, whatever slipped in typing: every word compared with every word of every name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.languages import spoken
from scoring.titles.terms import Codes, Terms, folded, slips, slips_begun, words

Floats: TypeAlias = npt.NDArray[np.float32]
Flags: TypeAlias = npt.NDArray[np.bool_]

LETTERS, MOST_WORDS = 200, 8  # of a query are looked at
LACKING = 3.0  # slips that a word counts as which a name has not
FEWEST = 0.5  # of what a query's words weigh, a name must have
FOUND = {"title_id": pl.String, "off": pl.Int64}


@dataclass(frozen=True)
class Names:
    """Every name of every title, ready to be searched."""

    ids: pl.Series  # the titles, sorted
    titles: Codes  # whose each name is [names], as a place among them
    spoken: dict[str, Flags]  # which names are in a language [names], without its variant, such as `pt`; '': originals
    words: _Index
    wholes: _Index  # a name is one term here, written together: who types starwars finds Star Wars

    @classmethod
    def of(cls, titles: pl.DataFrame, names: pl.DataFrame) -> Names:
        """From titles (title_id, name) and their names in other languages (title_id, language, name)."""
        others = names.select("title_id", "name", spoken=spoken("language").fill_null(""))
        every = pl.concat([titles.select("title_id", "name", spoken=pl.lit("")), others]).drop_nulls("name")
        told = every.select("title_id", "spoken", said=words(folded(pl.col("name"))))
        place = told["title_id"].rank("dense").to_numpy().astype(np.int64) - 1
        languages = {language: (told["spoken"] == language).to_numpy() for language in told["spoken"].unique()}
        whole = told["said"].list.join("").reshape((-1, 1)).cast(pl.List(pl.String))
        ids = told["title_id"].unique().sort()
        return cls(ids, place, languages, _Index.of(told["said"]), _Index.of(whole))

    def find(self, query: str, language: str | None = None) -> pl.DataFrame:
        """The titles that `query` may mean by their original name or the one in `language`, best first: title_id, off.

        `off` 0: the name itself; 1: its words, or their beginnings; one more for each slip, three for each word that
        the name lacks. Where something is found at all, only what is at most one further off is.
        """
        asked = pl.select(words(folded(pl.lit(query[:LETTERS])))).item().to_list()[:MOST_WORDS]
        if not asked:
            return pl.DataFrame(schema=FOUND)
        off = np.minimum(self._by_words(asked), self._by_whole("".join(asked)))
        off[~self._in(language)] = np.inf
        near = np.flatnonzero(np.isfinite(off) & (off <= off.min(initial=np.inf) + 1))
        best = near[np.lexsort((self.titles[near], off[near]))]
        _, first = np.unique(self.titles[best], return_index=True)
        chosen = best[np.sort(first)]
        return pl.DataFrame({"title_id": self.ids.gather(self.titles[chosen]), "off": off[chosen]}).cast(FOUND)  # type: ignore[arg-type]  # names to types, as polars takes

    def _in(self, language: str | None) -> Flags:
        """Which names are original, or in the language."""
        none = np.zeros(len(self.titles), dtype=bool)
        asked = (language or "").split("-")[0].lower()
        flags: Flags = self.spoken.get("", none) | self.spoken.get(asked, none)
        return flags

    def _by_words(self, asked: list[str]) -> Floats:
        """How far off each name is, word by word; the last word may still be on its way."""
        rows = [self.words.off(word) for word in asked]
        rows[-1] = np.minimum(rows[-1], self.words.off(asked[-1], begun=slips_begun(len(asked[-1]))))
        each = np.stack(rows)
        has = np.isfinite(each)
        weight = np.log1p(len(self.titles) / (1 + has.sum(axis=1)))  # a word that few names have says more
        some = np.flatnonzero(has.any(axis=0))
        total = 1 + np.where(has[:, some], each[:, some], LACKING).sum(axis=0)
        off = np.full(len(self.titles), np.inf, dtype=np.float32)
        off[some] = np.where(weight @ has[:, some] >= FEWEST * weight.sum(), total, np.inf)
        return off

    def _by_whole(self, asked: str) -> Floats:
        """How far off each name is, both written together."""
        exact = self.wholes.off(asked)
        begun = self.wholes.off(asked, begun=0)
        off: Floats = np.where(exact == 0, 0, 1 + np.minimum(exact, begun)).astype(np.float32)
        return off


@dataclass(frozen=True)
class _Index:
    """Terms, and the names [n] that each stands in."""

    terms: Terms
    start: Codes  # [terms + 1]: term t stands in names[start[t]:start[t + 1]]
    names: Codes
    size: int

    @classmethod
    def of(cls, said: pl.Series) -> _Index:
        """From each name's terms."""
        pairs = pl.DataFrame({"term": said}).with_row_index("name").explode("term").drop_nulls().unique()
        terms = Terms.of(pairs["term"].unique())
        places = pl.DataFrame({"term": terms.known, "place": np.arange(len(terms.known))})
        told = pairs.join(places, on="term").sort("place", "name")
        counts = np.bincount(told["place"].to_numpy(), minlength=len(terms.known))
        return cls(terms, np.concatenate([[0], np.cumsum(counts)]), told["name"].to_numpy().astype(np.int64), len(said))

    def off(self, word: str, *, begun: int | None = None) -> Floats:
        """How many slips each name is off that has the word; infinity where it has not.

        `begun`: so many slips in how the name's word begins; None: in the whole word, as many as its length allows.
        """
        if begun is None:
            places, slipped = self.terms.near(word, slips(len(word)))
        else:
            places, slipped = self.terms.begun(word, begun)
        off = np.full(self.size, np.inf, dtype=np.float32)
        for count in np.unique(slipped)[::-1]:  # the least last, which stays
            off[self._names(places[slipped == count])] = count
        return off

    def _names(self, places: Codes) -> Codes:
        lengths = self.start[places + 1] - self.start[places]
        ends = np.cumsum(lengths)
        within = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - lengths, lengths)
        names: Codes = self.names[np.repeat(self.start[places], lengths) + within]
        return names
