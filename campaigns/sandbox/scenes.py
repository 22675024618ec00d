"""What posters show: two heads at most, a rush of diagonals, or a horizon; all of flat shapes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from random import Random
from typing import NamedTuple

from PIL import Image, ImageColor, ImageDraw

from campaigns.sandbox.palettes import HAIRS, SKINS, Palette

Point = tuple[float, float]


@dataclass(frozen=True)
class Canvas:
    """An image to draw on in units of its height, from the top left; `width` is in the same unit.

    `middle` is where what matters stands.
    """

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

    def disc(self, x: float, y: float, radius: float, fill: str, *, tall: float = 1.0) -> None:
        """A circle, or an ellipse that is `tall` times as high as it is wide."""
        scale = self.image.height
        box = (x - radius, y - radius * tall, x + radius, y + radius * tall)
        ImageDraw.Draw(self.image).ellipse([side * scale for side in box], fill=fill)

    def band(self, top: float, bottom: float, fill: str) -> None:
        """A strip from side to side."""
        self.area([(0, top), (self.width, top), (self.width, bottom), (0, bottom)], fill)


class Sun(NamedTuple):
    """Where the light is, and the colour of the sky over the horizon."""

    x: float
    y: float
    radius: float
    strip: str


def faces(canvas: Canvas) -> None:
    """One head or two, warm, before a plain ground with a light behind."""
    dice, palette, x = canvas.dice, canvas.palette, canvas.middle
    ground, cloth = dice.choice(
        [(palette.deep, palette.accent), (palette.middle, palette.light), (palette.accent, palette.deep)]
    )
    canvas.band(0, 1, ground)
    halo = palette.middle if ground != palette.middle else palette.deep
    if dice.random() < 0.6:
        canvas.disc(x, 0.42, 0.36, halo)
    if dice.random() < 0.4:
        behind = next(
            fill for fill in (palette.middle, palette.night, palette.accent) if fill not in (ground, halo, cloth)
        )
        _person(canvas, x + 0.13, 0.36, 0.115, behind)
        _person(canvas, x - 0.1, 0.43, 0.135, cloth)
    else:
        _person(canvas, x, 0.4, 0.155, cloth)


def action(canvas: Canvas) -> None:
    """Diagonals and speed, in reds."""
    scene = canvas.dice.choice([_beams, _rays, _chase, _strike])
    canvas.band(0, 1, canvas.palette.deep)
    scene(canvas)


def landscape(canvas: Canvas) -> None:
    """A horizon with light over it and depth before it."""
    palette, dice = canvas.palette, canvas.dice
    strip = dice.choice([_dusk, _noon])(canvas)
    x = canvas.middle + dice.uniform(-0.1, 0.1) * canvas.width
    sun = Sun(x, dice.uniform(0.2, 0.38), dice.uniform(0.07, 0.13), strip)
    canvas.disc(sun.x, sun.y, sun.radius, palette.light)
    scene = dice.choice([_mountains, _hills, _sea, _skyline])
    scene(canvas, sun)
    canvas.band(0.97, 1, palette.night)


SCENES: dict[str, Callable[[Canvas], None]] = {"faces": faces, "action": action, "landscape": landscape}


def _person(canvas: Canvas, x: float, y: float, size: float, cloth: str) -> None:
    """Shoulders, neck, hair and a head without features."""
    dice = canvas.dice
    skin = dice.choice(SKINS)
    hair = dice.choice([hair for hair in HAIRS if abs(_grey(hair) - _grey(skin)) > 45])
    cut = dice.choice(["cap", "cap", "long", "cloud", "bun"])
    if cut == "cloud":
        canvas.disc(x, y - size * 0.25, size * 1.42, hair)
    if cut == "long":
        canvas.disc(x, y - size * 0.05, size * 1.2, hair)
        canvas.area(
            [
                (x - size * 1.2, y),
                (x + size * 1.2, y),
                (x + size * 1.3, y + size * 2.1),
                (x - size * 1.3, y + size * 2.1),
            ],
            hair,
        )
    if cut == "bun":
        canvas.disc(x, y - size * 1.35, size * 0.45, hair)
    canvas.area(_shoulders(x, y + size * 1.35, size * 2.0), cloth)
    canvas.area(
        [
            (x - size * 0.38, y),
            (x + size * 0.38, y),
            (x + size * 0.42, y + size * 1.6),
            (x - size * 0.42, y + size * 1.6),
        ],
        skin,
    )
    canvas.disc(x, y + size * 1.55, size * 0.42, skin, tall=0.7)
    canvas.disc(x, y, size, skin, tall=1.16)
    canvas.area(_fringe(x, y, size, dice.uniform(-0.5, 0.5)), hair)


def _shoulders(x: float, y: float, half: float) -> list[Point]:
    """A bell from the neck down to the foot of the picture."""
    arc = [(x - half * cos(turn * pi / 24), y + half * 0.75 * (1 - sin(turn * pi / 24))) for turn in range(25)]
    return [(x - half, 1.0), *arc, (x + half, 1.0)]


def _fringe(x: float, y: float, size: float, parted: float) -> list[Point]:
    """The upper part of a head down to the temples, cut off by a curve that may hang to one side."""
    wide, tall = size * 1.02, size * 1.2
    arc = [(x - wide * cos(turn * pi / 30), y - tall * sin(turn * pi / 30)) for turn in range(31)]
    steps = [turn / 16 for turn in range(17)]
    curve = [(x + wide * (1 - 2 * t), y - size * sin(pi * t) * (0.58 + parted * (t - 0.5))) for t in steps]
    return [*arc, *curve]


def _beams(canvas: Canvas) -> None:
    """Broad slanted beams that cross the picture."""
    palette, dice, lean = canvas.palette, canvas.dice, canvas.dice.uniform(0.45, 0.65)
    at = canvas.middle - 0.42
    for fill, width in ((palette.middle, 0.24), (palette.night, 0.02), (palette.accent, 0.16), (palette.light, 0.03)):
        canvas.area([(at, 1), (at + lean, 0), (at + lean + width, 0), (at + width, 1)], fill)
        at += width + dice.uniform(0.0, 0.03)
    canvas.disc(canvas.middle + 0.14 * dice.choice([-1, 1]), 0.24, 0.075, palette.light)


def _rays(canvas: Canvas) -> None:
    """Rays that burst from a low point, and a sharp peak before them."""
    palette, count = canvas.palette, canvas.dice.choice([9, 11, 13])
    x, y, reach = canvas.middle + canvas.dice.uniform(-0.08, 0.08), 0.72, 2.4
    for ray in range(count):
        ends = [pi * (ray + part) / count for part in (0.0, 0.5)]
        fill = palette.middle if ray % 3 else palette.accent
        canvas.area([(x, y), *((x - reach * cos(turn), y - reach * sin(turn)) for turn in ends)], fill)
    canvas.disc(x, y, 0.2, palette.accent)
    canvas.disc(x, y, 0.13, palette.light)
    canvas.area([(x - 0.9, 1), (x - 0.12, 0.66), (x + 0.02, 0.76), (x + 0.2, 0.6), (x + 1.0, 1)], palette.night)


def _chase(canvas: Canvas) -> None:
    """A road that narrows to the horizon, and something fast with its trail."""
    palette, dice, x = canvas.palette, canvas.dice, canvas.middle
    side = dice.choice([-1, 1])
    canvas.band(0, 0.46, palette.middle)
    canvas.disc(x + side * 0.05, 0.46, 0.2, palette.accent)
    canvas.band(0.46, 1, palette.deep)
    canvas.area([(x - 0.5, 1), (x - 0.015, 0.46), (x + 0.015, 0.46), (x + 0.5, 1)], palette.night)
    for line in range(4):
        top, bottom = 0.49 + 0.1 * line, 0.53 + 0.12 * line
        canvas.area(
            [(x - _road(top), top), (x + _road(top), top), (x + _road(bottom), bottom), (x - _road(bottom), bottom)],
            palette.light,
        )
    for trail in range(4):
        y = 0.1 + 0.075 * trail
        start = x + side * dice.uniform(-0.35, -0.1)
        canvas.area(
            [(start, y), (start + side * 0.9, y - 0.16), (start + side * 0.9, y - 0.125)],
            (palette.light, palette.accent)[trail % 2],
        )


def _strike(canvas: Canvas) -> None:
    """A bolt through a split sky."""
    palette, x, lean = canvas.palette, canvas.middle, canvas.dice.choice([-1, 1])
    canvas.area([(x - lean * 0.25, 0), (x + lean * 2, 0), (x + lean * 2, 1), (x + lean * 0.15, 1)], palette.middle)
    canvas.disc(x, 0.36, 0.24, palette.night)
    bolt = [(0.1, 0.02), (-0.14, 0.4), (-0.01, 0.4), (-0.1, 0.76), (0.17, 0.31), (0.03, 0.31), (0.19, 0.02)]
    canvas.area([(x + lean * (across + 0.02), down + 0.02) for across, down in bolt], palette.accent)
    canvas.area([(x + lean * across, down) for across, down in bolt], palette.light)


def _road(y: float) -> float:
    """Half the width of the line in the middle of the road."""
    return 0.004 + 0.05 * (y - 0.46)


def _dusk(canvas: Canvas) -> str:
    """A dark sky that warms towards the horizon; returns its lowest strip."""
    palette = canvas.palette
    canvas.band(0, 1, palette.deep)
    canvas.band(0.3, 1, _between(palette.middle, palette.accent))
    canvas.band(0.43, 1, palette.accent)
    return palette.accent


def _between(colour: str, other: str) -> str:
    """A third of the way from one colour to another."""
    pairs = zip(ImageColor.getrgb(colour), ImageColor.getrgb(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) / 3):02x}" for one, two in pairs)


def _grey(colour: str) -> float:
    """How light a colour is, from 0 to 255."""
    red, green, blue = ImageColor.getrgb(colour)[:3]
    return 0.299 * red + 0.587 * green + 0.114 * blue


def _noon(canvas: Canvas) -> str:
    """A bright sky, paler over the horizon; returns its lowest strip."""
    palette = canvas.palette
    canvas.band(0, 1, palette.accent)
    canvas.band(0.46, 1, palette.light)
    return palette.light


def _mountains(canvas: Canvas, _sun: Sun) -> None:
    palette, dice = canvas.palette, canvas.dice
    for height, fill, steps in ((0.5, palette.middle, 2), (0.64, palette.deep, 3), (0.8, palette.night, 4)):
        canvas.area(_ridge(dice, canvas.width, height, steps), fill)


def _ridge(dice: Random, width: float, height: float, steps: int) -> list[Point]:
    points: list[Point] = [(-0.1, 1), (-0.1, height + 0.15)]
    for step in range(steps):
        left, span = width * step / steps, width / steps
        points.append((left + span * dice.uniform(0.3, 0.6), height - dice.uniform(0.02, 0.12)))
        points.append((left + span * dice.uniform(0.9, 1.1), height + dice.uniform(0.08, 0.16)))
    return [*points, (width + 0.1, height), (width + 0.1, 1)]


def _hills(canvas: Canvas, _sun: Sun) -> None:
    palette, dice = canvas.palette, canvas.dice
    for height, fill in ((0.56, palette.middle), (0.68, palette.deep), (0.82, palette.night)):
        phase, waves = dice.uniform(0, 2 * pi), dice.uniform(0.6, 1.2)
        swing = [
            (canvas.width * step / 40, height - 0.05 * sin(phase + waves * 2 * pi * step / 40)) for step in range(41)
        ]
        canvas.area([(0, 1), *swing, (canvas.width, 1)], fill)


def _sea(canvas: Canvas, sun: Sun) -> None:
    """Water with the light's path on it, and a sail or an island."""
    palette, dice = canvas.palette, canvas.dice
    canvas.band(0.56, 1, palette.deep)
    for line in range(5):
        half = sun.radius * (1.3 - 0.16 * line) * dice.uniform(0.8, 1.1)
        canvas.area(_bar(sun.x, 0.59 + 0.035 * line, half), palette.light if line < 2 else palette.accent)
    x = canvas.middle - dice.choice([-1, 1]) * canvas.width * 0.2
    if dice.random() < 0.5:
        canvas.area(
            [(x, 0.44), (x + 0.075, 0.575), (x, 0.575)], palette.deep if sun.strip == palette.light else palette.light
        )
        canvas.area([(x - 0.06, 0.585), (x + 0.09, 0.585), (x + 0.06, 0.61), (x - 0.035, 0.61)], palette.night)
    else:
        canvas.area(
            [(x - 0.2, 0.562), (x - 0.06, 0.5), (x + 0.02, 0.47), (x + 0.1, 0.53), (x + 0.2, 0.562)], palette.night
        )
    canvas.area([(0, 1), (0, 0.8), (canvas.width * 0.5, 0.85), (canvas.width, 0.79), (canvas.width, 1)], palette.night)


def _bar(x: float, y: float, half: float) -> list[Point]:
    return [(x - half, y), (x + half, y), (x + half, y + 0.012), (x - half, y + 0.012)]


def _skyline(canvas: Canvas, _sun: Sun) -> None:
    palette, dice = canvas.palette, canvas.dice
    for base, low, high, fill in ((0.5, 0.06, 0.1, palette.middle), (0.62, 0.07, 0.12, palette.deep)):
        x = -0.02
        while x < canvas.width:
            wide, top = dice.uniform(low, high), base + dice.uniform(-0.14, 0.1)
            canvas.area([(x, 1), (x, top), (x + wide, top), (x + wide, 1)], fill)
            _windows(canvas, x, top, wide, palette.accent if fill == palette.deep else palette.deep)
            x += wide + dice.choice([0.0, 0.0, 0.02])
    canvas.band(0.84, 1, palette.night)


def _windows(canvas: Canvas, x: float, top: float, wide: float, fill: str) -> None:
    for row in range(4):
        for column in range(2):
            if canvas.dice.random() < 0.45:
                left, up = x + wide * (0.2 + 0.4 * column), top + 0.03 + 0.045 * row
                canvas.area(
                    [(left, up), (left + wide * 0.2, up), (left + wide * 0.2, up + 0.02), (left, up + 0.02)], fill
                )
