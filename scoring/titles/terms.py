"""Words as they are compared: folded to plain letters, and near each other by few slips of the hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

Letters: TypeAlias = npt.NDArray[np.int32]
Codes: TypeAlias = npt.NDArray[np.int64]
Masks: TypeAlias = npt.NDArray[np.uint32]

LONGEST = 40  # letters of a word that are compared
PLAIN = {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
HAN = r"[\p{Han}\p{Hiragana}\p{Katakana}]"  # written without spaces: each sign is a word
BITS = np.array([number.bit_count() for number in range(1 << 16)], dtype=np.uint8)


def folded(text: pl.Expr) -> pl.Expr:
    """Text in small letters without accents, so that Élan, elan and ÉLAN are the same."""
    bare = text.str.normalize("NFKD").str.replace_all(r"\p{Mn}", "").str.to_lowercase()
    return bare.str.replace_many(list(PLAIN), list(PLAIN.values()))


def words(text: pl.Expr) -> pl.Expr:
    """The words of folded text, as lists."""
    return text.str.replace_all(r"['\x{2019}]", "").str.extract_all(rf"{HAN}|[\p{{L}}\p{{N}}--{HAN}]+")


def slips(letters: int) -> int:
    """How many slips are forgiven in a word of so many letters; short ones are too easily another.

    Elasticsearch's rule, fuzziness AUTO: none up to two letters, one up to five, then two.
    """
    return 0 if letters < 3 else 1 if letters < 6 else 2


def slips_begun(letters: int) -> int:
    """The same where only the beginning was typed: it fits many more words."""
    return 0 if letters < 5 else 1 if letters < 8 else 2


@dataclass(frozen=True)
class Terms:
    """Distinct words [n], the shortest first, as arrays."""

    known: pl.Series
    letters: Letters  # [n × LONGEST], 0 behind the last
    lengths: Codes
    masks: Masks  # which letters occur, one bit each (several letters share a bit)

    @classmethod
    def of(cls, distinct: pl.Series) -> Terms:
        """From words without repeats."""
        letters = spelt(distinct.to_list())
        lengths = (letters > 0).sum(axis=1)
        order = np.argsort(lengths, kind="stable")
        return cls(distinct.gather(order), letters[order], lengths[order], _masks(letters[order]))

    def near(self, word: str, most: int) -> tuple[Codes, Codes]:
        """The terms within `most` slips of `word`: their places, and how many slips."""
        asked, mask = _asked(word)
        first, last = np.searchsorted(self.lengths, [len(asked) - most, len(asked) + most + 1])
        masks = self.masks[first:last]
        could = (_bits(mask & ~masks) <= most) & (_bits(masks & ~mask) <= most)  # each slip mends one letter of a kind
        places = first + np.flatnonzero(could)
        found = _distances(self.letters[places, : len(asked) + most], asked)
        slipped = found[np.arange(len(places)), self.lengths[places]]
        return places[slipped <= most], slipped[slipped <= most]

    def begun(self, word: str, most: int) -> tuple[Codes, Codes]:
        """The terms that begin with `word`, but for `most` slips: their places, and how many slips."""
        asked, mask = _asked(word)
        first = int(np.searchsorted(self.lengths, len(asked) - most))
        places = first + np.flatnonzero(_bits(mask & ~self.masks[first:]) <= most)
        if not most:
            fits = (self.letters[places, : len(asked)] == asked).all(axis=1)
            return places[fits], np.zeros(int(fits.sum()), dtype=np.int64)
        slipped = _distances(self.letters[places, : len(asked) + most], asked).min(axis=1)
        return places[slipped <= most], slipped[slipped <= most]


def _asked(word: str) -> tuple[Letters, np.uint32]:
    """A word's letters, and its mask."""
    letters = spelt([word])
    return letters[0, : len(word)], _masks(letters)[0]


def _masks(letters: Letters) -> Masks:
    bits = np.where(letters > 0, np.uint32(1) << (letters % 32).astype(np.uint32), np.uint32(0))
    masks: Masks = np.bitwise_or.reduce(bits, axis=1, initial=np.uint32(0))
    return masks


def spelt(texts: Sequence[str]) -> Letters:
    """Words as rows of letters [n × LONGEST], 0 behind the last; what is longer is cut."""
    cut = np.array([text[:LONGEST] for text in texts], dtype=f"<U{LONGEST}")
    return cut.view(np.int32).reshape(len(texts), LONGEST)


def _bits(masks: Masks) -> npt.NDArray[np.uint8]:
    counted: npt.NDArray[np.uint8] = BITS[masks & 0xFFFF] + BITS[masks >> 16]
    return counted


def _distances(letters: Letters, asked: Letters) -> Codes:
    """How many slips lead from `asked` to the first 0, 1, 2 … letters of each row [n × (width + 1)].

    A letter too few, too many or wrong is a slip, and so are two neighbours that changed places (Damerau 1964, in the
    form of optimal string alignment).
    """
    steps = np.arange(letters.shape[1] + 1, dtype=np.int8)  # enough for LONGEST, and takes a fifth of the time
    last = before = np.broadcast_to(steps, (len(letters), len(steps)))
    for place, letter in enumerate(asked):
        row = np.empty(last.shape, dtype=np.int8)
        row[:, 0] = place + 1
        np.minimum(last[:, :-1] + (letters != letter), last[:, 1:] + 1, out=row[:, 1:])
        if place:
            turned = (letters[:, 1:] == asked[place - 1]) & (letters[:, :-1] == letter)
            np.minimum(row[:, 2:], np.where(turned, before[:, :-2] + 1, row[:, 2:]), out=row[:, 2:])
        row = np.minimum.accumulate(row - steps, axis=1) + steps
        before, last = last, row
    return np.asarray(last, dtype=np.int64)
