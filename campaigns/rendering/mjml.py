"""MJML with Jinja in it, compiled once per template version to HTML with the same Jinja in it.

The order matters. Rendering Jinja first and compiling MJML for each member costs 300 times as much, and the MJML
compiler, which decodes entities, would undo Jinja's escaping: a title with `">` in it would become markup.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from campaigns.rendering.context import CONTEXT
from campaigns.rendering.lint import Complaint, lint
from campaigns.rendering.markup import prepare
from campaigns.rendering.source import Source
from campaigns.rendering.tokens import TOKEN, Kind, Token, tokenise

__all__ = ["Compiled", "compile_mjml"]

_LINE_BREAK = re.compile(r"\s*\n\s*")


@dataclass(frozen=True)
class Compiled:
    """HTML with tokens in it, what they stand for, and the phrases that want translating."""

    html: str
    tokens: dict[str, Token]
    phrases: tuple[str, ...]


def compile_mjml(source: Source) -> Compiled:
    """The HTML of `source`.

    Raises:
        BadTemplate: with the line of the source that cannot be, and why.
    """
    try:
        linted = lint(source.text, CONTEXT)
    except Complaint as complaint:
        source.refuse(complaint.line, complaint.why)
    tokenised = tokenise(source)
    links = frozenset(word for word, token in tokenised.tokens.items() if _printed(token) in linted.links)
    html = _LINE_BREAK.sub("\n", _compiled(source, prepare(source, tokenised, links)))
    _verify(source, html, tokenised.tokens)
    return Compiled(html, tokenised.tokens, linted.phrases)


def _printed(token: Token) -> str:
    """The name that an expression prints, if it does only that."""
    return token.text.removeprefix("{{").removesuffix("}}").strip("-+ \n\t") if token.kind is Kind.EXPRESSION else ""


def _compiled(source: Source, text: str) -> str:
    from mjml import mjml_to_html  # noqa: PLC0415 - takes longer to load than Jinja, and only compiling needs it

    try:
        return str(mjml_to_html(text, keep_comments=False).html)
    except Exception as error:  # noqa: BLE001 - the compiler raises whatever a part of it stumbles on
        why = str(error) or type(error).__name__
        source.refuse(0, f"the MJML compiler cannot make a mail of it: {TOKEN.sub('…', why)[:200]}")


def _verify(source: Source, html: str, tokens: dict[str, Token]) -> None:
    """Nothing of the template may have got lost: statements once and in order, expressions at least once."""
    found = TOKEN.findall(html)
    there = set(found)
    for word, token in tokens.items():
        if token.kind is not Kind.CHARACTER and word not in there:
            source.refuse(token.line, f"{token.text} would be dropped here; use it in mj-text, an href, src or alt")
    statements = [word for word in found if tokens[word].kind is Kind.STATEMENT]
    expected = [word for word, token in tokens.items() if token.kind is Kind.STATEMENT]
    if statements != expected:
        wrong = next((word for word, due in zip(statements, expected, strict=False) if word != due), statements[-1])
        token = tokens[wrong]
        source.refuse(token.line, f"{token.text} would be copied or moved here; use {{{{ … if … else … }}}} instead")
