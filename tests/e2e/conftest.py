"""The whole program, as its users start it: the installed command, in a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from flows import server

ENCORE = str(Path(sys.executable).parent / "encore")


@dataclass(frozen=True)
class Encore:
    """A home, and the command line on it."""

    home: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str | Path, code: int = 0) -> str:
        """Run a command to its end; what it printed. Its exit code must be `code`, and it complains only then."""
        done = subprocess.run(
            [ENCORE, *map(str, arguments)],
            env=self.variables(),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        if code == 0:
            assert done.stderr == ""
            return done.stdout
        assert "Traceback" not in done.stderr
        return done.stderr

    def json(self, *arguments: str | Path) -> Any:
        """What a command answers in JSON."""
        return json.loads(self(*arguments, "--json"))

    def start(self, *arguments: str | Path) -> subprocess.Popen[bytes]:
        """Start a command, to be killed."""
        quiet = subprocess.DEVNULL
        return subprocess.Popen([ENCORE, *map(str, arguments)], env=self.variables(), stdout=quiet, stderr=quiet)

    def variables(self) -> dict[str, str]:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("ENCORE_", "PREFECT_", "AWS_"))
        }
        return {**kept, "ENCORE_HOME": str(self.home), **self.environment}


@pytest.fixture(scope="session")
def prefect() -> Iterator[dict[str, str]]:
    """One Prefect server for all of the session's homes: a home's first start of its own takes ten seconds."""
    with (
        tempfile.TemporaryDirectory(prefix="encore-", ignore_cleanup_errors=True) as home,
        server.running(Path(home), {}) as variables,
    ):
        yield variables


@pytest.fixture
def encore_at(tmp_path: Path, prefect: dict[str, str]) -> Callable[..., Encore]:
    """Makes homes."""

    def at(name: str, **environment: str) -> Encore:
        return Encore(tmp_path / name, {**prefect, **environment})

    return at


@pytest.fixture
def encore(encore_at: Callable[..., Encore]) -> Encore:
    """A new home."""
    return encore_at("home")


@pytest.fixture
def movielens() -> Path:
    """MovieLens latest-small, the real input."""
    folder = os.environ.get("MOVIELENS_DIR")
    if not folder or not Path(folder).is_dir():
        pytest.skip("MOVIELENS_DIR names no folder with MovieLens latest-small")
    return Path(folder)
