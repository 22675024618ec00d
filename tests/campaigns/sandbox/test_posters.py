import io

import numpy as np
import pytest

from campaigns.sandbox.constants import STYLES
from campaigns.sandbox.posters import POSTER, Picture, draw, write_posters


def png(image):
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    "name", ["Kavoris", "The Forgotten Lantern", "Return to Thelmere", "The Tempestade of Somewherelong"]
)
def test_a_title_always_looks_the_same_and_is_small(name, style):
    image = draw(name, style)
    assert image.size == POSTER
    assert png(image) == png(draw(name, style))
    assert len(png(image)) < 30_000


def test_styles_and_titles_differ():
    pictures = {png(draw(name, style)) for name in ("Kavoris", "Beyond Tandor") for style in STYLES}
    assert len(pictures) == 6


def test_the_title_stands_in_white_on_dark_at_the_foot():
    for style in STYLES:
        foot = np.asarray(draw("The Silent Harbour", style).convert("L"))[450:570]
        assert (foot > 240).mean() > 0.05
        assert np.median(foot) < 110


def test_a_poster_is_written_once(tmp_path):
    pictures = [Picture("t0001", "Kavoris", style) for style in STYLES]
    assert write_posters(tmp_path, pictures) == 3
    assert write_posters(tmp_path, pictures) == 0
    assert sorted(path.name for path in (tmp_path / "t0001").iterdir()) == sorted(f"{style}.png" for style in STYLES)
