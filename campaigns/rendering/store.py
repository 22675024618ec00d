"""Where templates come from: the folder of this installation first, then the ones that come with Encore.

`$ENCORE_HOME/templates/email/comeback.mjml` takes the place of the packaged `comeback.mjml`; so do catalogues
under `$ENCORE_HOME/templates/locales/LANGUAGE/LC_MESSAGES/email.po`, phrase by phrase.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Protocol

import templates
from campaigns.errors import BadTemplate, NotFound
from campaigns.rendering.locales import normal, read_po

__all__ = ["Home", "TemplateStore", "store_of"]

_PART = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")
_CATALOGUE = ("LC_MESSAGES", "email.po")


class Home(Protocol):
    """Anything that says where Encore keeps things: `Settings` does."""

    @property
    def home(self) -> Path:
        """The folder that Encore keeps everything in."""


@dataclass(frozen=True)
class TemplateStore:
    """Folders of templates and of catalogues, the ones that win first; behind them always those that come with Encore.

    Nothing outside these folders is ever read. `TemplateStore()` has the packaged ones alone.
    """

    emails: tuple[Path, ...] = ()
    locales: tuple[Path, ...] = ()

    @classmethod
    def at(cls, home: Path) -> TemplateStore:
        """The templates of the installation at `home`, then the packaged ones."""
        return cls((home / "templates" / "email",), (home / "templates" / "locales",))

    def beside(self, file: Path) -> TemplateStore:
        """This store, with the folder of `file` in front: for a template that is still being written."""
        return TemplateStore((file.absolute().parent, *self.emails), self.locales)

    def names(self) -> list[str]:
        """Every template there is, by name."""
        files = (file.name for folder in self._folders() if folder.is_dir() for file in folder.iterdir())
        return sorted({file.removesuffix(".mjml") for file in files if file.endswith(".mjml")})

    def read(self, path: str) -> str | None:
        """The text of a file among the templates, such as `comeback.mjml` or `parts/footer.mjml`; None: not there.

        Raises:
            BadTemplate: the path would lead out of the store, or the file is no UTF-8.
        """
        parts = path.split("/")
        if not all(_PART.fullmatch(part) for part in parts):
            raise BadTemplate(path, 0, "a template is named by letters, digits, _ and -, below the templates' folder")
        for folder in self._folders():
            file = folder.joinpath(*parts)
            if file.is_file() and _inside(file, folder):
                return _text(file, path)
        return None

    def source(self, name: str) -> str:
        """The MJML of the template called `name`.

        Raises:
            NotFound: there is none.
        """
        text = self.read(f"{name}.mjml")
        if text is None:
            raise NotFound("template", name, f"there are {', '.join(self.names())}")
        return text

    def catalogues(self) -> dict[str, Mapping[str, str]]:
        """The phrases of every language there is, by its tag in lower case.

        Raises:
            BadTemplate: a catalogue that cannot be read, with the reason.
        """
        merged: dict[str, dict[str, str]] = {}
        for root in (templates.folder("locales"), *reversed(self.locales)):
            for language in root.iterdir() if root.is_dir() else ():
                file = language.joinpath(*_CATALOGUE)
                if file.is_file():
                    merged.setdefault(normal(language.name), {}).update(_phrases(file, language.name))
        return {language: merged[language] for language in sorted(merged)}

    def _folders(self) -> tuple[Traversable, ...]:
        return (*self.emails, templates.folder("email"))


def store_of(place: TemplateStore | Home) -> TemplateStore:
    """The store that `place` is, or that belongs to the settings that it is."""
    return place if isinstance(place, TemplateStore) else TemplateStore.at(place.home)


def _inside(file: Traversable, folder: Traversable) -> bool:
    """Whether `file` really lies in `folder`: a symbolic link may lead anywhere."""
    if isinstance(file, Path) and isinstance(folder, Path):
        return file.resolve().is_relative_to(folder.resolve())
    return True


def _text(file: Traversable, path: str) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadTemplate(path, 0, f"is not UTF-8 at byte {error.start}; save it as UTF-8") from None


def _phrases(file: Traversable, language: str) -> dict[str, str]:
    where = f"{language}/email.po"
    try:
        return read_po(_text(file, where))
    except ValueError as error:
        raise BadTemplate(where, 0, str(error)) from None
