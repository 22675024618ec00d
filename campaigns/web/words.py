"""The words of the welcome page in the member's language, from the packaged catalogues `web.po`."""

from __future__ import annotations

from functools import cache

import templates
from campaigns.rendering.locales import SOURCE_LANGUAGE, Phrases, fallbacks, read_po


def words(language: str) -> tuple[Phrases, str]:
    """`_` for a member who reads `language`, and the language that it speaks: theirs where there is a catalogue."""
    return next((Phrases(known), tag) for tag in fallbacks(language) if (known := _known(tag)) is not None)


@cache
def _known(tag: str) -> dict[str, str] | None:
    if tag == SOURCE_LANGUAGE:
        return {}
    there = [
        name for name in templates.names("locales") if name.lower() == tag
    ]  # never a path made of what a member has
    text = templates.read(f"locales/{there[0]}/LC_MESSAGES/web.po") if there else None
    return None if text is None else read_po(text)
