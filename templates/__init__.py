"""What Encore writes with: mails (MJML and Jinja), web pages (Jinja), words (gettext). No Python but this loader.

>>> "comeback.mjml" in names("email", ".mjml")
True
>>> read("email/no-such.mjml") is None
True
"""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable

__all__ = ["folder", "names", "read"]


def folder(path: str) -> Traversable:
    """A folder or file of this package, installed as files or zipped; it need not exist."""
    return files(__name__).joinpath(*path.split("/"))


def read(path: str) -> str | None:
    """The text of the file at `path`, such as `email/comeback.mjml`; None where there is none."""
    file = folder(path)
    return file.read_text(encoding="utf-8") if file.is_file() else None


def names(path: str, suffix: str = "") -> list[str]:
    """What lies in the folder at `path` and ends in `suffix`, in order."""
    inside = folder(path)
    return sorted(item.name for item in inside.iterdir() if item.name.endswith(suffix)) if inside.is_dir() else []
