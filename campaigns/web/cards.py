"""Titles as the welcome page shows them: picture, name, one line of facts, and a link."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import polars as pl

from campaigns.planning.content import LOOKS, in_language, worded
from campaigns.rendering.sentences import facts_line
from campaigns.web.pictures import likeliest

if TYPE_CHECKING:
    from campaigns.web.ranking import Viewer

FACTS = ("title_id", "genres", "minutes", "url")
TITLE: dict[str, Any] = {"title_id": pl.String}
ARTWORK: dict[str, Any] = {"artwork_id": pl.String}


@dataclass(frozen=True)
class Card:
    """One title. `leads`: it has an address of its own, to which the link leads on."""

    name: str
    facts: str
    href: str
    picture: str
    alt: str
    leads: bool


def card(title: Mapping[str, Any], href: str, base: str, language: str) -> Card:
    """A pick as a message holds it, or a title as `described`."""
    drawn = f"{base}/artwork/{quote(title['title_id'], safe='')}.png"
    return Card(
        name=title["name"],
        facts=facts_line(title["genres"] or [], title["minutes"], language),
        href=href,
        picture=title["artwork_url"] or drawn,
        alt=title["artwork_alt"] or title["name"],
        leads=bool(title["url"]),
    )


def described(viewer: Viewer, titles: Sequence[str]) -> list[dict[str, Any]]:
    """Titles of the catalogue, named in the member's language, each with the picture that suits them best."""
    held, member = viewer.held, viewer.member
    names, names_in, works = (
        frame.filter(pl.col("title_id").is_in(titles)) for frame in (held.titles, held.title_names, held.artworks)
    )
    asked = pl.DataFrame({"title_id": titles}, TITLE).with_columns(language=pl.lit(member.language, pl.String))
    facts = asked.join(names.select(FACTS), on="title_id", maintain_order="left")
    chosen = pl.DataFrame(list(likeliest(held, member, titles).items()), TITLE | ARTWORK, orient="row")
    looks = chosen.join(works.select("artwork_id", **LOOKS), on="artwork_id")
    named = in_language(facts, "title_id", names, names_in)
    return worded(named.join(looks, on="title_id", how="left", maintain_order="left")).to_dicts()


def cards(viewer: Viewer, titles: Sequence[str], href: Callable[[str], str], base: str) -> list[Card]:
    """Titles of the catalogue, in the order given."""
    language = viewer.member.language or "en"
    return [card(title, href(title["title_id"]), base, language) for title in described(viewer, titles)]
