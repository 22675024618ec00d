"""What Encore itself says in a mail, in the member's language: row titles, facts, why the mail came."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from functools import lru_cache

import templates
from campaigns.errors import NotFound
from campaigns.rendering.locales import Phrases, fallbacks
from campaigns.rendering.store import TemplateStore

__all__ = ["PICTURES", "ROW_TITLES", "facts_line", "picture_words", "row_title", "why_sentence"]

ROW_TITLES = {
    "because_you_watched": "Because you watched {title}",
    "finish_what_you_started": "Finish what you started",
    "for_you": "Picked for you",
    "genre": "{genre} for you",
    "leaving_soon": "Leaving soon",
    "new_since_you_left": "New since you left",
    "popular": "Popular {in_country}",
}
GENRES = [
    "Action",
    "Adventure",
    "Animation",
    "Children",
    "Comedy",
    "Crime",
    "Documentary",
    "Drama",
    "Family",
    "Fantasy",
    "Horror",
    "Musical",
    "Mystery",
    "Romance",
    "Sci-Fi",
    "Thriller",
    "War",
    "Western",
]
PICTURES = {  # what is read out in place of a picture, by its style
    "action": "{title}: in motion",
    "faces": "{title}: faces",
    "landscape": "{title}: a wide view",
}
NEARBY = "Popular near you"
WHY = "You get this because you are, or were, a member of {service} and agreed to hear from us."

Catalogues = Mapping[str, Mapping[str, str]]


def row_title(kind: str, language: str, catalogues: Catalogues | None = None, **names: str) -> str:
    """The title of a row of `kind` in `language`: `title` names a title or a genre, `country` is its ISO code.

    >>> row_title("because_you_watched", "en", title="Kavoris")
    'Because you watched Kavoris'
    >>> row_title("popular", "pt-BR", country="BR")
    'Em alta no Brasil'

    Args:
        kind: one of `ROW_TITLES`.
        language: BCP 47; a language that is not there is answered in English.
        catalogues: the phrases to use; None: the packaged ones.
        names: what the title leaves open.

    Raises:
        NotFound: there is no such kind of row.
    """
    if kind not in ROW_TITLES:
        raise NotFound("row", kind, f"there are {', '.join(ROW_TITLES)}")
    say, spoken = _phrases(language, catalogues)
    if kind == "genre":
        return say(ROW_TITLES[kind], genre=say(names.get("title", "")))
    if kind != "popular":
        return say(ROW_TITLES[kind], **names)
    country = in_country(names.get("country", ""), spoken)
    return say(ROW_TITLES[kind], in_country=country) if country else say(NEARBY)


def why_sentence(language: str, service: str, catalogues: Catalogues | None = None) -> str:
    """Why a member gets the mail, in one sentence.

    >>> why_sentence("en", "Lumen")
    'You get this because you are, or were, a member of Lumen and agreed to hear from us.'
    """
    return _phrases(language, catalogues)[0](WHY, service=service)


def facts_line(
    genres: Sequence[str], minutes: float | None, language: str = "en", catalogues: Catalogues | None = None
) -> str:
    """A title's facts in one line: its first genre, in `language` where there is a word for it, and how long it runs.

    >>> facts_line(["Drama", "Crime"], 52), facts_line(["Action"], 125), facts_line([], 120), facts_line([], None)
    ('Drama · 52 min', 'Action · 2 h 05', '2 h', '')
    >>> facts_line(["Sci-Fi"], 48, "es-ES")
    'Ciencia ficción · 48 min'
    """
    say, _ = _phrases(language, catalogues)
    length = [_duration(round(minutes))] if minutes and minutes >= 1 else []
    return " · ".join([*map(say, genres[:1]), *length])


def picture_words(style: str | None, language: str, catalogues: Catalogues | None = None) -> str:
    """What is read out in place of a picture of a style, with `{title}` left open; of another style, that alone.

    >>> picture_words("faces", "pt-BR"), picture_words(None, "pt-BR")
    ('{title}: rostos', '{title}')
    """
    return _phrases(language, catalogues)[0](PICTURES.get((style or "").lower(), "{title}"))


def in_country(code: str, language: str) -> str:
    """`in Brazil`, as `language` says it; empty where that is not known.

    >>> in_country("NL", "en"), in_country("XX", "en")
    ('in the Netherlands', '')
    """
    return _countries().get(code.upper(), {}).get(language, "")


def _duration(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02d}" if rest else f"{hours} h"


def _phrases(language: str, catalogues: Catalogues | None) -> tuple[Phrases, str]:
    """`_` for `language`, and the language that it speaks."""
    return _packaged_phrases(language) if catalogues is None else _phrases_of(language, catalogues)


def _phrases_of(language: str, there: Catalogues) -> tuple[Phrases, str]:
    spoken = next((tag for tag in fallbacks(language) if tag in there), "en")
    return Phrases(there.get(spoken, {})), spoken


@lru_cache(maxsize=256)
def _packaged_phrases(language: str) -> tuple[Phrases, str]:
    return _phrases_of(language, _packaged())


@lru_cache(maxsize=1)
def _packaged() -> Catalogues:
    return TemplateStore().catalogues()


@lru_cache(maxsize=1)
def _countries() -> Mapping[str, Mapping[str, str]]:
    rows = csv.DictReader((templates.read("locales/countries.csv") or "").splitlines())
    return {row["code"]: row for row in rows}
