"""Model versions: stored, described, promoted, rolled back.

A version is a folder of the model's own files and a `card.json` that says what it was trained on and why it was taken;
what is found out later is kept beside it, never over it.
Which one is live, and which were withdrawn, is one small file, replaced whole; a folder appears whole or not at all.
Writers take turns; readers take no lock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from scoring import folders, inuse, sealed
from scoring.errors import BadData, ScoringError
from scoring.inuse import Use

CARD, LIVE = "card.json", "live.json"
MEND = "train again, or use another: encore models promote VERSION"


@dataclass(frozen=True)
class Card:
    """What is known of a model version. `verdict` says in a sentence why it was promoted or refused."""

    version: str
    trained_as_of: str
    rows: int
    verdict: str
    facts: dict[str, Any] = field(default_factory=dict)


class Registry:
    """The versions of one model, under a folder.

    `check` raises a ScoringError where the files of a version, in the folder it is given, cannot be used.
    """

    def __init__(self, folder: Path, check: Callable[[Path], object] = lambda _: None) -> None:
        self.folder = folder
        self._check = check

    def versions(self) -> list[Card]:
        """All versions, oldest first; of one whose card is damaged, the verdict says so."""
        return [self._told(version) for version in self._names()]

    def card(self, version: str) -> Card:
        """A version's card.

        Raises:
            BadData: there is no such version, or its card is damaged.
        """
        path = self.path(version) / CARD
        told = sealed.read(path, MEND)
        try:
            card = Card(**told | {"version": version})
            datetime.fromisoformat(card.trained_as_of)
        except (TypeError, ValueError) as error:
            raise BadData(str(path), f"it cannot be read ({type(error).__name__})", MEND) from error
        return card

    def trained_as_of(self, version: str) -> datetime:
        """What a version knows had happened before. BadData where there is no such version."""
        return datetime.fromisoformat(self.card(version).trained_as_of)

    def lived(self) -> list[str]:
        """The version in use and those before it that were not withdrawn, the latest last."""
        return [version for version in self.use().history if self.holds(version)]

    def holds(self, version: str) -> bool:
        """Is there such a version?"""
        return version in self._names()

    def use(self) -> Use:
        """Which version is in use, and what was before. BadData where the file that says so is damaged."""
        return inuse.read(self.folder / LIVE)

    def live(self) -> str | None:
        """The version in use, if any."""
        return self.use().live

    def withdrawn(self) -> list[str]:
        """Versions that were rolled back and not promoted again."""
        return list(self.use().withdrawn)

    def path(self, version: str) -> Path:
        """A version's folder.

        Raises:
            BadData: there is no such version.
        """
        if not self.holds(version):
            raise BadData("version", f"there is no {version!r}", "`encore models list` shows those there are")
        return self.folder / version

    def check(self, version: str) -> None:
        """Raise what speaks against using a version: it is not there, damaged, or of another version of Encore."""
        self.card(version)
        self._check(self.path(version))

    def usable(self, version: str) -> bool:
        """Is there such a version, whole, and of this version of Encore?"""
        try:
            self.check(version)
        except ScoringError:
            return False
        return True

    def keep(self, version: str, name: str, told: Mapping[str, Any]) -> None:
        """Keep something beside a version's card, as JSON called `name`; what stands under that name stays."""
        path = self.path(version) / f"{name}.json"
        with folders.writing(self.folder):
            if not path.exists():
                folders.write(path, sealed.sealed(told))

    def kept(self, version: str, prefix: str) -> list[dict[str, Any]]:
        """What was kept beside a version's card under names that begin with `prefix`, in their order.

        Raises:
            BadData: there is no such version, or what was kept is damaged.
        """
        files = sorted(self.path(version).glob(f"{prefix}*.json"))
        return [sealed.read(file, "remove it: the card is shown without it") for file in files]

    def store(self, card: Card, save: Callable[[Path], object]) -> None:
        """Keep a version: `save` writes the model's files into the folder it is given.

        The same data train the same model: a version that stands already, and can be used, stays as it is; one that
        cannot gets its files anew.
        """

        def whole(folder: Path) -> None:
            save(folder)
            (folder / CARD).write_text(sealed.sealed(asdict(card)), encoding="utf-8")

        with folders.writing(self.folder):
            if not self.usable(card.version):
                folders.place(self.folder / card.version, whole)

    def promote(self, version: str) -> None:
        """Make a version the one in use, because a person says so: until another is clearly better.

        Where the file that says what is in use is damaged, what was in use before is forgotten.

        Raises:
            ScoringError: there is no such version, or it cannot be used.
        """
        with folders.writing(self.folder):
            self.check(version)
            try:
                before = self.use()
            except BadData:
                before = Use()
            self._write(before.promoted(version, by_hand=True))

    def succeed(self, version: str, before: Use) -> bool:
        """Make a version that was judged against what was in use `before` the one in use.

        False: something else came into use meanwhile, and stays.

        Raises:
            ScoringError: there is no such version, or it cannot be used.
        """
        with folders.writing(self.folder):
            self.check(version)
            now = self.use()
            if now == before:
                self._write(now.promoted(version, by_hand=False))
            return now == before or now.live == version

    def rollback(self) -> str | None:
        """Withdraw the version in use for the latest before it that can be used, because a person says so.

        Returns that, or None when there was none.
        """
        with folders.writing(self.folder):
            back = self.use().rolled_back(self.usable)
            self._write(back)
        return back.live

    def _names(self) -> list[str]:
        return sorted(path.parent.name for path in self.folder.glob(f"[!.]*/{CARD}"))

    def _told(self, version: str) -> Card:
        try:
            return self.card(version)
        except BadData as error:
            return Card(version, "", 0, f"damaged: {CARD}: {error.why}")

    def _write(self, told: Use) -> None:
        folders.write(self.folder / LIVE, told.to_text())
