"""Words in other languages: gettext catalogues, read from their `.po` files.

English is what templates are written in, so it needs no catalogue. A phrase may hold `{name}`, filled in by
name: `_("{title} is waiting", title=hero.name)`. Plural forms and contexts are not used here and are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["SOURCE_LANGUAGE", "Phrases", "direction", "fallbacks", "normal", "placeholders", "read_po"]

SOURCE_LANGUAGE = "en"
RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_ENTRY = re.compile(r'(msgid|msgstr)\s+(".*")')
_ESCAPE = re.compile(r"\\(.)")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}


@dataclass(frozen=True)
class Phrases:
    """`_` of one language: a phrase of the source in, the same in that language out; unknown ones stay as they are.

    >>> Phrases({"{title} is waiting": "{title} espera por si"})("{title} is waiting", title="Kavoris")
    'Kavoris espera por si'
    """

    known: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, phrase: str, /, **values: object) -> str:
        """The phrase in this language, with `{name}` filled in from `values`."""
        said = self.known.get(phrase) or phrase
        if not values:
            return said
        return _PLACEHOLDER.sub(lambda match: str(values.get(match[1], match[0])), said)


def placeholders(phrase: str) -> set[str]:
    """The names that `phrase` leaves open.

    >>> sorted(placeholders("{name}, {title} is waiting"))
    ['name', 'title']
    """
    return set(_PLACEHOLDER.findall(phrase))


def normal(language: str) -> str:
    """A language tag in one spelling: `pt_BR` and `pt-br` are the same.

    >>> normal("pt_BR")
    'pt-br'
    """
    return language.replace("_", "-").lower()


def fallbacks(language: str) -> tuple[str, ...]:
    """The languages to try for a member who reads `language`, best first.

    >>> fallbacks("pt-BR")
    ('pt-br', 'pt', 'en')
    """
    tag = normal(language)
    return tuple(dict.fromkeys(tried for tried in (tag, tag.split("-")[0], SOURCE_LANGUAGE) if tried))


def direction(language: str) -> str:
    """`rtl` for a language written from right to left, else `ltr`.

    >>> direction("ar-EG"), direction("es")
    ('rtl', 'ltr')
    """
    return "rtl" if normal(language).split("-")[0] in RIGHT_TO_LEFT else "ltr"


def read_po(text: str) -> dict[str, str]:
    """The phrases of a `.po` file, source to translation. Fuzzy and untranslated ones are left out.

    Raises:
        ValueError: a line that cannot be read, by its number, or a plural form or context.
    """
    phrases: dict[str, str] = {}
    for block in _blocks(text):
        entry = _entry(block)
        fuzzy = any(line.startswith("#,") and "fuzzy" in line for _, line in block)
        if entry.get("msgid") and entry.get("msgstr") and not fuzzy:
            phrases[entry["msgid"]] = entry["msgstr"]
    return phrases


def _blocks(text: str) -> list[list[tuple[int, str]]]:
    """The file's entries: numbered lines, parted where a new comment or msgid follows a msgstr."""
    blocks: list[list[tuple[int, str]]] = [[]]
    translated = False
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if translated and line.startswith(("#", "msgid")):
            blocks.append([])
            translated = False
        translated = translated or line.startswith("msgstr")
        if line:
            blocks[-1].append((number, line))
    return blocks


def _entry(block: list[tuple[int, str]]) -> dict[str, str]:
    """One entry's msgid and msgstr, with strings over several lines joined."""
    entry: dict[str, str] = {}
    key = ""
    for number, line in block:
        if line.startswith("#"):
            continue
        match = _ENTRY.fullmatch(line)
        if match and match[1] not in entry:
            key = match[1]
            entry[key] = _unquote(match[2])
        elif key and line.startswith('"') and line.endswith('"') and len(line) > 1:
            entry[key] += _unquote(line)
        else:
            raise ValueError(f"line {number}: {line!r} is no msgid, msgstr or quoted text")
    return entry


def _unquote(quoted: str) -> str:
    return _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[0]), quoted[1:-1])
