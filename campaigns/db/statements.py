"""SQL kept as SQL: a `.sql` file of named statements beside the one class that runs them.

A statement starts with a line `-- name`, followed by one line that says what it does.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files


@cache
def statements(package: str, file: str) -> dict[str, str]:
    """The statements of a `.sql` file in `package`, by name."""
    text = (files(package) / file).read_text(encoding="utf-8")
    parts = re.split(r"^-- ([a-z_]+)\n", text, flags=re.MULTILINE)[1:]
    return {name: body.strip().rstrip(";") for name, body in zip(parts[::2], parts[1::2], strict=True)}
