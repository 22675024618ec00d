"""What is written whole and named once stays."""

import polars as pl

from scoring.once import once, write_once


def test_what_is_kept_first_stays_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "deep" / "x.parquet"
    write_once(pl.DataFrame({"a": [1]}), path)
    write_once(pl.DataFrame({"a": [2]}), path)
    assert once(path, lambda: pl.DataFrame({"a": [3]}))["a"].to_list() == [1]
    assert list(path.parent.iterdir()) == [path]
