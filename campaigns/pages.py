"""Pages from `templates/web`."""

from __future__ import annotations

from functools import cache
from typing import Any

import jinja2

import templates


def render(page: str, **values: Any) -> str:
    """A page, filled in."""
    return environment().get_template(page).render(**values)


@cache
def environment() -> jinja2.Environment:
    """Jinja over the packaged pages: everything escaped, nothing undefined."""
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: templates.read(f"web/{name}")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
