"""The versions of the win-back model that a home keeps."""

from __future__ import annotations

from pathlib import Path

from scoring.registry import Registry
from scoring.winback.features import VERSION
from scoring.winback.model import WinbackModel


def winback_models(home: Path) -> Registry:
    """Their registry, which knows what this version of Encore can use."""
    return Registry(home / "models" / "winback", lambda folder: WinbackModel.check(folder, VERSION))
