"""A compiled template: all that a worker needs to write a member's mail, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, NamedTuple

from campaigns.errors import BadTemplate
from campaigns.rendering.context import missing, refuse_objects
from campaigns.rendering.locales import SOURCE_LANGUAGE, Phrases, direction, fallbacks, normal
from campaigns.rendering.plaintext import tidy
from campaigns.rendering.sandbox import fill
from campaigns.rendering.words import one_line, parse_words, subject_line

__all__ = ["Rendered", "Template"]


class Rendered(NamedTuple):
    """One member's mail."""

    subject: str
    html: str
    text: str


@dataclass(frozen=True)
class Template:
    """A template version. Sources are Jinja; mappings are by language tag in lower case, subjects then by arm.

    `to_dict` and `from_dict` are for keeping it with a campaign's version: rendering needs neither MJML nor any file.
    """

    name: str
    source_hash: str  # SHA-256 over all that the template was made of, in hex
    html_source: str
    text_source: str
    subjects: Mapping[str, Mapping[str, str]]
    preheaders: Mapping[str, str]
    headlines: Mapping[str, str]
    phrases: Mapping[str, Mapping[str, str]]  # translations of what the sources put through `_`

    @property
    def version(self) -> str:
        """The name with enough of the hash to tell versions apart."""
        return f"{self.name}@{self.source_hash[:12]}"

    @property
    def arms(self) -> tuple[str, ...]:
        """The subjects there are, the first being what is taken when none is asked for."""
        return tuple(dict.fromkeys(arm for language in self.subjects.values() for arm in language))

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that the mail itself can be written in."""
        return tuple(dict.fromkeys((SOURCE_LANGUAGE, *self.phrases)))

    def with_words(self, messages: Mapping[str, Mapping[str, Any]]) -> Template:
        """This template with a campaign's own words: by language, the keys `subject` (by arm), `preheader`, `headline`.

        Raises:
            BadTemplate: words that cannot be, with their place (`message.en.subject.title`) and why.
        """
        subjects, preheaders, headlines = dict(self.subjects), dict(self.preheaders), dict(self.headlines)
        for language, table in messages.items():
            words, tag = parse_words(table, f"message.{language}"), normal(language)
            subjects[tag] = {**subjects.get(tag, {}), **words.subject}
            preheaders |= {tag: words.preheader} if words.preheader else {}
            headlines |= {tag: words.headline} if words.headline else {}
        return replace(self, subjects=subjects, preheaders=preheaders, headlines=headlines)

    def render(self, context: Mapping[str, Any], *, arm: str | None = None) -> Rendered:
        """The mail for one member, with the subject of `arm` (None: the first there is).

        `context` is documented in docs/templates.md. The mail is written in the language that it names, else in that
        language's parent, else in English: the first that the template speaks.

        Raises:
            BadTemplate: the context lacks a name or holds more than plain data, or the template fails on it.
        """
        if lacking := missing(context):
            raise BadTemplate(self.name, 0, f"the context lacks {', '.join(lacking)}")
        try:
            return self._render(context, arm or self.arms[0])
        except BadTemplate:
            raise
        except Exception as error:
            raise BadTemplate(self.name, 0, str(error) or type(error).__name__) from error

    def _render(self, context: Mapping[str, Any], arm: str) -> Rendered:
        refuse_objects(dict(context))
        tags = fallbacks(context["language"])
        spoken = next(tag for tag in tags if tag in self.phrases or tag == SOURCE_LANGUAGE)
        values: dict[str, Any] = {**context, "_": Phrases(self.phrases.get(spoken, {}))}
        values["language"] = context["language"] if spoken in tags[:2] and context["language"] else spoken
        subject = subject_line(self._subject(tags, arm), values)
        preheader, headline = (one_line(_first(tags, words), values) for words in (self.preheaders, self.headlines))
        values |= {"preheader": preheader, "headline": headline, "direction": direction(spoken)}
        html = fill(self.html_source, values, html=True)
        return Rendered(subject, html, tidy(fill(self.text_source, values, html=False)))

    def _subject(self, tags: tuple[str, ...], arm: str) -> str:
        for tag in tags:
            if source := self.subjects.get(tag, {}).get(arm):
                return source
        raise BadTemplate(self.name, 0, f"there is no subject {arm!r} in {tags[0]!r}; there are {', '.join(self.arms)}")

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Template:
        """The template that `to_dict` made `data` of.

        Raises:
            BadTemplate: `data` is of another make.
        """
        expected = {field.name for field in fields(cls)}
        if data.keys() != expected:
            odd = ", ".join(sorted(data.keys() ^ expected))
            raise BadTemplate(str(data.get("name", "template")), 0, f"was stored otherwise ({odd}); compile it again")
        return cls(**data)


def _first(tags: tuple[str, ...], words: Mapping[str, str]) -> str:
    return next((words[tag] for tag in tags if tag in words), "")
