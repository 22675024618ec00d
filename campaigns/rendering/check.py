"""What would be wrong with the mails of a template: sample mails, read as a mailbox and a reader would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any, Literal, NamedTuple

from campaigns.errors import BadTemplate
from campaigns.rendering.locales import normal
from campaigns.rendering.samples import SAMPLES, sample_context
from campaigns.rendering.template import Rendered, Template
from campaigns.rendering.vocabulary import EMPTY, FORBIDDEN
from campaigns.rendering.words import LONGEST_SUBJECT

__all__ = ["Finding", "findings"]

LARGEST_MAIL = 100_000  # bytes of HTML; Gmail cuts off what is longer than about 102 KB
LARGE_MAIL = 80_000
ORDINARY = ("usual", "one row", "no rows")


class Finding(NamedTuple):
    """Something about a template. An error keeps a campaign from being submitted, a warning does not."""

    level: Literal["error", "warning"]
    what: str


def findings(template: Template) -> list[Finding]:
    """What samples of every kind, in every language and with every subject, show of `template`: errors first.

    Each thing is said once, with the first sample that showed it.
    """
    found: dict[Finding, str] = {}
    for language in template.languages:
        for kind in SAMPLES:
            for finding in _of_sample(template, kind, language):
                found.setdefault(finding, f"{kind}, {language}")
    said = [Finding(finding.level, f"{finding.what} (sample: {sample})") for finding, sample in found.items()]
    return sorted([*said, *_of_words(template)], key=lambda finding: finding.level)


def _of_sample(template: Template, kind: str, language: str) -> Iterator[Finding]:
    context = sample_context(kind, language)
    for arm in template.arms:
        try:
            mail = template.render(context, arm=arm)
        except BadTemplate as error:
            yield Finding("error", error.why)
            return
        yield from _of_subject(mail.subject, arm, kind)
    yield from _of_mail(mail, context)


def _of_subject(subject: str, arm: str, kind: str) -> Iterator[Finding]:
    if not subject:
        yield Finding("error", f"the subject {arm!r} comes out empty")
    elif kind in ORDINARY and len(subject) > LONGEST_SUBJECT:
        yield Finding("warning", f"the subject {arm!r} has {len(subject)} characters; phones show {LONGEST_SUBJECT}")
    elif not subject[0].isalnum() and kind in ("no name", "nothing optional"):
        yield Finding("warning", f"without a given name the subject {arm!r} begins with {subject[0]!r}")


def _of_mail(mail: Rendered, context: Mapping[str, Any]) -> Iterator[Finding]:
    page = Page(mail.html)
    yield from _of_size(len(mail.html.encode()))
    yield from _of_head(page, context["language"])
    yield from _of_footer(page, mail.text, context)
    yield from _of_pictures(page, context)
    yield from _of_links(page, context)
    for tag in sorted((FORBIDDEN - {"link"}) & set(page.tags)):
        yield Finding("error", f"a <{tag}> is in the mail; a value may have got out of its place")


def _of_size(size: int) -> Iterator[Finding]:
    if size > LARGEST_MAIL:
        yield Finding("error", f"a mail has more than {LARGEST_MAIL:,} bytes; Gmail would cut it off")
    elif size > LARGE_MAIL:
        yield Finding("warning", f"a mail has more than {LARGE_MAIL:,} bytes; Gmail cuts off at about 102,000")


def _of_head(page: Page, language: str) -> Iterator[Finding]:
    if page.language != normal(language):
        yield Finding("error", 'the mail does not say its language; begin with <mjml lang="{{ language }}">')
    if not page.color_scheme:
        yield Finding("warning", 'there is no <meta name="color-scheme">; clients will invert colours as they please')


def _of_footer(page: Page, text: str, context: Mapping[str, Any]) -> Iterator[Finding]:
    if context["unsubscribe_url"] not in page.links or context["unsubscribe_url"] not in text:
        yield Finding("error", "there is no link to unsubscribe_url, in the HTML and in the text; every mail needs one")
    if context["postal_address"] not in page.text or context["postal_address"] not in text:
        yield Finding("error", "postal_address does not stand in the mail; the law asks for it")
    if _spaced(context["why"]) not in page.text:
        yield Finding("warning", "the mail does not say why it came; put {{ why }} into the footer")


def _of_pictures(page: Page, context: Mapping[str, Any]) -> Iterator[Finding]:
    if any(alt is None for _, alt in page.pictures):
        yield Finding("error", 'a picture has no alt; decoration has alt=""')
    picks = [context["hero"], *(pick for row in context["rows"] for pick in row["picks"])]
    wanted = [(pick["artwork_url"], pick["artwork_alt"]) for pick in picks]
    addresses = {address for address, _ in wanted}
    if [picture for picture in page.pictures if picture[0] in addresses] != wanted:
        why = "each pick is an <img> with its artwork_url and artwork_alt, the hero first, then row by row"
        yield Finding("error", f"{why}; this mail shows others, or in another order")


def _of_links(page: Page, context: Mapping[str, Any]) -> Iterator[Finding]:
    ready = set(_links(context))
    for address in dict.fromkeys([*page.links, *(source for source, _ in page.pictures)]):
        if address not in ready and not address.startswith(("https://", "mailto:", "tel:", "#")):
            yield Finding("error", f"a link leads to {address[:80]!r}; only https and the context's own links may be")
    for address in page.sheets:
        yield Finding("warning", f"the mail loads a style sheet from {address[:80]!r}; give every text a font-family")


def _of_words(template: Template) -> Iterator[Finding]:
    """What the catalogues and a campaign's own words leave open."""
    known = set().union(*(phrases for phrases in template.phrases.values()))
    for language, phrases in template.phrases.items():
        if missing := sorted(known - set(phrases)):
            yield Finding("warning", f"{len(missing)} phrases have no {language!r}, such as {missing[0]!r}")
    for language in sorted({*template.subjects, *template.headlines} - set(template.languages)):
        if language.split("-")[0] not in template.languages:
            yield Finding("warning", f"there are words in {language!r}, but the mail around them would be English")


def _links(context: Mapping[str, Any]) -> Iterator[str]:
    for key, value in context.items():
        if isinstance(value, str) and key.endswith("url"):
            yield value
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, Mapping):
                yield from _links(part)


def _spaced(text: str) -> str:
    return " ".join(text.split())


class Page(HTMLParser):
    """A mail as it arrives: its pictures (address, alt), links, language and visible text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.language = ""
        self.color_scheme = ""
        self.tags: list[str] = []
        self.links: list[str] = []
        self.sheets: list[str] = []
        self.pictures: list[tuple[str, str | None]] = []
        self.skipped = 0
        self.words: list[str] = []
        self.feed(html)
        self.close()
        self.text = _spaced("".join(self.words))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the tag shows or leads to."""
        attributes = dict(attrs)
        self.tags.append(tag)
        if tag == "html":
            self.language = normal(attributes.get("lang") or "")
        elif tag == "meta" and attributes.get("name") == "color-scheme":
            self.color_scheme = attributes.get("content") or ""
        elif tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"] or "")
        elif tag == "img":
            self.pictures.append((attributes.get("src") or "", attributes.get("alt")))
        self._note_hidden(tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        """Leave what is not shown."""
        if self.skipped and tag not in EMPTY:
            self.skipped -= 1

    def handle_data(self, data: str) -> None:
        """Keep what is shown."""
        if not self.skipped:
            self.words.append(data)

    def _note_hidden(self, tag: str, attributes: Mapping[str, str | None]) -> None:
        if tag == "link":
            self.sheets.append(attributes.get("href") or "")
        hidden = "display:none" in (attributes.get("style") or "").replace(" ", "")
        if tag not in EMPTY and (self.skipped or hidden or tag in ("head", "style", "title")):
            self.skipped += 1
