"""From the files of a template to a template version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from jinja2 import TemplateError

from campaigns.errors import BadTemplate
from campaigns.rendering.context import CONTEXT
from campaigns.rendering.lint import Complaint, lint
from campaigns.rendering.locales import SOURCE_LANGUAGE
from campaigns.rendering.mjml import compile_mjml
from campaigns.rendering.plaintext import text_of
from campaigns.rendering.sandbox import program
from campaigns.rendering.source import Origin, Source, assemble
from campaigns.rendering.store import Home, TemplateStore, store_of
from campaigns.rendering.template import Template
from campaigns.rendering.tokens import restore
from campaigns.rendering.words import Words, compile_words, read_words

__all__ = ["compile_template"]

DEFAULT_WORDS = "words.toml"


def compile_template(name: str, place: TemplateStore | Home) -> Template:
    """Compile the template called `name`, from a store or from where the settings say.

    `NAME.mjml` is the mail, `NAME.toml` its words over those of `words.toml`, and `NAME.txt` its text part where one
    is written by hand.

    Raises:
        NotFound: no template is called that.
        BadTemplate: it does not compile: the file, the line and why.
    """
    store = store_of(place)
    store.source(name)
    mail = compile_mjml(assemble(f"{name}.mjml", store.read))
    html = restore(mail.html, mail.tokens)
    by_hand = store.read(f"{name}.txt")
    text = _Text(by_hand, _lint_text(by_hand, f"{name}.txt")) if by_hand else _Text(text_of(mail.html, mail.tokens), ())
    _must_run(name, html, text.source)
    words = _words(name, store)
    used = dict.fromkeys((*mail.phrases, *text.phrases, *_phrases(words)))
    catalogues = store.catalogues()
    phrases = {tag: {each: known[each] for each in used if each in known} for tag, known in catalogues.items()}
    return _template(name, html, text.source, words, phrases)


class _Text(NamedTuple):
    """The text part, and the phrases that want translating."""

    source: str
    phrases: tuple[str, ...]


def _lint_text(text: str, file: str) -> tuple[str, ...]:
    source = Source(text, tuple(Origin(file, line) for line in range(1, text.count("\n") + 2)))
    try:
        return lint(text, CONTEXT).phrases
    except Complaint as complaint:
        source.refuse(complaint.line, complaint.why)


def _must_run(name: str, html: str, text: str) -> None:
    """Both parts are Jinja that compiles: taken out of the mail, a statement may have lost its other half."""
    program(html, html=True)
    try:
        program(text, html=False)
    except TemplateError as error:
        raise BadTemplate(
            f"{name}.mjml", 0, f"no text part can be made of it ({error}); write one by hand as {name}.txt"
        ) from None


def _words(name: str, store: TemplateStore) -> Words:
    """The template's own words over the default ones."""
    default, own = (read_words(store.read(file) or "", file) for file in (DEFAULT_WORDS, f"{name}.toml"))
    return Words(own.subject or default.subject, own.preheader or default.preheader, own.headline or default.headline)


def _phrases(words: Words) -> Iterable[str]:
    for text in (*words.subject.values(), words.preheader, words.headline):
        if text:
            yield from compile_words(text)


def _template(name: str, html: str, text: str, words: Words, phrases: Mapping[str, Mapping[str, str]]) -> Template:
    languages = dict.fromkeys((SOURCE_LANGUAGE, *phrases))
    parts = {
        "html_source": html,
        "text_source": text,
        "subjects": {tag: dict(words.subject) for tag in languages},
        "preheaders": dict.fromkeys(languages, words.preheader),
        "headlines": dict.fromkeys(languages, words.headline),
        "phrases": phrases,
    }
    made_of = json.dumps(parts, sort_keys=True, ensure_ascii=True).encode()
    return Template(name=name, source_hash=hashlib.sha256(made_of).hexdigest(), **parts)  # type: ignore[arg-type] # JSON
