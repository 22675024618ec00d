"""Words as they are compared."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.titles.terms import LONGEST, Terms, folded, slips, words

LETTERS = st.text("abcd", min_size=1, max_size=7)


def slipped(one: str, other: str) -> int:
    """Optimal string alignment by the book, one cell at a time."""
    rows = [[max(i, j) for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            cost = rows[i - 1][j - 1] + (one[i - 1] != other[j - 1])
            rows[i][j] = min(cost, rows[i - 1][j] + 1, rows[i][j - 1] + 1)
            if i > 1 and j > 1 and one[i - 2 : i] == other[j - 2 : j][::-1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


def told(terms, found):
    places, counts = found
    return dict(zip(terms.known.gather(places).to_list(), counts.tolist(), strict=True))


@given(st.lists(LETTERS, min_size=1, unique=True), LETTERS, st.integers(0, 2))
def test_near_finds_the_words_within_so_many_slips_and_no_others(known, word, most):
    terms = Terms.of(pl.Series(known))
    expected = {other: count for other in known if (count := slipped(word, other)) <= most}
    assert told(terms, terms.near(word, most)) == expected


@given(st.lists(LETTERS, min_size=1, unique=True), LETTERS, st.integers(0, 2))
def test_begun_finds_the_words_that_begin_like_it(known, word, most):
    terms = Terms.of(pl.Series(known))
    least = {other: min(slipped(word, other[:n]) for n in range(len(other) + 1)) for other in known}
    assert told(terms, terms.begun(word, most)) == {other: count for other, count in least.items() if count <= most}


def test_two_neighbours_that_changed_places_are_one_slip():
    terms = Terms.of(pl.Series(["kavoris"]))
    assert told(terms, terms.near("kaovris", 2)) == {"kavoris": 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Élan VITAL", ["elan", "vital"]),
        ("Schindler\u2019s List", ["schindlers", "list"]),
        ("Spider-Man: No Way", ["spider", "man", "no", "way"]),
        ("Straße, Øre & Æon", ["strasse", "ore", "aeon"]),
        ("千と千尋 2", ["千", "と", "千", "尋", "2"]),
        ("Ещё раз", ["еще", "раз"]),
        (" ...!", []),
    ],
)
def test_words_are_folded_to_plain_letters(text, said):
    assert pl.select(words(folded(pl.lit(text)))).item().to_list() == said


def test_the_longer_a_word_the_more_slips_are_forgiven():
    assert [slips(n) for n in (1, 2, 3, 5, 6, 20)] == [0, 0, 1, 1, 2, 2]


def test_words_longer_than_are_compared_are_found_all_the_same():
    long = "a" * (LONGEST + 9)
    terms = Terms.of(pl.Series([long, "b"]))
    assert told(terms, terms.near(long, 0)) == {long: 0}
    assert told(terms, terms.begun("a" * 30, 0)) == {long: 0}


def test_without_words_nothing_is_near():
    terms = Terms.of(pl.Series([], dtype=pl.String))
    assert told(terms, terms.near("a", 1)) == told(terms, terms.begun("a", 1)) == {}
