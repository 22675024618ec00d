"""Posters of the simulated service's titles: flat shapes of one palette, in three styles, the title at the foot.

A title always looks the same: all that is drawn follows from its name and the style.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from campaigns.sandbox.palettes import PALETTES, REDS, Palette
from campaigns.sandbox.scenes import SCENES, Canvas

POSTER = (400, 600)  # pixels
_FINER = 2  # times as large while drawn: edges are then smooth
_COLOURS = 256  # of the file, the shades of edges and of the foot among them
_FOOT = 0.42  # of the height that darkens towards the foot, so that the title can be read


class Picture(NamedTuple):
    """A picture that a title needs: its name on it, in one of the styles (faces, action or landscape)."""

    title_id: str
    name: str
    style: str


def draw(name: str, style: str) -> Image.Image:
    """The poster of the title called `name` in a style (faces, action or landscape)."""
    fine = (POSTER[0] * _FINER, POSTER[1] * _FINER)
    palette = _palette(name, style)
    canvas = Canvas(Image.new("RGB", fine, palette.deep), palette, Random(f"{name}:{style}"))  # noqa: S311 - a picture is no secret
    SCENES[style](canvas)
    _darken_foot(canvas.image, palette)
    _write(canvas.image, name)
    return canvas.image.reduce(_FINER).quantize(_COLOURS, dither=Image.Dither.NONE)


def write_posters(folder: Path, pictures: Iterable[Picture]) -> int:
    """Write each picture to `{title}/{style}.png`; those that are there are kept. Returns how many were drawn."""
    missing = [picture for picture in pictures if not _path(folder, picture).exists()]
    with ThreadPoolExecutor() as threads:  # Pillow draws outside the interpreter's lock
        list(threads.map(lambda picture: _write_poster(_path(folder, picture), picture), missing))
    return len(missing)


def _path(folder: Path, picture: Picture) -> Path:
    return folder / picture.title_id / f"{picture.style}.png"


def _write_poster(path: Path, picture: Picture) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draw(picture.name, picture.style).save(
        path, compress_level=6
    )  # within a tenth of the smallest, in an eighth of the time


def _palette(name: str, style: str) -> Palette:
    dice = Random(name)  # noqa: S311 - as above
    own, red = dice.choice(PALETTES), dice.choice(REDS)
    return red if style == "action" else own


def _darken_foot(image: Image.Image, palette: Palette) -> None:
    """Night rises from the foot, in even steps that stay invisible."""
    width, height = image.size
    ramp = Image.linear_gradient("L").resize((width, round(height * _FOOT)))
    mask = Image.new("L", image.size, 0)
    mask.paste(ramp.point([min(235, int(level * 1.25)) for level in range(256)]), (0, height - ramp.height))
    image.paste(palette.night, (0, 0), mask)


def _write(image: Image.Image, name: str) -> None:
    """The title in heavy white letters at the foot, in as many lines as it needs."""
    width, height = image.size
    margin = round(width * 0.07)
    size, lines = _fitted(name, round(width * 0.86), round(height * 0.098))
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(size=size)
    step = round(size * 1.06)
    y = height - margin - step * len(lines)
    for line in lines:
        pen.text((margin, y), line, font=font, fill="white", stroke_width=max(1, round(size / 42)), stroke_fill="white")
        y += step


def _fitted(name: str, most: int, largest: int) -> tuple[int, list[str]]:
    """The largest letters, and the lines, with which a name fits a width: two lines where they need not be small."""
    size = largest
    while True:
        font = ImageFont.load_default(size=size)
        lines = _lines(name, most, font)
        fits = all(font.getlength(line) + size / 12 <= most for line in lines)
        if fits and len(lines) <= (2 if size > 0.75 * largest else 3):
            return size, lines
        size -= max(1, size // 20)


def _lines(name: str, most: int, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> list[str]:
    lines = [""]
    for word in name.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > most:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
