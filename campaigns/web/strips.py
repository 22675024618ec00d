"""Rows of a home screen: those that Encore fills by their kind, and those that a service fills and Encore orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from campaigns.planning.content import in_language
from campaigns.planning.show import FRESH, NEWEST, RANKED
from campaigns.rendering.sentences import ROW_TITLES, row_title
from campaigns.web.ranking import NEW, Placed
from scoring.titles.offers import FINISH, GENRE, Known, offers

if TYPE_CHECKING:
    from campaigns.web.ranking import Viewer

KINDS = tuple(ROW_TITLES)
SEEN = 3  # titles of a row that are looked at before the row is: its strength is theirs
PAIR = ["member_id", "title_id"]
RANKING: dict[str, Any] = {"member_id": pl.String, "title_id": pl.String, "rank": pl.Int64, "score": pl.Float64}
CROWD: dict[str, Any] = {"member_id": pl.String, "title_id": pl.String, "place": pl.Int64}
BECAUSE: dict[str, Any] = {"member_id": pl.String, "title_id": pl.String, "because": pl.String}


class Asked(NamedTuple):
    """A row to order: one of Encore's `KINDS` to fill, or, without a kind, a service's own titles.

    The member may see all of `titles`.
    """

    id: str
    kind: str | None = None
    titles: Sequence[str] = ()


class Strip(NamedTuple):
    """A row in its place. `title` says in the member's language what it is; None: the service's own row."""

    id: str
    title: str | None
    titles: list[Placed]


def strips(viewer: Viewer, asked: Sequence[Asked], k: int) -> list[Strip]:
    """The rows in order, each with up to `k` titles in order; one that nothing can be shown in is left out.

    A row is as strong as the scores of its first titles; what was begun stands first, and what has no score stays
    behind, in the order given. No title is in two of the rows that Encore fills.
    """
    filled = _by_kind(viewer, [one.kind for one in asked if one.kind is not None], k)
    made = [filled[one.kind] if one.kind else Strip(one.id, None, viewer.ordered(one.titles)[:k]) for one in asked]
    return sorted((strip for strip in made if strip.titles), key=_strength, reverse=True)


def _strength(strip: Strip) -> float:
    if strip.id == FINISH:
        return float("inf")
    scores = [one.score for one in strip.titles[:SEEN] if one.score is not None]
    return sum(scores) / len(scores) if scores else -float("inf")


def _by_kind(viewer: Viewer, kinds: Sequence[str], k: int) -> dict[str, Strip]:
    """The rows of these kinds, filled in the order given: a title is in the first that has it."""
    if not kinds:
        return {}
    offered = offers(known(viewer), viewer.member.at).sort("order", "title_id")
    taken, made = set[str](), {}
    for kind in kinds:
        of_kind = pl.col("kind") == kind
        some = offered.filter(of_kind, ~pl.col("title_id").is_in(list(taken))).head(k)
        taken.update(some["title_id"].to_list())
        made[kind] = Strip(kind, _title(viewer, kind, some), _placed(viewer, some))
    return made


def _placed(viewer: Viewer, some: pl.DataFrame) -> list[Placed]:
    titles = some["title_id"].to_list()
    return [Placed(title, viewer.scores.get(title), viewer.states.get(title, NEW)) for title in titles]


def _title(viewer: Viewer, kind: str, some: pl.DataFrame) -> str:
    about: str | None = some["about"][0] if some.height else None
    name = about if kind == GENRE else _name(viewer, about)
    member = viewer.member
    return row_title(kind, member.language or "en", country=member.country or "", title=name or "")


def _name(viewer: Viewer, title_id: str | None) -> str | None:
    if title_id is None:
        return None
    asked = pl.DataFrame({"title_id": [title_id]}).with_columns(language=pl.lit(viewer.member.language, pl.String))
    tables = (viewer.held.titles, viewer.held.title_names)
    few = [frame.filter(pl.col("title_id") == title_id) for frame in tables]
    name: str | None = in_language(asked, "title_id", *few)["name"][0]
    return name


def known(viewer: Viewer) -> Known:
    """What offers are made from, of one member: as for a mail (`campaigns.planning.show`), at their moment."""
    member, model = viewer.member, viewer.held.model
    ranked, because = _ranked(viewer), pl.DataFrame(schema=BECAUSE)
    crowd = [(member.id, title, place) for title, place in viewer.crowd.items()]
    able, _ = viewer.usable(viewer.begun["title_id"].to_list())
    return Known(
        ranked,
        _unplayed(viewer, pl.DataFrame(crowd, CROWD, orient="row")),
        _worth_naming(viewer, model.because(ranked.select(PAIR))) if model is not None else because,
        member.plays.group_by(member_id=pl.lit(member.id)).agg(last=pl.col("played_at").max()),
        viewer.begun.filter(pl.col("title_id").is_in(able)),
        viewer.held.titles.select("title_id", "added_at", "leaves_at", "genres"),
    )


def _worth_naming(viewer: Viewer, reasons: pl.DataFrame) -> pl.DataFrame:
    """`reasons` that a row may be named after: what is ruled out is not named either."""
    able = [title for title in reasons["because"].drop_nulls().unique() if viewer.may_name(title)]
    return reasons.filter(pl.col("because").is_in(able))


def _ranked(viewer: Viewer) -> pl.DataFrame:
    """What the title model recommends, and some of what is new behind it."""
    scored = [(viewer.member.id, title, score) for title, score in viewer.scores.items()]
    found = pl.DataFrame(scored, {name: RANKING[name] for name in (*PAIR, "score")}, orient="row")
    mine = _unplayed(viewer, found).with_row_index("rank", offset=1)
    since = viewer.member.at - FRESH
    fresh = viewer.held.titles.filter(pl.col("added_at") > since)["title_id"]
    behind = mine.slice(RANKED).filter(pl.col("title_id").is_in(fresh.implode())).head(NEWEST)
    both = pl.concat([mine.head(RANKED), behind])
    return both.select(pl.col(name).cast(kind) for name, kind in RANKING.items())


def _unplayed(viewer: Viewer, titles: pl.DataFrame) -> pl.DataFrame:
    """Those that the member may see now and never played."""
    able, _ = viewer.usable(titles["title_id"].to_list())
    played = viewer.member.plays.select("title_id")
    return titles.filter(pl.col("title_id").is_in(able)).join(played, on="title_id", how="anti", maintain_order="left")
