"""The key that a service's own programs show: made once, kept under the home, apart from the one that signs links."""

from __future__ import annotations

from pathlib import Path

from campaigns.errors import Unavailable
from campaigns.settings import made_once

FILE = "api_key"
SHORTEST = 32


def api_key(home: Path) -> str:
    """The key of the API, from `api_key` under the home, which only its owner may read; made where it is missing.

    A new one, when it must be changed, is made by deleting the file and starting anew: links in mails stay valid.

    Raises:
        Unavailable: the file holds something that could be guessed, or cannot be read.
    """
    path = made_once(home / FILE)
    try:
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(str(path), str(error), "delete it, and a new one is made") from error
    if len(key) < SHORTEST:
        why = f"{len(key)} characters are too few to be safe"
        raise Unavailable(str(path), why, f"delete it, or write {SHORTEST} random characters or more into it")
    return key
