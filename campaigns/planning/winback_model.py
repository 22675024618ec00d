"""The win-back model that a run takes when it is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring.errors import BadData, OtherVersion
from scoring.registry import winback_models
from scoring.winback import WinbackModel
from scoring.winback.features import VERSION

if TYPE_CHECKING:
    from campaigns.stores import Stores


def live_model(stores: Stores) -> str | None:
    """The version in use; None: there is none.

    Raises:
        OtherVersion: another version of Encore made it: a run that took it could never be scored.
        BadData: it is damaged.
    """
    registry = winback_models(stores.home)
    live = registry.live()
    if live is not None:
        WinbackModel.check(registry.path(live), VERSION)
    return live


def model_is_usable(stores: Stores) -> bool:
    """Whether a run can be opened; with no model at all it can."""
    try:
        live_model(stores)
    except (OtherVersion, BadData):
        return False
    return True
