"""The win-back model that a run takes when it is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring.errors import ScoringError
from scoring.winback.versions import winback_models

if TYPE_CHECKING:
    from campaigns.stores import Stores


def live_model(stores: Stores) -> str | None:
    """The version in use; None: there is none.

    Raises:
        OtherVersion: another version of Encore made it: a run that took it could never be scored.
        BadData: it is damaged, or what says which is in use.
    """
    registry = winback_models(stores.home)
    live = registry.live()
    if live is not None:
        registry.check(live)
    return live


def model_is_usable(stores: Stores) -> bool:
    """Whether a run can be opened; with no model at all it can."""
    try:
        live_model(stores)
    except ScoringError:
        return False
    return True
