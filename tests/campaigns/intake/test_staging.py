import polars as pl
import pytest

from campaigns.intake.staging import conflict_faults, frames, staging, without_repeats
from scoring.contracts import OUTCOMES, TITLES
from scoring.lake.schema import file_schema


def staged(tmp_path, *rows):
    """Two files of titles (row, id, name, genres)."""
    columns = {name: pl.Series(name, [], dtype=kind) for name, kind in file_schema(TITLES).items()}
    told = [dict(zip(("row", "title_id", "name", "genres"), row, strict=True)) for row in rows]
    frame = pl.DataFrame(told, schema={"row": pl.Int64} | {name: series.dtype for name, series in columns.items()})
    paths = [tmp_path / "0.parquet", tmp_path / "1.parquet"]
    frame.head(2).write_parquet(paths[0])
    frame.slice(2).write_parquet(paths[1])
    return paths


def test_files_whose_keys_are_distinct_stay_as_they_are(tmp_path):
    files = staged(tmp_path, (2, "a", "A", []), (3, "b", "A", []), (4, "c", "A", []))
    assert without_repeats(TITLES, files, tmp_path) == (files, None)


def test_the_first_row_of_a_key_is_kept_and_repeats_fall_away_across_files(tmp_path):
    files = staged(tmp_path, (2, "a", "A", ["x"]), (3, "b", "B", []), (4, "a", "A", ["x"]), (5, "b", "B", []))
    once = without_repeats(TITLES, files, tmp_path)
    assert sorted(row for frame in frames(once.files) for row in frame["row"]) == [2, 3]
    assert list(conflict_faults(TITLES, once.conflicts)) == []


def test_a_list_that_differs_is_a_conflict_and_an_empty_cell_is_one_too(tmp_path):
    files = staged(tmp_path, (2, "a", "A", ["x"]), (3, "b", "B", []), (4, "a", "A", ["y"]), (5, "b", None, []))
    once = without_repeats(TITLES, files, tmp_path)
    told = pl.concat(conflict_faults(TITLES, once.conflicts)).sort("row")
    assert told.select("row", "column", "value", "expected", "genres").rows() == [
        (4, "title_id", "a", "title_id of its own (row 2 has it with other values)", "y"),
        (5, "title_id", "b", "title_id of its own (row 3 has it with other values)", ""),
    ]


def test_a_table_that_is_all_key_has_no_conflicts(tmp_path):
    at = pl.Series([0, 0]).cast(pl.Datetime("us", "UTC"))
    path = tmp_path / "outcomes.parquet"
    pl.DataFrame({"row": [2, 3], "member_id": "m", "kind": "resubscribed", "at": at}).write_parquet(path)
    once = without_repeats(OUTCOMES, [path], tmp_path)
    assert [frame.height for frame in frames(once.files)] == [1]
    assert list(conflict_faults(OUTCOMES, once.conflicts)) == []


def test_what_a_dead_import_left_is_swept_and_what_a_live_one_holds_is_not(tmp_path):
    dead = tmp_path / ".import-dead"
    dead.mkdir()
    (dead / "lock").touch()
    with staging(tmp_path) as first:
        assert not dead.exists()
        with staging(tmp_path) as second:
            assert first != second
            assert first.exists()
    assert not list(tmp_path.glob(".import-*"))


def test_an_import_that_fails_leaves_no_staged_rows(tmp_path):
    shops = []

    def fail():
        with staging(tmp_path) as shop:
            shops.append(shop)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert not shops[0].exists()
