"""Subject, preheader and headline: short Jinja texts that a campaign may replace, by language.

They are plain text. Nothing is HTML-escaped here (the headline is, where the mail prints it), and what would break
a header line or turn the reading direction round is taken out of the values.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any, NamedTuple

from campaigns.errors import BadTemplate
from campaigns.rendering.context import WORDS
from campaigns.rendering.lint import Complaint, lint
from campaigns.rendering.sandbox import fill

__all__ = ["LONGEST_SUBJECT", "Words", "compile_words", "one_line", "parse_words", "read_words", "subject_line"]

LONGEST_WORDS = 2_000
LONGEST_SUBJECT = 45  # characters; what a phone shows
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\ud800-\udfff]+")


class Words(NamedTuple):
    """The words of one language. What is empty is left to the template's own."""

    subject: Mapping[str, str] = {}  # arm → source
    preheader: str = ""
    headline: str = ""


def compile_words(text: str, where: str = "words") -> tuple[str, ...]:
    """Hold a subject, preheader or headline against what it may say; returns the phrases it puts through `_`.

    >>> compile_words("{{ given_name }}, {{ hero.name }} is waiting")
    ()

    Raises:
        BadTemplate: it names something that is not there, holds a line break, or is no Jinja; `where` says which it is.
    """
    if len(text) > LONGEST_WORDS:
        raise BadTemplate(where, 0, f"is {len(text):,} characters long; write fewer than {LONGEST_WORDS:,}")
    if found := _CONTROLS.search(text):
        raise BadTemplate(where, 0, f"holds the control character U+{ord(found[0][0]):04X}; take it out")
    if not text.strip():
        raise BadTemplate(where, 0, "is empty; leave it out for the template's own words")
    try:
        return lint(text, WORDS).phrases
    except Complaint as complaint:
        raise BadTemplate(where, 0, complaint.why) from None


def one_line(source: str, context: dict[str, Any]) -> str:
    r"""The words of `source` for one member, on one line.

    >>> one_line("{{ given_name }}, welcome", {"given_name": "Ana\r\nBcc: x"})
    'Ana Bcc: x, welcome'
    """
    return " ".join(_CONTROLS.sub(" ", fill(source, context, html=False)).split())


def subject_line(source: str, context: dict[str, Any]) -> str:
    """The subject of `source` for one member; where a phone would not show it whole, without the member's name.

    >>> subject_line("{{ given_name }}, welcome", {"given_name": "Ana"})
    'Ana, welcome'
    """
    subject = one_line(source, context)
    return subject if len(subject) <= LONGEST_SUBJECT else one_line(source, {**context, "given_name": ""})


def read_words(text: str, where: str) -> Words:
    """The words in a TOML file such as `words.toml`.

    Raises:
        BadTemplate: it is no TOML, or says something that words cannot be.
    """
    try:
        return parse_words(tomllib.loads(text), where)
    except tomllib.TOMLDecodeError as error:
        raise BadTemplate(where, 0, f"is no TOML: {error}") from None


def parse_words(table: Mapping[str, Any], where: str) -> Words:
    """Words from a table of `subject` (arm → text), `preheader` and `headline`, each held against what it may say.

    None is the same as left out.

    Raises:
        BadTemplate: an unknown key, a value that is no text, or words that cannot be.
    """
    for key in sorted(table.keys() - set(Words._fields)):
        raise BadTemplate(f"{where}.{key}", 0, f"is not known; there are {', '.join(Words._fields)}")
    given = {key: value for key, value in table.items() if value is not None}
    subject = given.pop("subject", {})
    if not isinstance(subject, Mapping):
        raise BadTemplate(f"{where}.subject", 0, 'is by arm: subject.title = "…"')
    for key, text in {**given, **{f"subject.{arm}": text for arm, text in subject.items()}}.items():
        if not isinstance(text, str):
            raise BadTemplate(f"{where}.{key}", 0, f"{text!r} is no text; put it in quotes")
        compile_words(text, f"{where}.{key}")
    return Words(dict(subject), given.get("preheader", ""), given.get("headline", ""))
