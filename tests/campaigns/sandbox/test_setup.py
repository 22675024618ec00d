import json
from dataclasses import asdict
from datetime import date

import pytest

from campaigns.errors import NotAllowed, NotFound, RefusedFile
from campaigns.sandbox.setup import EARLIEST, LATEST, VERSION, new_setup, read_setup, write_setup

SETUP = new_setup(300, 0, date(2026, 12, 1), "https://artwork.lumen.example")


def test_a_setup_is_read_as_it_was_written(tmp_path):
    write_setup(tmp_path, SETUP)
    assert read_setup(tmp_path) == SETUP
    assert [path.name for path in tmp_path.iterdir()] == ["service.json"]


@pytest.mark.parametrize("start", [date.min, date(2017, 12, 31), date(2037, 1, 1), date.max])
def test_a_start_that_no_clock_is_known_of_is_refused_with_those_that_may_be(start):
    with pytest.raises(NotAllowed, match=f"{start}: name a day from {EARLIEST} to {LATEST}"):
        new_setup(300, 0, start, "https://a.example")


def test_a_service_without_members_is_refused():
    with pytest.raises(NotAllowed, match="it needs one at least"):
        new_setup(0, 0, date(2026, 12, 1), "https://a.example")


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"{}",
        json.dumps(asdict(SETUP) | {"start": "soon"}).encode(),
        json.dumps(asdict(SETUP) | {"members": 0}).encode(),
        json.dumps(asdict(SETUP) | {"next_day": None}).encode(),
    ],
)
def test_a_damaged_setup_is_refused_by_its_file(tmp_path, damaged):
    (tmp_path / "service.json").write_bytes(damaged)
    with pytest.raises(RefusedFile, match=r"service\.json: is damaged; remove the folder and build the service anew"):
        read_setup(tmp_path)


def test_a_service_of_another_version_is_refused(tmp_path):
    (tmp_path / "service.json").write_text(json.dumps(asdict(SETUP) | {"version": VERSION - 1}))
    with pytest.raises(RefusedFile, match=f"is of version {VERSION - 1}, not {VERSION}"):
        read_setup(tmp_path)


def test_where_there_is_none_it_is_told_how_to_build_one(tmp_path):
    with pytest.raises(NotFound, match="encore sandbox build"):
        read_setup(tmp_path)
