"""Which picture of a title a member sees on a screen of the service: drawn by what mails have taught."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from campaigns.planning.content import candidates
from campaigns.web.members import OneMembersLake
from scoring import chance
from scoring.lake.schema import TIME
from scoring.tastes import tastes

if TYPE_CHECKING:
    from campaigns.web.members import Member
    from campaigns.web.memory import Held

SALT = "screens"  # apart from the mails' draws; with the day, so that a member sees the same picture all day
ASKED: dict[str, Any] = {"title_id": pl.String, "candidates": pl.List(pl.String)}


class Picture(NamedTuple):
    """A picture that was drawn, and from what."""

    title_id: str
    artwork_id: str
    propensity: float
    candidates: list[str]


def pictures(held: Held, member: Member, asked: Mapping[str, Sequence[str]]) -> list[Picture]:
    """One picture for each title: of the artworks named, or, where none are named, of all that suit the language.

    Artworks that are not the title's are left out; a title with none left has no picture.
    """
    told = _chances(held, member, asked)
    return [_drawn(member, title, works, shares) for title, (works, shares) in told.items()]


def likeliest(held: Held, member: Member, titles: Sequence[str]) -> dict[str, str]:
    """Of each title the artwork that is drawn most often, where there is one: no lot decides, so none is logged."""
    told = _chances(held, member, dict.fromkeys(titles, ()))
    return {title: works[shares.index(max(shares))] for title, (works, shares) in told.items()}


def _chances(
    held: Held, member: Member, asked: Mapping[str, Sequence[str]]
) -> dict[str, tuple[list[str], list[float]]]:
    """Of each title that has any: its candidates, sorted, and how likely the model is to draw each."""
    able = {title: chosen for title, chosen in _candidates(held, member, asked).items() if chosen}
    if not able:
        return {}
    contexts = pl.DataFrame(list(able.items()), schema=ASKED, orient="row")
    chances = held.looks.probabilities(contexts.join(_reader(held, member), how="cross"))
    each = chances.group_by("context", maintain_order=True).agg("artwork_id", "probability").iter_rows()
    return {title: (works, shares) for title, (_, works, shares) in zip(able, each, strict=True)}


def _drawn(member: Member, title: str, works: list[str], shares: list[float]) -> Picture:
    """The picture that the day's draw falls on."""
    draw = chance.uniform(SALT, member.at.date(), member.id, title)
    place = min(bisect_right(list(accumulate(shares)), draw), len(works) - 1)
    return Picture(title, works[place], shares[place], works)


def strangers(held: Held, asked: Mapping[str, Sequence[str]]) -> list[str]:
    """The artworks among those named that are none of their title."""
    theirs = _of_titles(held, asked)
    return [
        work for title, works in asked.items() for work in dict.fromkeys(works) if work not in theirs.get(title, ())
    ]


def _candidates(held: Held, member: Member, asked: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    theirs, unnamed = _of_titles(held, asked), [title for title, works in asked.items() if not works]
    suiting = _suiting(held, member, unnamed) if unnamed else {}
    return {
        title: sorted({work for work in works if work in theirs.get(title, ())}) if works else suiting.get(title, [])
        for title, works in asked.items()
    }


def _of_titles(held: Held, titles: Mapping[str, Sequence[str]]) -> dict[str, set[str]]:
    few = held.artworks.filter(pl.col("title_id").is_in(list(titles)))
    return {title: set(works) for title, works in few.group_by("title_id").agg("artwork_id").iter_rows()}


def _suiting(held: Held, member: Member, titles: Sequence[str]) -> dict[str, list[str]]:
    picks = pl.DataFrame({"title_id": titles}).with_columns(language=pl.lit(member.language, pl.String))
    found = candidates(picks, held.artworks.filter(pl.col("title_id").is_in(titles)))
    return dict(found.select("title_id", "candidates").iter_rows())


def _reader(held: Held, member: Member) -> pl.DataFrame:
    """What the model looks at in the member, as one row."""
    moment = pl.DataFrame({"member_id": [member.id], "at": [member.at]}, schema_overrides={"at": TIME})
    return tastes(OneMembersLake(member, held.titles), moment).drop("member_id", "at")
