"""Made-up members to try a template on: the usual one, and those whose mail is most likely to go wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from campaigns.rendering.sentences import facts_line, row_title, why_sentence

__all__ = ["HOSTILE", "SAMPLES", "sample_context"]

SITE = "https://news.example.com"
HOSTILE = "\"><script>alert('x')</script>"
NAMES = (
    "The Silent Harbour",
    "Kavoris",
    "Beyond Tandor",
    "Last Zorfen",
    "Northern Line",
    "Olmeda",
    "Red Vantage",
    "A House in Miravel",
    "Tidewater",
    "Fast to Carro",
)
LONG = "The Long and Rather Improbable Return of Captain Valdemar Osterberg to the Islands, Part Two"

Context = dict[str, Any]


def sample_context(kind: str = "usual", language: str = "en") -> Context:
    """The context of the sample member of `kind`, one of `SAMPLES`, who reads `language`.

    >>> sample_context("no name")["given_name"]
    ''
    """
    context = _usual(language)
    SAMPLES[kind](context)
    return context


def _usual(language: str) -> Context:
    titles = [
        row_title("because_you_watched", language, title="Northern Lights"),
        row_title("new_since_you_left", language),
        row_title("popular", language, country="BR"),
    ]
    kinds = ("because_you_watched", "new_since_you_left", "popular")
    picks = [_pick(place) for place in range(len(NAMES))]
    return {
        "given_name": "Ana",
        "language": language,
        "service": "Lumen",
        "campaign": "autumn-comeback",
        "hero": picks[0],
        "rows": [
            {"kind": kind, "title": title, "picks": picks[1 + 3 * row : 4 + 3 * row]}
            for row, (kind, title) in enumerate(zip(kinds, titles, strict=True))
        ],
        "welcome_url": f"{SITE}/w/sample",
        "why": why_sentence(language, "Lumen"),
        "postal_address": "Lumen, 1 Curtain Street, London EC2A 3AA",
        "unsubscribe_url": f"{SITE}/u/sample",
        "pixel_url": f"{SITE}/o/sample.gif",
    }


def _pick(place: int) -> Context:
    genres, minutes = ["Drama", "Adventure", "Action"], 44 + 13 * place
    return {
        "title_id": f"t{place}",
        "name": NAMES[place],
        "url": f"{SITE}/c/{place}" + "x" * 40,  # as long as a signed link
        "artwork_url": f"{SITE}/artwork/{place}.png",
        "artwork_alt": f"{NAMES[place]}: a lighthouse above a dark sea",
        "genres": genres[place % 3 :],
        "minutes": minutes,
        "facts": facts_line(genres[place % 3 :], minutes),
    }


def _picks(context: Context) -> list[Context]:
    return [context["hero"], *(pick for row in context["rows"] for pick in row["picks"])]


def _fill(context: Context, text: str) -> None:
    """Put `text` wherever a person's or a catalogue's text goes."""
    context |= {"given_name": text, "service": text, "why": text, "campaign": text}
    for row in context["rows"]:
        row["title"] = text
    for number, pick in enumerate(_picks(context)):
        pick |= {"name": text, "artwork_alt": f"{text} {number}", "facts": text, "genres": [text]}


def _long(context: Context) -> None:
    context["given_name"] = "Maximiliane-Wilhelmine"
    for pick in _picks(context):
        pick |= {"name": LONG, "artwork_alt": f"{LONG}: {pick['artwork_alt']}"}
        pick |= {"url": pick["url"] + "x" * 160, "artwork_url": pick["artwork_url"] + "?" + "x" * 160}
    for row in context["rows"]:
        row["title"] = f"Because you watched {LONG}"


def _bare(context: Context) -> None:
    context |= {"given_name": "", "pixel_url": "", "campaign": ""}
    for pick in _picks(context):
        pick |= {"genres": [], "minutes": None, "facts": ""}


SAMPLES: Mapping[str, Callable[[Context], None]] = {
    "usual": lambda context: context.update(),
    "no name": lambda context: context.update(given_name=""),
    "one row": lambda context: context.update(rows=context["rows"][:1]),
    "no rows": lambda context: context.update(rows=[]),
    "row of one": lambda context: context["rows"][0].update(picks=context["rows"][0]["picks"][:1]),
    "long names": _long,
    "right-to-left name": lambda context: context.update(given_name="ليلى"),
    "emoji name": lambda context: context.update(given_name="👩‍🚀 Zoë"),
    "nothing optional": _bare,
    "markup in names": lambda context: _fill(context, HOSTILE),
}
