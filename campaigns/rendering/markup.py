"""One walk over a template's MJML before it is compiled.

What cannot work or may not be is refused, with its line. Jinja that stands between components is wrapped in `mj-raw`,
without which the compiler would drop it.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from campaigns.rendering.source import Source
from campaigns.rendering.tokens import TOKEN, Kind, Token, Tokenised
from campaigns.rendering.vocabulary import COMPONENTS, CONTAINERS, EMPTY, FORBIDDEN, LINKS, VARIABLE

__all__ = ["prepare"]

DEEPEST = 60  # open tags; the MJML compiler calls itself for each
SAFE_START = re.compile(r"https://[A-Za-z0-9.-]+(:\d+)?[/?#][^\s\"'<>]*")
SAFE_LINK = re.compile(r"https://[^\s\"'<>]*|mailto:[^\s\"'<>]+|tel:[+\d().-]+|#[\w-]*")


def prepare(source: Source, tokenised: Tokenised, links: frozenset[str]) -> str:
    """The tokenised source, ready for the MJML compiler. `links`: the tokens that stand for ready-made links.

    Raises:
        BadTemplate: what the compiler would lose or break, and what no mail may hold.
    """
    walk = _Walk(source, tokenised, links)
    walk.feed(tokenised.text)
    walk.close()
    walk.check_end()
    text = tokenised.text
    for start, end in reversed(walk.bare):
        text = f"{text[:start]}<mj-raw>{text[start:end]}</mj-raw>{text[end:]}"
    return text


class _Walk(HTMLParser):
    """Follows the source tag by tag, with the open ones on a stack."""

    def __init__(self, source: Source, tokenised: Tokenised, links: frozenset[str]) -> None:
        super().__init__(convert_charrefs=False)
        self.source, self.tokenised, self.links = source, tokenised, links
        self.open: list[str] = []
        self.loops: list[int] = [0]  # for each open tag, how many loops are open in it
        self.bare: list[tuple[int, int]] = []
        self.seen: set[str] = set()
        self.starts = [0, *(match.end() for match in re.finditer("\n", tokenised.text))]

    def refuse(self, why: str, token: Token | None = None) -> None:
        """Refuse the template for what stands here, or for `token`."""
        line = token.line if token else self.tokenised.lines[self.getpos()[0] - 1]
        self.source.refuse(line, why)

    def tokens(self, text: str | None) -> list[tuple[str, Token]]:
        """The Jinja in `text`."""
        found = [(word, self.tokenised.tokens[word]) for word in TOKEN.findall(text or "")]
        return [(word, token) for word, token in found if token.kind is not Kind.CHARACTER]

    # -- what HTMLParser calls

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.check_tag(tag, attrs)
        for name, value in attrs:
            self.check_attribute(tag, name, value or "")
        self.seen.add(tag)
        if tag not in EMPTY:
            self.open.append(tag)
            self.loops.append(0)
        if len(self.open) > DEEPEST:
            self.refuse(f"tags are nested more than {DEEPEST} deep")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in EMPTY:
            return
        if not self.open or self.open[-1] != tag:
            inside = f"<{self.open[-1]}> is still open" if self.open else "nothing is open"
            self.refuse(f"</{tag}> ends here while {inside}")
        self.open.pop()
        if self.loops.pop() != 0:
            self.refuse(f"a {{% for %}} or {{% if %}} begins or ends inside <{tag}>, and not both")

    def handle_data(self, data: str) -> None:
        parent = self.open[-1] if self.open else ""
        if parent in CONTAINERS:
            self.check_between(parent, data)
        elif parent in ("mj-head", "mjml", "", "mj-attributes", "mj-carousel") and self.tokens(data):
            self.refuse(f"Jinja cannot stand directly in {parent or 'the file'}", self.tokens(data)[0][1])
        elif parent in ("mj-style", "style") and self.tokens(data):
            self.refuse("Jinja cannot stand in a style sheet", self.tokens(data)[0][1])

    def handle_comment(self, data: str) -> None:
        if self.tokens(data) and not data.lstrip().startswith("[if"):
            self.refuse("Jinja in an HTML comment; comment with {# … #}", self.tokens(data)[0][1])

    def handle_decl(self, decl: str) -> None:
        self.refuse(f"<!{decl}> has no place in MJML")

    def handle_pi(self, data: str) -> None:
        self.refuse(f"<?{data}> has no place in MJML")

    def unknown_decl(self, data: str) -> None:
        self.refuse(f"<![{data}]> has no place in MJML")

    # -- what they check

    def check_tag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.tokens(tag):
            self.refuse("Jinja cannot stand for a tag's name")
        if tag in FORBIDDEN:
            self.refuse(f"<{tag}> has no place in a mail")
        if tag.startswith("mj") and tag not in COMPONENTS:
            self.refuse(f"<{tag}> is not known; there are {', '.join(sorted(COMPONENTS))}")
        if tag == "mj-column" and self.loops[-1] > 0 and not dict(attrs).get("width"):
            self.refuse('a column in a loop needs its width, such as width="33.33%"')

    def check_attribute(self, tag: str, name: str, value: str) -> None:
        found = self.tokens(value)
        if self.tokens(name):
            self.refuse("Jinja cannot stand for an attribute's name")
        if name.startswith("on") or (tag == "meta" and name == "http-equiv"):
            self.refuse(f"{name} has no place in a mail")
        if '"' in value:
            self.refuse(f'{name} holds a "; write &quot;')
        if found and (name == "style" or (tag.startswith("mj") and name not in VARIABLE)):
            self.refuse(f"Jinja cannot stand in {name} of <{tag}>", found[0][1])
        if name in LINKS and value:
            self.check_link(name, value)

    def check_link(self, name: str, value: str) -> None:
        """A link is https, or ready-made by the caller; never built from a value that may begin with anything."""
        first = TOKEN.search(value)
        if first is None:
            if not SAFE_LINK.fullmatch(value):
                self.refuse(f"{name} is {value!r}; a link begins with https:// or is one of the context's")
        elif value not in self.links and not SAFE_START.fullmatch(value[: first.start()]):
            self.refuse(f"{name} is one of the context's ready-made links, alone, or begins with https:// and a host")
        elif not SAFE_LINK.fullmatch(TOKEN.sub("", value)) and value not in self.links:
            self.refuse(f"{name} holds what no link can")

    def check_between(self, parent: str, data: str) -> None:
        """Between components there may be statements, wrapped for the compiler; text would be lost."""
        line, column = self.getpos()
        if lost := TOKEN.sub("", data).strip():
            above = data.count("\n", 0, data.index(lost[0]))
            self.source.refuse(
                self.tokenised.lines[line - 1 + above], f"text directly in <{parent}> would be lost; put it in mj-text"
            )
        offset = self.starts[line - 1] + column
        for match in TOKEN.finditer(data):
            token = self.tokenised.tokens[match[0]]
            if token.kind is not Kind.STATEMENT:
                self.refuse(f"{token.text} directly in <{parent}> belongs into mj-text", token)
            self.bare.append((offset + match.start(), offset + match.end()))
            self.loops[-1] += _opens(token.text)

    def check_end(self) -> None:
        """Everything that was opened must have ended, and there must have been a mail."""
        if self.open:
            self.refuse(f"<{self.open[-1]}> does not end")
        for tag in ("mjml", "mj-body"):
            if tag not in self.seen:
                self.source.refuse(0, f"there is no <{tag}>; a mail is <mjml><mj-body>…</mj-body></mjml>")


def _opens(statement: str) -> int:
    word = re.match(r"\{%[-+]?\s*(\w+)", statement)
    return {"for": 1, "if": 1, "endfor": -1, "endif": -1}.get(word[1] if word else "", 0)
