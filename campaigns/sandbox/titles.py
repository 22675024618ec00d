"""The catalogue: what there is to watch, where and when, in which genres, under which names and pictures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from campaigns.sandbox.constants import CONSTANTS as C
from campaigns.sandbox.constants import GENRES, STYLES
from campaigns.sandbox.draws import Draws, Flags, Floats, Ints
from campaigns.sandbox.names import Name, names, place
from campaigns.sandbox.places import CODES
from campaigns.sandbox.rhythm import DAY, HOUR
from campaigns.sandbox.words import LANGUAGES, SYNOPSES

NEVER = np.iinfo(np.int64).max
ALTS = ("{}: faces", "{}: in motion", "{}: a wide view")  # in the order of `STYLES`
TIME = pl.Datetime("us", "UTC")
_MATURITY = ("all", "7+", "12+", "16+", "18+")


@dataclass(frozen=True)
class Catalogue:
    """The titles as arrays, by their number; times in µs since 1970, UTC.

    Attributes:
        base: what the artworks' addresses begin with.
        names: of each title, in each language.
        genres: [titles × genres], rows add up to 1.
        popularity: [titles], adds up to 1.
        added, leaves: when a title comes and goes.
        rights: [titles × countries].
        series: whether a title is a series; else it is a film.
        minutes: of a film, or of an episode.
        quality: [titles × styles], how good the artwork is; 1 as its style.
    """

    base: str
    names: list[Name]
    genres: Floats
    popularity: Floats
    added: Ints
    leaves: Ints
    rights: Flags
    series: Flags
    minutes: Ints
    quality: Floats
    draws: Draws

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def ends(self) -> Floats:
        """[genres · titles]: where each title's share of a genre's plays ends, the g-th genre's between g and g + 1."""
        weights = (self.genres * self.popularity[:, None]).T
        shares = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
        ends: Floats = (shares + np.arange(len(GENRES))[:, None]).ravel()
        return ends

    @cached_property
    def evergreen(self) -> int:
        """The most popular title that is there everywhere and always."""
        always = (
            self.rights.all(axis=1) & (self.leaves == NEVER) & (self.added < self.added.max() - C.evergreen_for * DAY)
        )
        return int(np.argmax(np.where(always, self.popularity, 0.0)))

    def shown(self, titles: Ints, countries: Ints, moments: Ints) -> Flags:
        """Whether each title may be shown in its country at its moment."""
        there: Flags = (
            self.rights[titles, countries] & (self.added[titles] <= moments) & (moments < self.leaves[titles])
        )
        return there

    def ids(self) -> pl.Series:
        """The titles' ids, by number."""
        return pl.Series("title_id", [title_id(number) for number in range(len(self))])


def title_id(number: int) -> str:
    """A title's id.

    >>> title_id(7)
    't0007'
    """
    return f"t{number:04}"


def artwork_url(base: str, title: str, style: str) -> str:
    """Where an artwork is.

    >>> artwork_url("https://artwork.lumen.example", "t0007", "faces")
    'https://artwork.lumen.example/t0007/faces.png'
    """
    return f"{base}/{title}/{style}.png"


def catalogue(draws: Draws, start: int, base: str, count: int = C.titles) -> Catalogue:
    """The catalogue of a world that starts on day `start` (since 1970)."""
    numbers = np.arange(count)
    rank = np.argsort(np.argsort(draws.uniform("rank", numbers))) + 1.0
    popularity = rank**-C.zipf
    series = draws.uniform("series", numbers) < C.series
    return Catalogue(
        base=base,
        names=names(draws, count),
        genres=_genres(draws, numbers),
        popularity=popularity / popularity.sum(),
        added=_added(draws, numbers, start),
        leaves=_leaves(draws, numbers, start),
        rights=_rights(draws, numbers),
        series=series,
        minutes=_minutes(draws, numbers, series),
        quality=np.exp(C.art_quality * draws.normal("artwork", numbers[:, None], np.arange(len(STYLES)))),
        draws=draws,
    )


def titles_table(titles: Catalogue) -> pl.DataFrame:
    """The import contract's `titles`."""
    numbers = np.arange(len(titles))
    synopses = [_synopsis(titles, number, 0) for number in range(len(titles))]
    maturity = titles.draws.choice("maturity", np.array(C.maturity), numbers)
    return pl.DataFrame(
        {
            "title_id": titles.ids(),
            "name": [name.en for name in titles.names],
            "kind": np.where(titles.series, "series", "film"),
            "genres": [_told_genres(row) for row in titles.genres],
            "synopsis": synopses,
            "languages": [list(LANGUAGES)] * len(titles),
            "countries": [_told_countries(row) for row in titles.rights],
            "added_at": pl.Series(titles.added).cast(TIME),
            "leaves_at": pl.Series(
                [None if moment == NEVER else int(moment) for moment in titles.leaves], dtype=pl.Int64
            ).cast(TIME),
            "maturity": [_MATURITY[level] for level in maturity],
            "url": [f"https://www.{C.domain}/watch/{title}" for title in titles.ids()],
            "minutes": titles.minutes.astype(np.float64),
        }
    )


def names_table(titles: Catalogue) -> pl.DataFrame:
    """The import contract's `title_names`."""
    rows = [
        (title_id(number), language, getattr(name, language), _synopsis(titles, number, spoken))
        for number, name in enumerate(titles.names)
        for spoken, language in enumerate(LANGUAGES)
    ]
    return pl.DataFrame(rows, schema=["title_id", "language", "name", "synopsis"], orient="row")


def artworks_table(titles: Catalogue) -> pl.DataFrame:
    """The import contract's `artworks`: one of each style a title, with its English name on it."""
    rows = [
        (
            f"{title_id(number)}-{style}",
            title_id(number),
            artwork_url(titles.base, title_id(number), style),
            alt.format(name.en),
            style,
            "en",
        )
        for number, name in enumerate(titles.names)
        for style, alt in zip(STYLES, ALTS, strict=True)
    ]
    return pl.DataFrame(rows, schema=["artwork_id", "title_id", "url", "alt", "style", "language"], orient="row")


def _genres(draws: Draws, numbers: Ints) -> Floats:
    """What each genre is of a title; some have one only."""
    first = draws.choice("first genre", np.array(C.first_genre), numbers)
    other = (first + 1 + (draws.uniform("second genre", numbers) * (len(GENRES) - 1)).astype(np.int64)) % len(GENRES)
    second = np.where(draws.uniform("genres", numbers) < C.second_genre, other, first)
    shares = np.zeros((len(numbers), len(GENRES)))
    np.add.at(shares, (numbers, first), C.genre_parts[0])
    np.add.at(shares, (numbers, second), C.genre_parts[1])
    return shares


def _minutes(draws: Draws, numbers: Ints, series: Flags) -> Ints:
    length = draws.uniform("minutes", numbers)
    episode, film = (least + more * length for least, more in (C.series_minutes, C.film_minutes))
    minutes: Ints = np.where(series, episode, film).astype(np.int64)
    return minutes


def _added(draws: Draws, numbers: Ints, start: int) -> Ints:
    """Some were always there; of the others some come every week, after the start too."""
    old, drawn = draws.uniform("old", numbers) < C.always_there, draws.uniform("added", numbers)
    ago = drawn * C.comes_over - C.comes_until
    days = np.where(old, start - C.long_ago[0] - C.long_ago[1] * drawn, start - ago).astype(np.int64)
    added: Ints = days * DAY + C.came_at * HOUR
    return added


def _leaves(draws: Draws, numbers: Ints, start: int) -> Ints:
    leaving = draws.uniform("leaving", numbers)
    over = np.where(leaving < C.leaves_soon, *C.leaves_within)
    days = start + C.leaves_from + (draws.uniform("leaves", numbers) * over).astype(np.int64)
    stayed = _added(draws, numbers, start) // DAY + C.stays
    leaves: Ints = np.where(leaving < C.leaves, np.maximum(days, stayed) * DAY, NEVER)
    return leaves


def _rights(draws: Draws, numbers: Ints) -> Flags:
    everywhere = draws.uniform("everywhere", numbers) < C.everywhere
    somewhere = draws.uniform("rights", numbers[:, None], np.arange(len(CODES))) < C.somewhere
    rights: Flags = everywhere[:, None] | somewhere
    return rights


def _told_genres(shares: Floats) -> list[str]:
    return [GENRES[genre] for genre in np.argsort(-shares, kind="stable") if shares[genre] > 0]


def _told_countries(rights: Flags) -> list[str]:
    return [] if rights.all() else [code for code, may in zip(CODES, rights, strict=True) if may]


def _synopsis(titles: Catalogue, number: int, language: int) -> str:
    told = SYNOPSES[_told_genres(titles.genres[number])[0]]
    which = int(float(titles.draws.uniform("synopsis", number)) * len(told))
    return told[which][language].format(place=place(titles.draws, number, 1))
