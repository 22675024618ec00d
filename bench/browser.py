"""Pages as a browser shows them: headless Chromium, at any width, light or dark."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

NAMES = ("chromium", "chromium-browser", "google-chrome")
NARROWEST = 500  # pixels: Chromium makes no window narrower, a frame within it may be
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=3000")
FRAME = """<!doctype html><meta charset="utf-8"><html style="color-scheme: light dark"><title></title>
<body style="margin: 0"><iframe src="{page}" style="display: block; border: 0; width: {width}px; height: {height}px">
</iframe><script>
onload = () => {{
  const {{ contentDocument: page, contentWindow: view }} = document.querySelector("iframe");
  const over = part => part.getBoundingClientRect().right > view.innerWidth + 1;
  const cut = part => getComputedStyle(part).overflowX !== "visible" && part.scrollWidth > part.clientWidth + 1;
  const wide = [...page.body.querySelectorAll("*:not(svg *)")].filter(part => over(part) || cut(part));
  document.title = JSON.stringify({{
    height: page.documentElement.scrollHeight, width: page.documentElement.scrollWidth,
    overflowing: wide.map(part => `${{part.tagName}}: ${{part.textContent.trim().slice(0, 40)}}`),
    fetched: view.performance.getEntriesByType("resource").map(entry => entry.name) }});
}};
</script>"""


class Seen(NamedTuple):
    """A page as laid out: its size in pixels, what reaches over its edge or its own box, what it fetched by network."""

    width: int
    height: int
    overflowing: list[str]
    fetched: list[str]


def chromium() -> str | None:
    """Where the browser is; None: there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def look(page: Path, width: int) -> Seen:
    """Lay a page out at `width` pixels, and measure."""
    dom = _run(page, width, 800, "--dump-dom")
    title = re.search("<title>(.*?)</title>", dom, re.DOTALL)
    if title is None or not title[1]:
        raise RuntimeError(f"the browser could not lay out {page}: {dom[:200]}")
    told: dict[str, Any] = json.loads(unescape(title[1]))
    return Seen(**told)


def photograph(page: Path, width: int, *, dark: bool, tallest: int | None = None) -> Image.Image:
    """A picture of a page, down to its end or `tallest` pixels."""
    height = min(look(page, width).height, tallest or 16_000)
    with tempfile.TemporaryDirectory(prefix="encore-") as folder:
        shot = Path(folder) / "shot.png"
        scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
        _run(page, width, height, f"--screenshot={shot}", scheme)
        return Image.open(shot).convert("RGB").crop((0, 0, width, height))


def _run(page: Path, width: int, height: int, *flags: str) -> str:
    browser = chromium()
    if browser is None:
        raise RuntimeError(f"there is no browser; install one of {', '.join(NAMES)}")
    with tempfile.TemporaryDirectory(prefix="encore-") as folder:
        frame = Path(folder) / "frame.html"
        frame.write_text(FRAME.format(page=page.absolute().as_uri(), width=width, height=height), encoding="utf-8")
        own = (f"--user-data-dir={folder}/profile", "--allow-file-access-from-files")
        size = f"--window-size={max(width, NARROWEST)},{height}"
        command = [browser, *FLAGS, *own, size, *flags, frame.as_uri()]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
