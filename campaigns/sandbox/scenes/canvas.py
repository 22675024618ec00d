"""What posters are drawn on: an image in units of its height, with a palette and the dice of its title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from PIL import Image, ImageDraw

from campaigns.sandbox.palettes import Palette

Point = tuple[float, float]


@dataclass(frozen=True)
class Canvas:
    """An image to draw on in units of its height, from the top left."""

    image: Image.Image
    palette: Palette
    dice: Random

    @property
    def width(self) -> float:
        """How wide, where the height is 1."""
        return self.image.width / self.image.height

    @property
    def middle(self) -> float:
        """Where what matters stands."""
        return self.width * 0.5

    def area(self, points: Sequence[Point], fill: str) -> None:
        """A polygon."""
        scale = self.image.height
        ImageDraw.Draw(self.image).polygon([(x * scale, y * scale) for x, y in points], fill=fill)

    def flare(self, x: float, top: tuple[float, float], bottom: tuple[float, float], fill: str) -> None:
        """A shape about `x` between two heights, with half its width at each."""
        (y, half), (low, wide) = top, bottom
        self.area([(x - half, y), (x + half, y), (x + wide, low), (x - wide, low)], fill)

    def disc(self, x: float, y: float, radius: float, fill: str, *, tall: float = 1.0) -> None:
        """A circle, or an ellipse that is `tall` times as high as it is wide."""
        scale = self.image.height
        box = (x - radius, y - radius * tall, x + radius, y + radius * tall)
        ImageDraw.Draw(self.image).ellipse([side * scale for side in box], fill=fill)

    def band(self, top: float, bottom: float, fill: str) -> None:
        """A strip from side to side."""
        self.area([(0, top), (self.width, top), (self.width, bottom), (0, bottom)], fill)
