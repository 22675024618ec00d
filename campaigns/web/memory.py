"""What answers are made of, held in memory: read from the stores once, and again in the background when they changed.

No request fits a model or reads the lake. The first one after a start waits until everything is read.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock, Thread
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import polars as pl

from campaigns.planning import business_day, midnight
from campaigns.planning.lessons import Lessons
from campaigns.planning.looks import choices
from campaigns.planning.title_models import kept_models, newest_model
from campaigns.web.members import Members
from scoring.artwork import ArtworkModel
from scoring.titles.popularity import popular
from scoring.titles.rights import playable
from scoring.titles.search import Names

if TYPE_CHECKING:
    from campaigns.stores import Stores
    from scoring.titles import TitleModel

EVERY = 60.0  # seconds between two looks at whether the stores have changed
READ = ("titles", "title_names", "artworks", "members", "plays")

Stamp: TypeAlias = tuple[object, ...]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Held:
    """The service as it was known at a moment.

    Attributes:
        titles, title_names, artworks: as in force.
        members: everyone, and what they played.
        names: the titles' names, to be searched.
        facts: of each title what its rights are.
        popular: of each country (None: not known) what is played most there, the most played first, with its place.
        model: the newest title model on disk; None: there is none yet, popularity orders.
        fitted_at: up to when it knows.
        looks: which picture suits whom, from what mails have taught.
    """

    titles: pl.DataFrame
    title_names: pl.DataFrame
    artworks: pl.DataFrame
    members: Members
    names: Names
    facts: dict[str, Facts]
    popular: dict[str | None, dict[str, int]]
    model: TitleModel | None
    fitted_at: datetime | None
    looks: ArtworkModel


class Facts(NamedTuple):
    """Where (empty: everywhere), when and to whom a title may be shown."""

    countries: frozenset[str]
    added_at: datetime | None
    leaves_at: datetime | None
    maturity: str | None


class Memory:
    """Holds what answers need, for all threads of a process."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores
        self._held: Held | None = None
        self._stamp: Stamp = ()
        self._looked = 0.0
        self._reading = Lock()

    def held(self) -> Held:
        """What is known. Older than a minute, it is looked after in the background: nobody waits for that."""
        if self._held is None:
            with self._reading:
                return self._held or self._read()
        if time.monotonic() - self._looked > EVERY and self._reading.acquire(blocking=False):
            Thread(target=self._look_again, daemon=True).start()
        return self._held

    def warm(self) -> None:
        """Read everything now, in the background."""
        if self._reading.acquire(blocking=False):
            Thread(target=self._look_again, daemon=True).start()

    def renew(self) -> None:
        """Read what has changed, at once."""
        with self._reading:
            self._read()

    def _look_again(self) -> None:
        try:
            self._read()
        except Exception:
            log.exception("what answers are made of could not be read; they go on with what was known")
        finally:
            self._reading.release()

    def _read(self) -> Held:
        """What is known now. The caller holds `_reading`."""
        self._looked = time.monotonic()
        now = datetime.now(UTC)
        stamp = _stamp(self.stores, now)
        if self._held is None or stamp != self._stamp:
            self._held, self._stamp = read(self.stores, now), stamp
        return self._held


def read(stores: Stores, now: datetime) -> Held:
    """Everything, as of now."""
    lake = stores.lake
    titles, names, artworks, people = (lake.at(table, now).collect() for table in READ[:4])
    model, fitted_at = newest_model(stores, now)
    return Held(
        titles=titles,
        title_names=names,
        artworks=artworks,
        members=Members.of(people, lake.scan("plays")),
        names=Names.of(titles, names),
        facts=facts_of(titles),
        popular=_popular(stores, titles, people, now),
        model=model,
        fitted_at=fitted_at,
        looks=_looks(stores, artworks, now),
    )


def facts_of(titles: pl.DataFrame) -> dict[str, Facts]:
    """The rights of each title: asked for a few at a time, a dict is quicker than a frame."""
    rows = titles.select("title_id", *Facts._fields).iter_rows()
    return {title: Facts(frozenset(countries or ()), *others) for title, countries, *others in rows}


def _popular(
    stores: Stores, titles: pl.DataFrame, people: pl.DataFrame, now: datetime
) -> dict[str | None, dict[str, int]]:
    plays = stores.lake.scan("plays").filter(pl.col("played_at") < now)
    countries = pl.concat([people["country"], pl.Series("country", [None], dtype=pl.String)])
    where = people.select("member_id", "country").lazy()
    there = playable(titles, countries, now, wait=timedelta(0))  # on a screen at once
    found = popular(plays, there, where, now).sort("place")
    told: dict[str | None, dict[str, int]] = {}
    for country, title, place in found.select("country", "title_id", "place").iter_rows():
        told.setdefault(country, {})[title] = place
    return told


def _looks(stores: Stores, artworks: pl.DataFrame, now: datetime) -> ArtworkModel:
    """The model of pictures from what mails had taught when the business day began, as a run of the day has it."""
    day = midnight(stores.settings, business_day(stores.settings, now))
    return ArtworkModel(seed=0).fit(choices(Lessons(stores, day)), artworks)


def _stamp(stores: Stores, now: datetime) -> Stamp:
    """What tells that something has changed: the lake's files, the models on disk, the day."""
    files = [file for table in READ for file in stores.lake.files(table)]
    return business_day(stores.settings, now), *kept_models(stores), *files
