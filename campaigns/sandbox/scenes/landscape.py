"""A horizon with light over it and depth before it."""

from __future__ import annotations

from math import pi, sin
from random import Random
from typing import NamedTuple

from PIL import ImageColor

from campaigns.sandbox.scenes.canvas import Canvas, Point


class Sun(NamedTuple):
    """Where the light is, and the colour of the sky over the horizon."""

    x: float
    y: float
    radius: float
    strip: str


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
