"""The wheel, installed elsewhere and run from an empty folder."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.conftest import ENCORE

ROOT = Path(__file__).parents[2]
UV = shutil.which("uv", path=f"{os.environ['PATH']}:{Path(sys.executable).parent}") or "uv"


@pytest.mark.slow
def test_the_wheel_installed_elsewhere_runs_from_an_empty_folder(tmp_path):
    def run(*command, **options):
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=300, **options).stdout

    run(UV, "build", "--wheel", "--quiet", "--out-dir", str(tmp_path / "dist"), str(ROOT))
    wheel = next((tmp_path / "dist").glob("*.whl"))
    run(UV, "venv", "--quiet", "--python", sys.executable, str(tmp_path / "venv"))
    python = str(tmp_path / "venv" / "bin" / "python")
    run(UV, "pip", "install", "--quiet", "--python", python, "--constraint", str(ROOT / "constraints.txt"), str(wheel))
    empty = tmp_path / "empty"
    empty.mkdir()
    encore = str(tmp_path / "venv" / "bin" / "encore")
    environment = {"PATH": "/usr/bin:/bin:/usr/sbin", "HOME": str(empty), "ENCORE_HOME": str(tmp_path / "h")}
    assert "sends nothing twice" in run(encore, "run", "daily", "--help", cwd=empty, env=environment)
    assert "ready" in run(encore, "init", cwd=empty, env=environment)
    assert run(encore, "template", "check", "comeback", cwd=empty, env=environment).strip() == "comeback: good"
    assert "ok" in run(encore, "doctor", cwd=empty, env=environment)
    assert list(empty.iterdir()) == []


def test_help_waits_for_nothing_but_the_parser():
    asked = "import sys, flows.cli; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True).stdout.split()
    assert "typer" in loaded
    assert not {"prefect", "pydantic", "polars", "psycopg", "duckdb", "sqlmodel", "rich", "jinja2"} & set(loaded)


@pytest.mark.slow  # a clock is read where nothing else runs beside it
def test_help_answers_in_half_a_second():
    times = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([ENCORE, "--help"], check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.5
