"""`python -m bench pictures FOLDER`: the pictures of docs/images, of what a demo left in FOLDER (.encore/demo)."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from bench.browser import photograph

IMAGES = Path(__file__).parent.parent / "docs" / "images"


class Shot(NamedTuple):
    """A picture to be taken: of a page, so wide, down to `tallest`."""

    name: str
    page: Path
    width: int
    tallest: int


def lines(arguments: Sequence[str]) -> Iterator[str]:
    """Take all pictures; a line for each."""
    (folder,) = map(Path, arguments)
    mail = fullest(folder / "emails")
    for shot in shots(folder, mail):
        for scheme in ("light", "dark"):
            picture = photograph(shot.page, shot.width, dark=scheme == "dark", tallest=shot.tallest)
            yield _kept(picture, f"{shot.name}-{scheme}")
    with tempfile.TemporaryDirectory(prefix="encore-") as elsewhere:
        alone = Path(elsewhere) / mail.name  # its pictures are not beside it here
        alone.write_text(mail.read_text(encoding="utf-8"), encoding="utf-8")
        yield _kept(photograph(alone, 390, dark=False), "mail-phone-pictures-off")


def shots(folder: Path, mail: Path) -> list[Shot]:
    """What is shown of a demo: a mail, the report, and the page that tells of all mails; on a desk and on a phone."""
    report, demo = folder / "report.html", folder / "index.html"
    return [
        Shot("mail-desktop", mail, 700, 1500),
        Shot("mail-phone", mail, 390, 1400),
        Shot("report-desktop", report, 1280, 1400),
        Shot("report-phone", report, 390, 1600),
        Shot("demo-desktop", demo, 1280, 1200),
        Shot("demo-phone", demo, 390, 1600),
    ]


def fullest(emails: Path) -> Path:
    """The English mail that shows most pictures."""
    told = {mail: mail.read_text(encoding="utf-8") for mail in sorted(emails.glob("*.html"))}
    english = [mail for mail, html in told.items() if re.search('<html[^>]* lang="en', html)]
    if not english:
        raise FileNotFoundError(f"there is no English mail in {emails}; `encore demo` leaves some")
    return max(english, key=lambda mail: told[mail].count("../artwork/"))


def _kept(picture: Image.Image, name: str) -> str:
    """Keep a picture in 256 colours, half as large; without dither the posters' shadows would show bands."""
    file = IMAGES / f"{name}.png"
    picture.quantize(palette=picture.quantize(256), dither=Image.Dither.FLOYDSTEINBERG).save(file, optimize=True)
    return f"{name:<26}{picture.width:>6} × {picture.height:<6}{file.stat().st_size / 1000:>6.0f} kB"
