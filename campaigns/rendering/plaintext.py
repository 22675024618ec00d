"""The text part of a mail, made once from its compiled HTML, with the Jinja still in it.

A link becomes `label: address`, a picture its alt text. A picture that only repeats a link which also has words is
left out: its address is there already. So are Outlook's comments and what is hidden from eyes, as the preheader is.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from html.parser import HTMLParser

from campaigns.rendering.tokens import TOKEN, Kind, Token, restore
from campaigns.rendering.vocabulary import BLOCKS, EMPTY

__all__ = ["text_of", "tidy"]

SKIPPED = frozenset({"head", "style", "title", "script"})
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")

_SPACES = re.compile(r"[ \t\u00a0\u200b\u200c\ufeff\u034f\u00ad]+")
_EDGES = re.compile(r" *\n *")
_BREAK = re.compile(r"\s*\n\s*")
_GAPS = re.compile(r"\n{3,}")


def text_of(compiled: str, tokens: Mapping[str, Token]) -> str:
    """The text part's Jinja source, of the compiled HTML with its tokens still in place."""
    walk = _Walk(tokens)
    walk.feed(compiled)
    walk.close()
    text = tidy(_EDGES.sub("\n", "".join(piece for piece in walk.pieces if not walk.repeats(piece))))
    return restore(text, dict(tokens), _plain)


def tidy(text: str) -> str:
    r"""Text with one blank line at most: what a statement left empty closes up.

    >>> tidy("Hello\n\n\n\nAna\n\n")
    'Hello\n\nAna\n'
    """
    return _GAPS.sub("\n\n", text).strip() + "\n"


def _plain(token: Token) -> str:
    return _SPACES.sub(" ", html.unescape(token.text)) if token.kind is Kind.CHARACTER else token.text


class _Picture(str):
    """A linked picture's alt and address; `address` as the source writes it."""

    __slots__ = ("address",)
    address: str


class _Walk(HTMLParser):
    """Collects text in pieces. An open link gathers its words until it ends."""

    def __init__(self, tokens: Mapping[str, Token]) -> None:
        super().__init__(convert_charrefs=True)
        self.tokens = tokens
        self.pieces: list[str] = []
        self.hidden: list[str] = []  # the open tags from a hidden one inwards
        self.link: tuple[str, list[str]] | None = None
        self.worded: set[str] = set()

    def repeats(self, piece: str) -> bool:
        """Whether `piece` is a picture whose link also stands somewhere with words."""
        return isinstance(piece, _Picture) and piece.address in self.worded

    def written(self, text: str) -> str:
        """Text as the source has it, so that two tokens for the same expression are the same."""
        return TOKEN.sub(lambda match: self.tokens[match[0]].text, text)

    def is_silent(self, word: str) -> bool:
        """Whether `word` puts nothing on the page: spaces, and statements around what does."""
        statements = (match[0] for match in TOKEN.finditer(word) if self.tokens[match[0]].kind is Kind.STATEMENT)
        for statement in statements:
            word = word.replace(statement, "")
        return not word.strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if self.hidden or tag in SKIPPED or HIDDEN.search(attributes.get("style", "")):
            if tag not in EMPTY:
                self.hidden.append(tag)
        elif tag == "a" and attributes.get("href"):
            self.link = (attributes["href"], [])
        elif tag == "img":
            self.picture(attributes.get("alt", "").strip())
        elif tag in BLOCKS:
            self.handle_data("\n", keep=True)

    def handle_endtag(self, tag: str) -> None:
        if self.hidden:
            if self.hidden[-1] == tag:
                self.hidden.pop()
        elif tag == "a" and self.link:
            self.end_link(*self.link)
        elif tag in BLOCKS:
            self.handle_data("\n\n" if tag in ("p", "table") else "\n", keep=True)

    def handle_data(self, data: str, *, keep: bool = False) -> None:
        if self.hidden:
            return
        text = data if keep else re.sub(r"\s+", " ", _SPACES.sub(" ", data))
        (self.link[1] if self.link else self.pieces).append(text)

    def picture(self, alt: str) -> None:
        """An unlinked picture is its alt; a linked one may yet prove to repeat another link."""
        (self.link[1] if self.link else self.pieces).append(_Picture(alt) if self.link else alt)

    def end_link(self, address: str, words: list[str]) -> None:
        self.link = None
        label = " ".join(_BREAK.sub(" · ", "".join(words).strip()).split())
        only_pictures = all(isinstance(word, _Picture) or self.is_silent(word) for word in words)
        piece = _Picture(f"{label}: {address}" if label else address)
        piece.address = self.written(address)
        if not only_pictures:
            self.worded.add(piece.address)
        self.pieces.append(piece if only_pictures else str(piece))
