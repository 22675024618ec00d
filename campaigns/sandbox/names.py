"""Invented names of titles, the same title in three languages, no name twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from campaigns.sandbox.constants import CONSTANTS as C
from campaigns.sandbox.draws import Draws
from campaigns.sandbox.words import ADJECTIVES, FIRST, LAST, NOUNS, Adjective, Noun

_TRIES = 60  # for a name that no other title bears


class Name(NamedTuple):
    """A title's name in each language."""

    en: str
    pt: str
    es: str


def names(draws: Draws, count: int) -> list[Name]:
    """Names of `count` titles; each is its own in all languages."""
    found: list[Name] = []
    taken: set[str] = set()
    for title in range(count):
        name = next(name for name in _candidates(draws, title) if taken.isdisjoint(name))
        found.append(name)
        taken.update(name)
    return found


def place(draws: Draws, title: int, turn: int = 0) -> str:
    """An invented place, such as Tandor."""
    first, last = (float(draws.uniform(part, title, turn)) for part in ("place's first", "place's last"))
    return FIRST[int(first * len(FIRST))] + LAST[int(last * len(LAST))]


def _candidates(draws: Draws, title: int) -> Iterator[Name]:
    """Names to try, in turn; the last bears a number, since a catalogue may be larger than the words can name."""
    for turn in range(_TRIES):
        yield _name(draws, title, turn)
    yield Name(*(f"{word} {title + 1}" for word in _name(draws, title, 0)))


def _name(draws: Draws, title: int, turn: int) -> Name:
    form = float(draws.uniform("form", title, turn))
    noun = NOUNS[int(float(draws.uniform("noun", title, turn)) * len(NOUNS))]
    somewhere = place(draws, title, turn)
    described, of_place, beyond, back_to = C.form_ends
    if form < described:
        adjective = ADJECTIVES[int(float(draws.uniform("adjective", title, turn)) * len(ADJECTIVES))]
        return _described(noun, adjective)
    if form < of_place:
        return Name(f"The {noun.en} of {somewhere}", f"{noun.pt} de {somewhere}", f"{noun.es} de {somewhere}")
    if form < beyond:
        return Name(f"Beyond {somewhere}", f"Além de {somewhere}", f"Más Allá de {somewhere}")
    if form < back_to:
        return Name(f"Return to {somewhere}", f"Retorno a {somewhere}", f"Regreso a {somewhere}")
    return Name(somewhere, somewhere, somewhere)


def _described(noun: Noun, adjective: Adjective) -> Name:
    return Name(
        f"The {adjective.en} {noun.en}",
        f"{noun.pt} {_agreeing(adjective.pt, feminine=noun.pt.startswith('A '))}",
        f"{noun.es} {_agreeing(adjective.es, feminine=noun.es.startswith('La '))}",
    )


def _agreeing(adjective: str, *, feminine: bool) -> str:
    masculine, _, other = adjective.partition("/")
    return other if feminine and other else masculine
