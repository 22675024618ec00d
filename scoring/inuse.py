"""Which versions of a model went into use, and who decided."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from scoring.errors import BadData

MEND = "say which version is to be used: encore models promote VERSION"


@dataclass(frozen=True)
class Use:
    """The versions that went into use and were not withdrawn, the latest last; those withdrawn since.

    `by_hand`: a person decided on what is in use now, be it no model at all.
    """

    history: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    by_hand: bool = False

    @property
    def live(self) -> str | None:
        """The version in use, if any."""
        return self.history[-1] if self.history else None

    def promoted(self, version: str, *, by_hand: bool) -> Use:
        """With this version in use."""
        history, withdrawn = (
            tuple(other for other in told if other != version) for told in (self.history, self.withdrawn)
        )
        return Use((*history, version), withdrawn, by_hand)

    def rolled_back(self, usable: Callable[[str], bool]) -> Use:
        """With the latest `usable` version before the one in use, or none; nothing changes where none is in use."""
        if not self.history:
            return self
        earlier = [place for place, version in enumerate(self.history[:-1], start=1) if usable(version)]
        return Use(self.history[: max(earlier, default=0)], (*self.withdrawn, self.history[-1]), by_hand=True)

    def to_text(self) -> str:
        """As `read` reads it."""
        return json.dumps(asdict(self), indent=1) + "\n"


def read(path: Path) -> Use:
    """What a file says; nothing in use where there is none.

    Raises:
        BadData: it is damaged.
    """
    try:
        told = json.loads(path.read_bytes())
        return Use(_names(told["history"]), _names(told["withdrawn"]), told.get("by_hand", False) is True)
    except FileNotFoundError:
        return Use()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadData(str(path), f"it cannot be read ({type(error).__name__})", MEND) from error


def _names(told: object) -> tuple[str, ...]:
    if not isinstance(told, list) or not all(isinstance(version, str) for version in told):
        raise TypeError(told)
    return tuple(told)
