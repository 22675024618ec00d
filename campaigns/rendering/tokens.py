"""Jinja and entities, swapped for plain words while MJML is at work.

The MJML compiler reads its source as HTML: it would escape a `<` inside Jinja, drop Jinja between components and
decode `&quot;` in an attribute without encoding it again. A word such as `zqe0001qz` survives text, attributes
and addresses alike, so each expression, statement and entity becomes one and is put back afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import count

from jinja2 import TemplateSyntaxError

from campaigns.rendering.sandbox import TEXT
from campaigns.rendering.source import Source

__all__ = ["TOKEN", "Kind", "Token", "Tokenised", "restore", "tokenise"]

TOKEN = re.compile(r"zq[esc]\d{4,}qz")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


class Kind(StrEnum):
    """What a token stands for."""

    EXPRESSION = "e"
    STATEMENT = "s"
    CHARACTER = "c"  # an entity


@dataclass(frozen=True)
class Token:
    """Something of the source: what it was, its text, and its line there."""

    kind: Kind
    text: str
    line: int


@dataclass(frozen=True)
class Tokenised:
    """Source with tokens in it. `lines[i]` is the source's line of line i + 1 of `text`."""

    text: str
    tokens: dict[str, Token]
    lines: tuple[int, ...]


def tokenise(source: Source) -> Tokenised:
    """Swap every expression, statement and entity of `source` for a token; Jinja's comments go.

    Raises:
        BadTemplate: Jinja that does not end, or raw blocks.
    """
    if found := TOKEN.search(source.text):
        source.refuse(source.text[: found.start()].count("\n") + 1, f"{found[0]!r} means something else here")
    writer = _Writer()
    try:
        for line, kind, value in TEXT.lexer.tokeniter(source.text, None):
            if kind == "raw_begin":
                source.refuse(line, '{% raw %} is not for mails; write {{ "{{" }} for braces')
            writer.take(line, kind, value)
    except TemplateSyntaxError as error:
        source.refuse(error.lineno, error.message or "no Jinja that can be read")
    return Tokenised("".join(writer.pieces), writer.tokens, tuple(writer.lines))


def restore(text: str, tokens: dict[str, Token], change: Callable[[Token], str] = lambda token: token.text) -> str:
    """Put back what the tokens in `text` stand for."""
    return TOKEN.sub(lambda match: change(tokens[match[0]]), text)


class _Writer:
    """Takes Jinja's own tokens one by one; gathers those of an expression or statement into one of ours."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.tokens: dict[str, Token] = {}
        self.lines = [1]
        self.held: list[str] = []
        self.began = 1
        self.numbers = count(1)

    def take(self, line: int, kind: str, value: str) -> None:
        if kind == "data":
            self.text(line, value)
        elif kind in ("variable_begin", "block_begin", "comment_begin"):
            self.held, self.began = [value], line
        else:
            self.held.append(value)
        if kind == "variable_end":
            self.token(Kind.EXPRESSION, "".join(self.held), self.began)
        elif kind == "block_end":
            self.token(Kind.STATEMENT, "".join(self.held), self.began)

    def text(self, line: int, value: str) -> None:
        at = 0
        for entity in _ENTITY.finditer(value):
            self.plain(line + value.count("\n", 0, at), value[at : entity.start()])
            self.token(Kind.CHARACTER, entity[0], line + value.count("\n", 0, entity.start()))
            at = entity.end()
        self.plain(line + value.count("\n", 0, at), value[at:])

    def plain(self, line: int, value: str) -> None:
        self.pieces.append(value)
        self.lines += range(line + 1, line + 1 + value.count("\n"))

    def token(self, kind: Kind, text: str, line: int) -> None:
        word = f"zq{kind}{next(self.numbers):04d}qz"
        self.tokens[word] = Token(kind, text, line)
        self.pieces.append(word)
