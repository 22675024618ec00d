"""What a template may say of a member: the documented context, as data.

`CONTEXT` is the whole of it. The lint holds every name in a template against it, the samples are made in its
shape, and `docs/templates.md` lists it. Values are plain dicts, lists, strings and numbers: no object of ours is
ever within a template's reach.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

__all__ = ["COMPUTED", "CONTEXT", "LOOP", "WORDS", "Shape", "Value", "missing", "names", "refuse_objects"]


class Value(StrEnum):
    """What a single value is."""

    TEXT = "text"
    LINK = "link"  # http(s), ready-made by the caller: the only thing besides https://… that an href may hold
    NUMBER = "number"


Shape = Value | Mapping[str, Any] | list[Any]  # a value, a record of shapes, or a list of one shape

PICK: Mapping[str, Shape] = {
    "title_id": Value.TEXT,
    "name": Value.TEXT,
    "url": Value.LINK,
    "artwork_url": Value.LINK,
    "artwork_alt": Value.TEXT,
    "genres": [Value.TEXT],
    "minutes": Value.NUMBER,
    "facts": Value.TEXT,
}
ROW: Mapping[str, Shape] = {"kind": Value.TEXT, "title": Value.TEXT, "picks": [PICK]}

WORDS: Mapping[str, Shape] = {  # what the caller gives; subject, preheader and headline may use all of it
    "given_name": Value.TEXT,
    "language": Value.TEXT,
    "service": Value.TEXT,
    "campaign": Value.TEXT,
    "hero": PICK,
    "rows": [ROW],
    "welcome_url": Value.LINK,
    "why": Value.TEXT,
    "postal_address": Value.TEXT,
    "unsubscribe_url": Value.LINK,
    "pixel_url": Value.LINK,
}
COMPUTED: Mapping[str, Shape] = {  # what rendering adds for the mail itself
    "preheader": Value.TEXT,
    "headline": Value.TEXT,
    "direction": Value.TEXT,
}
CONTEXT: Mapping[str, Shape] = {**WORDS, **COMPUTED}
LOOP: Mapping[str, Shape] = dict.fromkeys(
    ("index", "index0", "revindex", "revindex0", "first", "last", "length"), Value.NUMBER
)

LONGEST_LIST = 24
PLAIN = frozenset({str, int, float, bool, type(None)})


def names(shape: Shape = CONTEXT, prefix: str = "") -> list[str]:
    """Every name there is, as a template writes it; `rows[]` stands for each of the rows.

    >>> names({"hero": {"name": Value.TEXT}, "rows": [{"title": Value.TEXT}]})
    ['hero.name', 'rows[].title']
    """
    if isinstance(shape, list):
        return names(shape[0], prefix + "[]")
    if isinstance(shape, Mapping):
        return [name for key in sorted(shape) for name in names(shape[key], f"{prefix}.{key}" if prefix else key)]
    return [prefix]


def missing(context: Mapping[str, Any]) -> list[str]:
    """The documented names that `context` lacks, of those that the caller gives.

    >>> missing(dict.fromkeys(WORDS, "") | {"extra": 1})
    []
    """
    return [name for name in WORDS if name not in context]


def refuse_objects(value: Any) -> None:
    """Let plain data pass, and nothing else: a string marked as safe HTML, say, would go out unescaped.

    Raises:
        TypeError: something in `value` is no plain dict, list, string or number, or a list is too long to mail.
    """
    kind = type(value)
    if kind is dict:
        parts = value.values()
    elif kind is list and len(value) <= LONGEST_LIST:
        parts = value
    elif kind in PLAIN:
        return
    else:
        what = f"a list of {len(value)}" if kind is list else f"a {kind.__name__}"
        raise TypeError(f"{what} in the context; it holds dicts, strings, numbers and lists of {LONGEST_LIST} at most")
    for part in parts:
        if type(part) not in PLAIN:
            refuse_objects(part)
