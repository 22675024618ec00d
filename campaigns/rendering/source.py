"""A template's source with its includes put in, which still knows where every line came from."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, NoReturn

from campaigns.errors import BadTemplate

__all__ = ["Origin", "Source", "assemble"]

DEEPEST_INCLUDE = 5
LONGEST_SOURCE = 200_000  # characters, includes put in

_INCLUDE = re.compile(r"<mj-include\b([^>]*?)/?>(?:\s*</mj-include\s*>)?", re.IGNORECASE)
_PATH = re.compile(r"""\bpath\s*=\s*(["'])(?P<path>.*?)\1""")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


class Origin(NamedTuple):
    """A line of a file; the first is 1."""

    file: str
    line: int


@dataclass(frozen=True)
class Source:
    """Text, and the origin of each of its lines."""

    text: str
    origins: tuple[Origin, ...]

    def refuse(self, line: int, why: str) -> NoReturn:
        """Refuse the template for what stands in `line` of this text; 0: for the whole of it."""
        if not 1 <= line <= len(self.origins):
            raise BadTemplate(self.origins[0].file, 0, why)
        raise BadTemplate(*self.origins[line - 1], why)


def assemble(file: str, read: Callable[[str], str | None]) -> Source:
    """The text of `file` with each `<mj-include path="…"/>` replaced by what `read` has at that path.

    Raises:
        BadTemplate: an include that is missing, leads out of the store, or leads back to itself.
    """
    lines = _lines(file, read, ())
    text = "\n".join(line for line, _ in lines)
    if len(text) > LONGEST_SOURCE:
        raise BadTemplate(file, 0, f"is longer than {LONGEST_SOURCE:,} characters with its includes; make it shorter")
    return Source(text, tuple(origin for _, origin in lines))


def _lines(file: str, read: Callable[[str], str | None], through: tuple[Origin, ...]) -> list[tuple[str, Origin]]:
    text = _read(file, read, through)
    text = _COMMENT.sub(lambda match: match[0].replace("mj-include", "mj-included"), text)
    lines: list[tuple[str, Origin]] = []
    at, line = 0, 1
    for include in _INCLUDE.finditer(text):
        lines += _numbered(text[at : include.start()], file, line)
        line += text.count("\n", at, include.start())
        lines += _lines(_target(include, Origin(file, line)), read, (*through, Origin(file, line)))
        line += include[0].count("\n")
        at = include.end()
    return lines + _numbered(text[at:], file, line)


def _numbered(text: str, file: str, first: int) -> list[tuple[str, Origin]]:
    return [(line, Origin(file, number)) for number, line in enumerate(text.split("\n"), first)]


def _target(include: re.Match[str], origin: Origin) -> str:
    path = _PATH.search(include[1])
    if path is None:
        raise BadTemplate(*origin, 'mj-include needs a path: <mj-include path="parts/footer.mjml" />')
    target = path["path"].removeprefix("./")
    if target.startswith("/") or ".." in target.split("/") or not target.endswith(".mjml"):
        raise BadTemplate(*origin, f"{path['path']!r} is not the path of an .mjml file below the templates' folder")
    return target


def _read(file: str, read: Callable[[str], str | None], through: tuple[Origin, ...]) -> str:
    asked = through[-1] if through else Origin(file, 0)
    if file in {origin.file for origin in through}:
        raise BadTemplate(*asked, f"{file} includes itself")
    if len(through) > DEEPEST_INCLUDE:
        raise BadTemplate(*asked, f"includes are nested more than {DEEPEST_INCLUDE} deep")
    text = read(file)
    if text is None:
        raise BadTemplate(*asked, f"there is no {file} among the templates")
    if len(text) > LONGEST_SOURCE:
        raise BadTemplate(file, 0, f"is longer than {LONGEST_SOURCE:,} characters; make it shorter")
    return text.replace("\r\n", "\n").replace("\r", "\n")
