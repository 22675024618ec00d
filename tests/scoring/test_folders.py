"""Folders that several processes write to."""

import signal
import subprocess
import sys
from threading import Thread

import pytest

from scoring.folders import place, write, writing

HOLDS = """
import sys, time
from pathlib import Path
from scoring.folders import place, writing

def slowly(folder):
    (folder / "half").write_text("x")
    print("in", flush=True)
    sys.stdin.read()

folder = Path(sys.argv[1])
with writing(folder):
    place(folder / "a", slowly)
"""


@pytest.fixture
def other(tmp_path):
    """Another process in the midst of writing `a`."""
    asked = [sys.executable, "-c", HOLDS, str(tmp_path)]
    with subprocess.Popen(asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "in\n"
        yield process
        process.kill()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_second_writer_waits_for_the_first(tmp_path, other):
    seen = []

    def second():
        with writing(tmp_path):
            seen.append(names(tmp_path))

    waiting = Thread(target=second)
    waiting.start()
    waiting.join(0.1)
    assert seen == []
    other.stdin.close()
    waiting.join(20)
    assert seen == [[".lock", "a"]]


def test_what_a_killed_writer_left_is_swept_by_the_next(tmp_path, other):
    other.send_signal(signal.SIGKILL)
    with writing(tmp_path):
        assert names(tmp_path) == [".lock"]


def test_a_folder_that_could_not_be_written_leaves_nothing(tmp_path):
    def fails(folder):
        (folder / "half").write_text("x")
        raise OSError("no room")

    with writing(tmp_path), pytest.raises(OSError, match="no room"):
        place(tmp_path / "a", fails)
    assert names(tmp_path) == [".lock"]


def test_what_stands_already_gets_its_files_anew_and_keeps_others(tmp_path):
    with writing(tmp_path):
        for told in ("old", "new"):
            place(tmp_path / "a", lambda folder, told=told: (folder / "model").write_text(told))
            write(tmp_path / "a" / told, told)
    assert {path.name: path.read_text() for path in (tmp_path / "a").iterdir()} == {
        "model": "new",
        "old": "old",
        "new": "new",
    }
