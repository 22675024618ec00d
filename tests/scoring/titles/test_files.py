"""A stored title model: read as it was written, or refused by the name of what is wrong."""

import json
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from scoring.errors import BadData, OtherVersion
from scoring.titles import TitleModel

START = datetime(2026, 1, 1, tzinfo=UTC)
FILES = ["arrays.npz", "model.json", "people.parquet", "titles.parquet"]


@pytest.fixture(scope="module")
def model():
    told = [(f"m{n}", f"t{(n * k) % 7}", START + timedelta(days=k)) for n in range(20) for k in range(1, 5)]
    schema = {"member_id": pl.String, "title_id": pl.String, "played_at": pl.Datetime("us", "UTC")}
    return TitleModel(seed=0).fit(pl.DataFrame(told, schema=schema, orient="row"))


def test_all_of_it_is_in_four_files(model, tmp_path):
    model.to_files(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == FILES


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["gone", "cut", "flipped", "other"])
def test_a_damaged_file_is_refused_by_its_name(model, tmp_path, name, damage):
    model.to_files(tmp_path)
    file = tmp_path / name
    told = bytearray(file.read_bytes())
    told[len(told) // 2] ^= 1
    spoiled = {"cut": told[: len(told) // 2], "flipped": told, "other": b"x"}
    file.unlink() if damage == "gone" else file.write_bytes(spoiled[damage])
    with pytest.raises(BadData, match=rf"{name}: it cannot be read.*; fit it again"):
        TitleModel.from_files(tmp_path)


def test_a_description_of_the_format_before_is_refused_by_name(model, tmp_path):
    model.to_files(tmp_path)
    (tmp_path / "model.json").write_text(json.dumps({"format": "1", "seed": 0, "titles": 7, "tabled": True}))
    with pytest.raises(OtherVersion, match="format is '1', not '3'"):
        TitleModel.from_files(tmp_path)
