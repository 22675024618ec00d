"""`encore sandbox` as somebody types it."""

import os
import shlex
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from campaigns.cli import sandbox  # noqa: F401 - it adds its commands
from campaigns.cli.shared import app
from campaigns.errors import EncoreError
from campaigns.standin import mails_file

START = "2026-09-01"


@pytest.fixture
def encore(tmp_path):
    """Runs a command in a home with a space in its name; returns exit code and what was said."""
    home = tmp_path / "a home"

    def encore(*words):
        done = CliRunner().invoke(app, ["sandbox", *words], env={"ENCORE_HOME": str(home)})
        if isinstance(done.exception, EncoreError):
            return 1, str(done.exception)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output

    encore.home = home
    return encore


@pytest.fixture
def folder(encore, tmp_path):
    """A service."""
    made = tmp_path / "my service"
    assert encore("build", str(made), "--members", "1000", "--start", START)[0] == 0
    return made


def test_the_next_command_can_be_pasted(encore, tmp_path):
    made = tmp_path / "my service"
    _, said = encore("build", str(made), "--members", "1000", "--start", START)
    words = shlex.split(said.removeprefix("next: "))
    assert words[0] == f"ENCORE_HOME={encore.home}"
    assert words[-4:] == ["import", str(made / "start"), "--as-of", START]


def test_the_next_command_of_a_module_is_the_module_again(tmp_path):
    made, program = tmp_path / "lumen", [sys.executable, "-m", "flows.cli"]
    command = [*program, "sandbox", "build", str(made), "--members", "1000", "--start", START]
    home = {"ENCORE_HOME": str(tmp_path)}
    said = subprocess.run(command, env=os.environ | home, check=True, capture_output=True, text=True).stdout
    assert shlex.split(said)[2:5] == program


@pytest.mark.parametrize("start", ["0001-01-01", "2017-12-31", "9999-12-31"])
def test_a_start_that_cannot_be_is_refused(encore, tmp_path, start):
    code, said = encore("build", str(tmp_path / "it"), "--members", "1000", "--start", start)
    assert code == 1
    assert "name " in said
    assert not (tmp_path / "it").exists()


def test_a_wrong_setting_is_told_before_anything_is_built(encore, tmp_path, monkeypatch):
    monkeypatch.setenv("ENCORE_TIMEZONE", "Mars/One")
    code, said = encore("build", str(tmp_path / "it"), "--members", "1000", "--start", START)
    assert code == 1
    assert said.startswith("ENCORE_TIMEZONE: 'Mars/One' is not")
    assert not (tmp_path / "it").exists()


def test_a_start_that_has_not_come_is_refused(encore, tmp_path):
    later = datetime.now(UTC).date() + timedelta(days=2)
    assert encore("build", str(tmp_path / "it"), "--start", str(later))[0] == 1


@pytest.mark.parametrize("window", ["0", "-1", "366", "99999999999", "x"])
def test_a_window_that_cannot_be_is_wrong_usage(encore, folder, window):
    assert encore("truth", str(folder), "--campaign", "newsletter", "--within-days", window)[0] == 2


def test_days_that_cannot_be_lived_are_refused(encore, folder):
    today = str(datetime.now(UTC).date())
    said = [encore("live", str(folder), "--no-mails", "--day", day) for day in ("2026-08-31", "2026-09-02", today)]
    assert [code for code, _ in said] == [1, 1, 1]
    assert "its first day is 2026-09-01" in said[0][1]
    assert "the next one is 2026-09-01" in said[1][1]
    assert "is not over yet" in said[2][1]


def test_a_day_is_not_lived_without_its_mails_by_mistake(encore, folder):
    code, said = encore("live", str(folder))
    assert code == 1
    assert said.endswith("or live the day without any: --no-mails")
    assert encore("live", str(folder), "--no-mails")[0] == 0


def test_a_day_tells_how_many_mails_came(encore, folder):
    mails_file(encore.home).parent.mkdir(parents=True)
    mails_file(encore.home).touch()
    code, said = encore("live", str(folder))
    assert code == 0
    assert said.startswith("2026-09-01: 0 mails received\nnext: ")


def test_a_day_that_was_lived_needs_no_mails_again_and_is_missed_where_it_was_deleted(encore, folder):
    encore("live", str(folder), "--no-mails")
    assert encore("live", str(folder), "--day", START)[0] == 0
    for path in (folder / "days" / START).iterdir():
        path.unlink()
    (folder / "days" / START).rmdir()
    code, said = encore("live", str(folder), "--day", START)
    assert code == 1
    assert "is missing; remove the service's folder and build it anew" in said


def test_an_unknown_campaign_is_told_those_there_are(encore, folder):
    assert encore("truth", str(folder), "--campaign", "x")[1].endswith("there are newsletter")
