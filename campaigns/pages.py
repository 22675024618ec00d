"""Pages from `templates/web`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import jinja2

import templates


def render(page: str, **values: Any) -> str:
    """A page, filled in."""
    return _plain().get_template(page).render(**values)


def environment(**filters: Callable[..., str]) -> jinja2.Environment:
    """Jinja over the packaged pages, with a room's own `filters`: everything escaped, nothing undefined.

    Each room gets one of its own: overlays of a shared one would share its filters too, and the last room would win.
    """
    made = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: templates.read(f"web/{name}")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= filters
    return made


_plain = cache(environment)
