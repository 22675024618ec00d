"""The demo, small: four weeks of a service in a home of its own, and nothing left but what there is to look at."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import ENCORE

MEMBERS = 2_000


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    home = tmp_path_factory.mktemp("demo")
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "ENCORE_HOME": str(home / "encore")}
    command = [ENCORE, "demo", "--members", str(MEMBERS)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900, check=False)
    return home / "encore" / "demo", done


@pytest.mark.slow
def test_it_is_quiet_and_tells_a_day_a_line(demo):
    _, done = demo
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    days = [line for line in lines if re.search(r"lapsed +[\d,]+ +held out +\d+ +mailed +\d+", line)]
    assert len(days) == 28
    assert [line for line in lines if line.startswith("the truth:")]
    assert len(lines) == 28 + 9


@pytest.mark.slow
def test_it_leaves_a_page_a_report_and_a_dozen_mails_that_show_their_pictures(demo):
    folder, _ = demo
    page = (folder / "index.html").read_text(encoding="utf-8")
    mails = sorted((folder / "emails").glob("*.html"))
    assert len(mails) == 12
    assert all(f'href="emails/{mail.name}"' in page for mail in mails)
    for mail in mails:
        shown = re.findall(r'src="\.\./(artwork/[^"]+)"', mail.read_text(encoding="utf-8"))
        assert len(shown) >= 4
        assert all((folder / picture).exists() for picture in shown)
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    ledger = report["ledger"]
    assert (
        ledger["eligible"]
        == sum(ledger["excluded"].values()) + ledger["not_chosen"] + ledger["held_out"] + ledger["planned"]
    )
    assert "<svg" in (folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_no_process_is_left(demo):
    folder, _ = demo
    commands = [_command(process) for process in Path("/proc").glob("[0-9]*")]
    assert not [command for command in commands if str(folder.parent) in command]


def _command(process):
    try:
        return (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
