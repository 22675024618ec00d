from dataclasses import replace
from datetime import date
from hashlib import sha256

import pytest

from campaigns.errors import RefusedFile
from campaigns.sandbox.building import UNFINISHED, build
from campaigns.sandbox.setup import new_setup

SETUP = new_setup(300, 0, date(2026, 12, 1), "https://artwork.lumen.example")


def contents(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_build_clears_what_a_killed_one_left_of_another_service(tmp_path):
    other = replace(SETUP, seed=1, start="2026-11-01", next_day="2026-11-01")
    for folder, setup in ((tmp_path / "killed", other), (tmp_path / "whole", SETUP)):
        build(folder, setup)
    (tmp_path / "killed" / "service.json").unlink()
    (tmp_path / "killed" / UNFINISHED).touch()
    build(tmp_path / "killed", SETUP)
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")


def test_what_is_no_service_is_left_as_it_is(tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "letter.txt").write_text("mine")
    with pytest.raises(RefusedFile, match="holds something else; name a new or an empty folder"):
        build(tmp_path, SETUP)
    assert list(contents(tmp_path)) == ["state/letter.txt"]


def test_a_service_is_not_built_over_a_file(tmp_path):
    (tmp_path / "lumen").write_text("mine")
    with pytest.raises(RefusedFile, match="holds something else"):
        build(tmp_path / "lumen", SETUP)
