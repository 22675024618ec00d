"""Model versions: stored, described, promoted, rolled back.

A version is a folder of the model's own files and a `card.json` that says what it was trained on and why it was taken;
what is found out later is kept beside it, never over it.
Which one is live, and which were withdrawn, is one small file, replaced whole; a folder appears whole or not at all.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from scoring.errors import BadData


@dataclass(frozen=True)
class Card:
    """What is known of a model version. `verdict` says in a sentence why it was promoted or refused."""

    version: str
    trained_as_of: str
    rows: int
    verdict: str
    facts: dict[str, Any] = field(default_factory=dict)


class Registry:
    """The versions of one model, under a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def versions(self) -> list[Card]:
        """All versions, oldest first."""
        cards = sorted(self.folder.glob("[!.]*/card.json"), key=lambda path: path.parent.name)
        return [Card(**json.loads(card.read_text(encoding="utf-8"))) for card in cards]

    def card(self, version: str) -> Card:
        """A version's card.

        Raises:
            BadData: there is no such version.
        """
        return Card(**json.loads((self.path(version) / "card.json").read_text(encoding="utf-8")))

    def trained_as_of(self, version: str) -> datetime:
        """What a version knows had happened before. BadData where there is no such version."""
        return datetime.fromisoformat(self.card(version).trained_as_of)

    def lived(self) -> list[str]:
        """The version in use and those before it that were not withdrawn, the latest last."""
        return [version for version in self._told()["history"] if self.holds(version)]

    def holds(self, version: str) -> bool:
        """Is there such a version?"""
        return bool(version) and (self.folder / version / "card.json").exists()

    def live(self) -> str | None:
        """The version in use, if any."""
        history = self._told()["history"]
        return history[-1] if history else None

    def withdrawn(self) -> list[str]:
        """Versions that were rolled back and not promoted again."""
        return self._told()["withdrawn"]

    def path(self, version: str) -> Path:
        """A version's folder.

        Raises:
            BadData: there is no such version.
        """
        if not self.holds(version):
            raise BadData("version", f"there is no {version!r}", "`encore models list` shows those there are")
        return self.folder / version

    def keep(self, version: str, name: str, told: Any) -> None:
        """Keep something beside a version's card, as JSON called `name`; what stands under that name stays."""
        path = self.path(version) / f"{name}.json"
        if path.exists():
            return
        staged = path.with_name(f".{name}-{uuid4().hex}")
        staged.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
        staged.replace(path)

    def kept(self, version: str, prefix: str) -> list[Any]:
        """What was kept beside a version's card under names that begin with `prefix`, in their order."""
        files = sorted(self.path(version).glob(f"{prefix}*.json"))
        return [json.loads(file.read_text(encoding="utf-8")) for file in files]

    def store(self, card: Card, save: Callable[[Path], object]) -> Path:
        """Keep a version: `save` writes the model's files into the folder it is given.

        The same data train the same model: where a version stands already, it is this one.
        """
        path = self.folder / card.version
        if path.exists():
            return path
        staged = self.folder / f".{card.version}-{uuid4().hex}"
        staged.mkdir(parents=True)
        try:
            save(staged)
            (staged / "card.json").write_text(json.dumps(asdict(card), indent=1), encoding="utf-8")
            return staged.rename(path)
        except OSError:
            if path.exists():  # someone else was faster
                return path
            raise
        finally:
            shutil.rmtree(staged, ignore_errors=True)

    def promote(self, version: str) -> None:
        """Make a version the one in use.

        Raises:
            BadData: there is no such version.
        """
        self.path(version)
        told = self._told()
        withdrawn = [other for other in told["withdrawn"] if other != version]
        history = [other for other in told["history"] if other != version]
        self._write([*history, version], withdrawn)

    def rollback(self) -> str | None:
        """Withdraw the version in use for the one before; returns that, or None when there was none."""
        told = self._told()
        self._write(told["history"][:-1], [*told["withdrawn"], *told["history"][-1:]])
        return self.live()

    def _told(self) -> dict[str, list[str]]:
        path = self.folder / "live.json"
        nothing: dict[str, list[str]] = {"history": [], "withdrawn": []}
        return nothing | json.loads(path.read_text(encoding="utf-8")) if path.exists() else nothing

    def _write(self, history: list[str], withdrawn: list[str]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        staged = self.folder / f".live-{uuid4().hex}"
        staged.write_text(json.dumps({"history": history, "withdrawn": withdrawn}), encoding="utf-8")
        staged.replace(self.folder / "live.json")


def winback_models(home: Path) -> Registry:
    """The versions of the win-back model that a home keeps."""
    return Registry(home / "models" / "winback")
