"""A sealed folder: read as it was written, or not at all."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.errors import BadData, OtherVersion
from scoring.sealed import NAME, read, seal, unsealed
from scoring.sealed import sealed as text_of

FACTS = {"format": "1", "shape": (2, 3), "mean": 0.1, "gap": float("inf"), "names": {"é": [None, True]}}
MEND = "fit it again"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sealed")


def sealed(folder, facts=FACTS):
    (folder / "a.txt").write_bytes(b"tree one\n")
    (folder / "b.txt").write_bytes(b"")
    seal(folder, facts, ["b.txt", "a.txt"])
    return folder


def test_the_facts_come_back_with_what_the_files_hold(folder):
    told = unsealed(sealed(folder), MEND, format="1")
    assert {name: told[name] for name in FACTS} == FACTS | {"shape": [2, 3]}
    assert {name: file["bytes"] for name, file in told["files"].items()} == {"a.txt": 9, "b.txt": 0}


def test_the_same_is_sealed_the_same(folder):
    first = (sealed(folder) / NAME).read_bytes()
    assert (sealed(folder) / NAME).read_bytes() == first


@given(place=st.integers(0, 10**6), bit=st.integers(0, 7), name=st.sampled_from([NAME, "a.txt"]))
def test_no_flipped_bit_goes_unnoticed(folder, place, bit, name):
    file = sealed(folder) / name
    told = bytearray(file.read_bytes())
    told[place % len(told)] ^= 1 << bit
    was = json.loads((folder / NAME).read_bytes())
    file.write_bytes(told)
    try:
        now = unsealed(folder, MEND, format="1")
    except (BadData, OtherVersion):
        return
    assert was == now | {"seal": was["seal"]}  # a space, between facts that are the same


def test_json_comes_back_as_it_was_told_and_any_other_value_is_refused(tmp_path):
    file = tmp_path / "told.json"
    file.write_text(text_of({"wins": 12, "names": ["é"]}))
    assert read(file, MEND) == {"wins": 12, "names": ["é"]}
    file.write_text(file.read_text().replace("12", "21"))
    with pytest.raises(
        BadData, match=r"told.json: it cannot be read \(it does not say what was written\); fit it again"
    ):
        read(file, MEND)


def test_json_of_before_there_were_seals_is_taken_as_it_is(tmp_path):
    file = tmp_path / "told.json"
    file.write_text('{"wins": 12}')
    assert read(file, MEND) == {"wins": 12}


@given(length=st.integers(0, 10**6), name=st.sampled_from([NAME, "a.txt"]))
def test_no_file_cut_short_goes_unnoticed(folder, length, name):
    file = sealed(folder) / name
    told = file.read_bytes()
    file.write_bytes(told[: length % (len(told) - 1)])
    with pytest.raises(BadData, match=rf"{name}: it cannot be read \(.*\); fit it again"):
        unsealed(folder, MEND, format="1")


@pytest.mark.parametrize("told", ["[]", "null", "1", '"x"', "{}", '{"format": "1"}', "\udcff"])
def test_a_description_that_tells_nothing_is_refused_by_name(folder, told):
    (sealed(folder) / NAME).write_bytes(told.encode(errors="surrogateescape"))
    with pytest.raises(BadData, match=rf"{NAME}: it cannot be read"):
        unsealed(folder, MEND, format="1")


def test_another_version_is_refused_by_name_whatever_else_it_lacks(folder):
    (sealed(folder) / NAME).write_text('{"format": "0"}')
    with pytest.raises(OtherVersion, match=r"format is '0', not '1'"):
        unsealed(folder, MEND, format="1")


@pytest.mark.parametrize("name", [NAME, "a.txt"])
def test_a_file_that_is_gone_is_refused_by_name(folder, name):
    (sealed(folder) / name).unlink()
    with pytest.raises(BadData, match=rf"{name}: it cannot be read \(FileNotFoundError\); fit it again"):
        unsealed(folder, MEND, format="1")
