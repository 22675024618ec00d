"""Model versions: stored, described, promoted, rolled back.

A version is a folder of the model's own files and a `card.json` that says what it was trained on and why it was taken.
Which one is live is one small file, replaced whole; a folder appears whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

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
        cards = sorted(self.folder.glob("*/card.json"), key=lambda path: path.parent.name)
        return [Card(**json.loads(card.read_text(encoding="utf-8"))) for card in cards]

    def live(self) -> str | None:
        """The version in use, if any."""
        return self._history()[-1] if self._history() else None

    def path(self, version: str) -> Path:
        """A version's folder.

        Raises:
            BadData: there is no such version.
        """
        path = self.folder / version
        if not (path / "card.json").exists():
            raise BadData("version", f"there is no {version!r}", "`encore models list` shows those there are")
        return path

    def store(self, card: Card, save: Callable[[Path], object]) -> Path:
        """Keep a version: `save` writes the model's files into the folder it is given."""
        path = self.folder / card.version
        staged = self.folder / f".{card.version}.new"
        staged.mkdir(parents=True, exist_ok=True)
        save(staged)
        (staged / "card.json").write_text(json.dumps(asdict(card), indent=1), encoding="utf-8")
        if path.exists():  # the same data train the same model: what stands there is this one
            return path
        return staged.rename(path)

    def promote(self, version: str) -> None:
        """Make a version the one in use."""
        self.path(version)
        self._write([*self._history(), version])

    def rollback(self) -> str | None:
        """Go back to the version that was in use before; returns it, or None when there was none."""
        history = self._history()[:-1]
        self._write(history)
        return history[-1] if history else None

    def _history(self) -> list[str]:
        path = self.folder / "live.json"
        return list(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else []

    def _write(self, history: list[str]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        staged = self.folder / "live.new"
        staged.write_text(json.dumps(history), encoding="utf-8")
        staged.replace(self.folder / "live.json")
