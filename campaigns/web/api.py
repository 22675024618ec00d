"""The JSON API: a service's own home screen and search in the member's own order. `docs/way-back.md` has examples."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from campaigns.definition import Titles
from campaigns.errors import EncoreError, NotFound, Unavailable
from campaigns.web import pictures, search, strips
from campaigns.web.ranking import Placed, Viewer, titles_of
from campaigns.web.strips import KINDS

if TYPE_CHECKING:
    from campaigns.web.members import Member
    from campaigns.web.memory import Held, Memory
    from campaigns.web.signals import Signals

MISTAKES = 5  # of a request are told


def _text(value: str) -> str:
    if not value.isprintable():
        raise ValueError("there are characters in it that nobody can see")
    return value


def _in_utc(value: datetime) -> datetime:
    if not 2000 <= value.year < 2100:
        raise ValueError("a time between 2000 and 2100 is needed")
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Id = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_text)]
At = Annotated[datetime, AfterValidator(_in_utc)]


class Row(BaseModel):
    """A row: a `kind`, which Encore fills, or an `id` with the service's own titles."""

    model_config = ConfigDict(extra="forbid")

    id: Id | None = None
    kind: Id | None = None
    titles: list[Id] | None = Field(None, max_length=200)

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Row:
        given = (self.kind is not None, self.id is not None, self.titles is not None)
        if given not in ((True, False, False), (False, True, True)):
            raise ValueError("a row has a kind, or an id and titles")
        return self

    @property
    def name(self) -> str:
        """What the answer calls it."""
        return self.kind or self.id or ""

    def asked(self, able: Container[str]) -> strips.Asked:
        """The row with those of its titles that the member may see, once each."""
        return strips.Asked(
            self.name, self.kind, [title for title in dict.fromkeys(self.titles or ()) if title in able]
        )


def _row(value: Any) -> Any:
    return {"kind": value} if isinstance(value, str) else value


class About(BaseModel):
    """For whom, when, and how much. `maturity`: titles of these alone, as for a child's profile; none: all."""

    model_config = ConfigDict(extra="forbid")

    member_id: Id
    at: At | None = None
    k: int = Field(20, ge=1, le=100)
    maturity: list[Id] = Field([], max_length=50)


class Rank(About):
    """What to order."""

    titles: list[Id] | None = Field(None, max_length=1_000)
    rows: list[Annotated[Row, BeforeValidator(_row)]] | None = Field(None, max_length=50)
    artworks: dict[Id, Annotated[list[Id], Field(max_length=50)]] | None = Field(None, max_length=200)

    @field_validator("rows")
    @classmethod
    def _once_each(cls, rows: list[Row] | None) -> list[Row] | None:
        names = [row.name for row in rows or ()]
        if len(set(names)) < len(names):
            raise ValueError("no two may have the same kind or id")
        return rows


class Search(About):
    """What a member looks for."""

    q: Annotated[str, StringConstraints(max_length=search.LETTERS)]


def make_api(memory: Memory, signals: Signals) -> FastAPI:
    """The API over what is held and kept; whoever mounts it sees to the key."""
    api = FastAPI(title="Encore API", docs_url=None, redoc_url=None, openapi_url=None)
    api.state.memory, api.state.signals = memory, signals
    api.post("/rank")(rank)
    api.post("/search")(look_for)
    api.add_exception_handler(RequestValidationError, mistaken)
    api.add_exception_handler(EncoreError, refused)
    return api


def rank(request: Request, asked: Rank) -> dict[str, Any]:
    """Titles, rows and pictures in the order that suits the member best."""
    state, viewer = request.app.state, _viewer(request, asked)
    member, wanted = viewer.member, asked.artworks or {}
    titles, no_titles = _titles(viewer, asked)
    rows, no_rows = _rows(viewer, asked)
    drawn = pictures.pictures(viewer.held, member, wanted)
    state.signals.drawn(member, drawn, datetime.now(UTC))
    shown = {one.title_id: {"artwork_id": one.artwork_id, "propensity": one.propensity} for one in drawn}
    return {
        "member_id": member.id,
        "titles": titles,
        "rows": rows,
        "artworks": shown,
        "not_used": [*_unknown(member), *no_titles, *no_rows, *_undrawn(viewer.held, wanted, shown)],
        "model": _model(viewer.held),
    }


def look_for(request: Request, asked: Search) -> dict[str, Any]:
    """The titles that a member's words may mean, in the order that suits the member best."""
    viewer = _viewer(request, asked)
    member, query = viewer.member, search.cleaned(asked.q)
    found = search.search(viewer, query, asked.k)
    titles = [one.title for one in found]
    if member.known and query:
        request.app.state.signals.searched(member.id, query, titles_of(titles), datetime.now(UTC))
    told = [row | {"off": one.off} for row, one in zip(_told(titles), found, strict=True)]
    return {"member_id": member.id, "titles": told, "not_used": _unknown(member), "model": _model(viewer.held)}


def _viewer(request: Request, asked: About) -> Viewer:
    held, now = request.app.state.memory.held(), datetime.now(UTC)
    opened = request.app.state.signals.opened_lately(asked.member_id, now)
    rules = Titles(maturity=tuple(asked.maturity))
    return Viewer(held, held.members.find(asked.member_id, asked.at or now, opened), rules)


def _titles(viewer: Viewer, asked: Rank) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """The titles asked for, in order; where nothing is asked for, the best there are."""
    if asked.titles is None:
        nothing = asked.rows is None and asked.artworks is None
        return (_told(viewer.best(asked.k)) if nothing else []), []
    able, why = viewer.usable(asked.titles)
    return _told(viewer.ordered(able)), _notes("title", why.items())


def _rows(viewer: Viewer, asked: Rank) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    rows = asked.rows or []
    able, why = viewer.usable(title for row in rows for title in row.titles or ())
    known = [row for row in rows if row.kind is None or row.kind in KINDS]
    made = strips.strips(viewer, [row.asked(set(able)) for row in known], asked.k)
    shown = {strip.id for strip in made}
    left = [(row.name, "nothing_to_show" if row in known else "unknown") for row in rows if row.name not in shown]
    told = [
        {"id": strip.id, "title": strip.title, "rank": place, "titles": _told(strip.titles)}
        for place, strip in enumerate(made, 1)
    ]
    return told, [*_notes("row", left), *_notes("title", why.items())]


def _undrawn(held: Held, wanted: Mapping[str, Sequence[str]], shown: Container[str]) -> list[dict[str, str]]:
    strange = [(work, "unknown") for work in pictures.strangers(held, wanted)]
    without = [(title, "no_artwork") for title in wanted if title not in shown]
    return [*_notes("artwork", strange), *_notes("title", without)]


def _told(titles: Iterable[Placed]) -> list[dict[str, Any]]:
    return [
        {"title_id": one.title_id, "rank": rank, "score": one.score, "state": one.state}
        for rank, one in enumerate(titles, 1)
    ]


def _notes(what: str, why: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"what": what, "id": one, "why": reason} for one, reason in why]


def _unknown(member: Member) -> list[dict[str, str]]:
    return [] if member.known else _notes("member", [(member.id, "unknown")])


def _model(held: Held) -> dict[str, Any]:
    """What orders: the title model, and up to when it knows; or, while there is none, popularity."""
    if held.fitted_at is None:
        return {"order": "popularity", "as_of": None}
    return {"order": "title_model", "as_of": held.fitted_at.isoformat()}


async def mistaken(_: Request, error: Exception) -> JSONResponse:
    """What is wrong with a request, in one line; never what it holds, which may be long."""
    assert isinstance(error, RequestValidationError)
    told = [f"{_where(one)}: {one['msg'].removeprefix('Value error, ')}" for one in error.errors()[:MISTAKES]]
    return JSONResponse({"error": "; ".join(told)}, 422)


def _where(error: Mapping[str, Any]) -> str:
    steps = () if error["type"] == "json_invalid" else error["loc"][1:]
    return ".".join(str(step)[:50] for step in steps) or "the request"


async def refused(_: Request, error: Exception) -> JSONResponse:
    """What Encore refuses, or cannot do now."""
    status = 404 if isinstance(error, NotFound) else 503 if isinstance(error, Unavailable) else 409
    return JSONResponse({"error": str(error)}, status)
