"""A rush of diagonals, in reds."""

from __future__ import annotations

from math import cos, pi, sin

from campaigns.sandbox.scenes.canvas import Canvas


def action(canvas: Canvas) -> None:
    """Diagonals and speed, in reds."""
    scene = canvas.dice.choice([_beams, _rays, _chase, _strike])
    canvas.band(0, 1, canvas.palette.deep)
    scene(canvas)


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
        canvas.flare(x, (top, _road(top)), (bottom, _road(bottom)), palette.light)
    for trail in range(4):
        y = 0.1 + 0.075 * trail
        start = x + side * dice.uniform(-0.35, -0.1)
        canvas.area(
            [(start, y), (start + side * 0.9, y - 0.16), (start + side * 0.9, y - 0.125)],
            (palette.light, palette.accent)[trail % 2],
        )


def _road(y: float) -> float:
    """Half the width of the line in the middle of the road."""
    return 0.004 + 0.05 * (y - 0.46)


def _strike(canvas: Canvas) -> None:
    """A bolt through a split sky."""
    palette, x, lean = canvas.palette, canvas.middle, canvas.dice.choice([-1, 1])
    canvas.area([(x - lean * 0.25, 0), (x + lean * 2, 0), (x + lean * 2, 1), (x + lean * 0.15, 1)], palette.middle)
    canvas.disc(x, 0.36, 0.24, palette.night)
    bolt = [(0.1, 0.02), (-0.14, 0.4), (-0.01, 0.4), (-0.1, 0.76), (0.17, 0.31), (0.03, 0.31), (0.19, 0.02)]
    canvas.area([(x + lean * (across + 0.02), down + 0.02) for across, down in bolt], palette.accent)
    canvas.area([(x + lean * across, down) for across, down in bolt], palette.light)
