"""What posters show, a file a style; all of flat shapes."""

from __future__ import annotations

from collections.abc import Callable

from campaigns.sandbox.scenes.action import action
from campaigns.sandbox.scenes.canvas import Canvas
from campaigns.sandbox.scenes.faces import faces
from campaigns.sandbox.scenes.landscape import landscape

__all__ = ["SCENES", "Canvas"]

SCENES: dict[str, Callable[[Canvas], None]] = {"faces": faces, "action": action, "landscape": landscape}
