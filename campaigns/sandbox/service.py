"""A simulated streaming service, which sees the product only as a service would: files in, mails out, files back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Self

import polars as pl

from campaigns.errors import NotAllowed, RefusedFile
from campaigns.sandbox import answering, building, states
from campaigns.sandbox import truth as known
from campaigns.sandbox.alone import alone
from campaigns.sandbox.constants import CONSTANTS
from campaigns.sandbox.life import World
from campaigns.sandbox.reader import Reader
from campaigns.sandbox.setup import Setup, day_number, new_setup, read_setup
from campaigns.sandbox.truth import Truth
from campaigns.standin import Mail

ARTWORKS = f"https://artwork.{CONSTANTS.domain}"


class Service:
    """The service in a folder.

    Raises:
        NotFound: there is none.
        RefusedFile: one of another version, or one that lacks files of its own.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        before = self.setup
        try:
            states.must_be_whole(folder, before)
        except RefusedFile:
            if self.setup == before:
                raise
            states.must_be_whole(folder, self.setup)  # another process ended a day meanwhile

    @classmethod
    def build(
        cls, folder: Path, *, members: int = 40_000, seed: int = 0, start: date, artworks: str = ARTWORKS
    ) -> Self:
        """Build a service that is about to live the day `start`; `start_folder` then holds what to import.

        The same arguments give the same files. `artworks` is what the pictures' addresses begin with.

        A build that was killed may be repeated: it begins anew.

        Raises:
            NotAllowed: there are no members, the start is too long ago or too far away, or another build is at work.
            RefusedFile: there is a service in the folder, or something else.
        """
        building.build(folder, new_setup(members, seed, start, artworks))
        return cls(folder)

    @property
    def setup(self) -> Setup:
        """Which service it is, and its next day, as its folder says now: other processes live days, too."""
        return read_setup(self.folder)

    @property
    def start_folder(self) -> Path:
        """What there is to import at first."""
        return self.folder / "start"

    @property
    def next_day(self) -> date:
        """The day that it will live next."""
        return date.fromisoformat(self.setup.next_day)

    def live(self, day: date, mails: Iterable[Mail]) -> Path:
        """Live a day and return the folder of what it brought: plays, outcomes, members who cancelled.

        Args:
            day: the next one, or one that was lived before: that one is not lived again.
            mails: what the stand-in accepted, of this day at least; mails of later days and known ones are left out.

        Raises:
            NotAllowed: days before it have not been lived, it is before the service's first, or another process lives
                a day of this service.
            RefusedFile: it was lived, and what it brought is gone; or a file of the service is damaged.
        """
        with alone(self.folder):
            known_messages = set(self._ledger()["message"])
            return self._live(day, self.reader.read(mails, known_messages))

    def live_shown(self, day: date, shown: pl.DataFrame) -> Path:
        """The same, for mails that have been read (`reader.SHOWN`): to try a policy without writing its mails."""
        with alone(self.folder):
            return self._live(day, shown)

    def _live(self, day: date, shown: pl.DataFrame) -> Path:
        setup = self.setup
        if day < date.fromisoformat(setup.start):
            raise NotAllowed(f"live {day}", f"the service begins later; its first day is {setup.start}")
        if day > self.next_day:
            raise NotAllowed(f"live {day}", f"the days before it have not been lived; the next one is {self.next_day}")
        if day == self.next_day:
            answering.answer(self.folder, setup, self.world, shown)
        return self._lived(day)

    def truth(self, campaign: str, *, within_days: int = 7, as_of: datetime | None = None) -> Truth:
        """What a campaign's mails really won: first ones, and follow-ups, within so many days of the first.

        `as_of`: only of first mails whose window had closed by then, as a report counts them; None: of all.
        """
        until = None if as_of is None else round(as_of.timestamp() * 1e6)
        return known.truth(self.world.draws, self._ledger(), campaign, within_days, until)

    def campaigns(self) -> list[str]:
        """The campaigns whose mails it received, the earlier system's among them."""
        return sorted(self._ledger()["campaign"].unique())

    def received(self, day: date) -> int:
        """How many mails it took up on a day."""
        return int((self._ledger()["day"] == day_number(day)).sum())

    def effects(self, day: date, *, within_days: int = 7) -> pl.DataFrame:
        """What a mail of fit 1, come in the evening, would do to each member who has lapsed and may be written to.

        Returns:
            member_id, inactive_days (since the last play; never played: since they signed up), mails (in the last 90
            days), p_mailed, p_unmailed, effect; by member.

        Raises:
            NotAllowed: the day is not the next one.
        """
        if day != self.next_day:
            raise NotAllowed(f"effects on {day}", f"they are known of the next day alone, {self.next_day}")
        parts = [
            known.effects(self.world.draws, numbers, state, self._ledger(), day_number(day), within_days)
            for numbers, state in states.states(self.folder, self.setup)
        ]
        return pl.concat(parts)

    def oracle(
        self, day: date, budget: int, *, inactive_days: tuple[int, int] = (30, 365), without: pl.Series | None = None
    ) -> pl.Series:
        """The ids of the members with the largest true effect, best first: whom one who knew would write to.

        `without`: members who may not be chosen, such as those of earlier days.
        """
        lapsed = self.effects(day).filter(pl.col("inactive_days").is_between(*inactive_days))
        if without is not None:
            lapsed = lapsed.filter(~pl.col("member_id").is_in(without.implode()))
        return lapsed.sort(-pl.col("effect"), "member_id").head(budget)["member_id"]

    @cached_property
    def world(self) -> World:
        """What all its members share."""
        return building.world_of(self.setup)

    @cached_property
    def reader(self) -> Reader:
        """Reads mails about its titles."""
        return Reader(self.world.titles)

    def _lived(self, day: date) -> Path:
        folder = self.folder / "days" / day.isoformat()
        if not folder.is_dir():
            raise RefusedFile(str(folder), "is missing; remove the service's folder and build it anew")
        return folder

    def _ledger(self) -> pl.DataFrame:
        return states.known_mails(self.folder, self.setup)
