"""What a member's words may mean: titles by name, whatever slipped in typing, in the member's own order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from campaigns.web.ranking import Placed, Viewer

LETTERS = 200  # of a query are looked at


class Found(NamedTuple):
    """A title found. `off` 0: by its name, 1: by words of it, or their beginnings; more: by so many slips less one."""

    title: Placed
    off: int


def search(viewer: Viewer, query: str, k: int) -> list[Found]:
    """Up to `k` titles that the member may see: the closest to the words first, then the likeliest to be played."""
    matched = viewer.held.names.find(cleaned(query), viewer.member.language)
    off: dict[str, int] = dict(matched.iter_rows())
    able, _ = viewer.usable(off)
    return sorted((Found(one, off[one.title_id]) for one in viewer.ordered(able)), key=lambda found: found.off)[:k]


def cleaned(query: str) -> str:
    """What can be kept of a query as text: no control characters, no halves of characters, one space between words."""
    whole = query[:LETTERS].encode("utf-8", "ignore").decode()
    return " ".join("".join(letter if letter.isprintable() else " " for letter in whole).split())
