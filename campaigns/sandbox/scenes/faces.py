"""Two heads at most, of flat shapes, before a plain ground."""

from __future__ import annotations

from math import cos, pi, sin

from PIL import ImageColor

from campaigns.sandbox.palettes import HAIRS, SKINS
from campaigns.sandbox.scenes.canvas import Canvas, Point


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


def _person(canvas: Canvas, x: float, y: float, size: float, cloth: str) -> None:
    """Shoulders, neck, hair and a head without features."""
    dice = canvas.dice
    skin = dice.choice(SKINS)
    hair = dice.choice([hair for hair in HAIRS if abs(_grey(hair) - _grey(skin)) > 45])
    cut = dice.choice(["cap", "cap", "long", "cloud", "bun"])
    _hair(canvas, x, y, size, hair, cut)
    canvas.area(_shoulders(x, y + size * 1.35, size * 2.0), cloth)
    canvas.flare(x, (y, size * 0.38), (y + size * 1.6, size * 0.42), skin)
    canvas.disc(x, y + size * 1.55, size * 0.42, skin, tall=0.7)
    canvas.disc(x, y, size, skin, tall=1.16)
    canvas.area(_fringe(x, y, size, dice.uniform(-0.5, 0.5)), hair)


def _hair(canvas: Canvas, x: float, y: float, size: float, hair: str, cut: str) -> None:
    """What of the hair is seen behind the head."""
    if cut == "cloud":
        canvas.disc(x, y - size * 0.25, size * 1.42, hair)
    elif cut == "long":
        canvas.disc(x, y - size * 0.05, size * 1.2, hair)
        canvas.flare(x, (y, size * 1.2), (y + size * 2.1, size * 1.3), hair)
    elif cut == "bun":
        canvas.disc(x, y - size * 1.35, size * 0.45, hair)


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


def _grey(colour: str) -> float:
    """How light a colour is, from 0 to 255."""
    red, green, blue = ImageColor.getrgb(colour)[:3]
    return 0.299 * red + 0.587 * green + 0.114 * blue
