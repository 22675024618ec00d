"""JSON, and a folder of model files, that say what they hold: damage is found before anything reads them.

A file has the SHA-256 of all that it says itself; `model.json`, also the length and SHA-256 of each other file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from scoring.errors import BadData, OtherVersion

NAME = "model.json"
SEAL = "seal"  # the key of a file's own SHA-256


def seal(folder: Path, facts: Mapping[str, Any], names: Iterable[str]) -> None:
    """Describe a folder by `facts` and by what its files, those `names`, hold."""
    told = {**facts, "files": {name: _print(folder / name) for name in sorted(names)}}
    (folder / NAME).write_text(sealed(told), encoding="utf-8")


def sealed(told: Mapping[str, Any]) -> str:
    """JSON that says what it holds, as `read` reads it."""
    return json.dumps({**told, SEAL: _seal(told)}, indent=1) + "\n"


def read(path: Path, mend: str) -> dict[str, Any]:
    """What `sealed` told; a file without a seal, as Encore once wrote them, is taken as it is.

    Raises:
        BadData: the file is missing or damaged; `mend` says what helps.
    """
    told = _description(path, mend)
    if told.pop(SEAL, None) not in (None, _seal(told)):
        raise BadData(str(path), "it cannot be read (it does not say what was written)", mend)
    return told


def unsealed(folder: Path, mend: str, **versions: str) -> dict[str, Any]:
    """The facts of a folder, once each of its files is known to be as it was written.

    `versions` are facts that must be these; `mend` says in an error what helps where something is damaged.

    Raises:
        OtherVersion: one of `versions` differs.
        BadData: the description or a file is missing or damaged; which one, it names.
    """
    told = _description(folder / NAME, mend)
    for what, expected in versions.items():
        if what not in told:
            raise BadData(str(folder / NAME), f"it cannot be read (it has no {what})", mend)
        if told[what] != expected:
            raise OtherVersion(f"{folder}: {what}", told[what], expected)
    if told.pop(SEAL, None) != _seal(told):
        raise BadData(str(folder / NAME), "it cannot be read (it does not say what was written)", mend)
    for name, was in told["files"].items():
        _check(folder / name, was, mend)
    return told


def _description(path: Path, mend: str) -> dict[str, Any]:
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BadData(str(path), f"it cannot be read ({type(error).__name__})", mend) from error
    if not isinstance(told, dict):
        raise BadData(str(path), "it cannot be read (it has no facts)", mend)
    return told


def _check(path: Path, was: Mapping[str, Any], mend: str) -> None:
    try:
        found = _print(path)
    except OSError as error:
        raise BadData(str(path), f"it cannot be read ({type(error).__name__})", mend) from error
    if found["bytes"] != was["bytes"]:
        why = f"it cannot be read ({found['bytes']:,} bytes, where {was['bytes']:,} were written)"
        raise BadData(str(path), why, mend)
    if found != was:
        raise BadData(str(path), "it cannot be read (not the bytes that were written)", mend)


def _print(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return {"bytes": file.tell(), "sha256": digest}


def _seal(told: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
