from datetime import UTC, date, datetime

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from campaigns.errors import RefusedFile
from campaigns.intake.parquetfile import read_parquet
from scoring.contracts import MAILINGS, MEMBERS, PLAYS, TITLES


def read(path, table):
    return pl.concat([block.frame for block in read_parquet(path, table)])


def write(tmp_path, **columns):
    path = tmp_path / "file.parquet"
    pq.write_table(pa.table(columns), path)
    return path


def test_ids_that_are_numbers_become_text_and_times_utc(tmp_path):
    naive = pa.array([1_577_872_800_000_000_000], pa.timestamp("ns"))
    path = write(tmp_path, member_id=[1], title_id=[7], played_at=naive, minutes=pa.array([5], pa.int32()))
    assert read(path, PLAYS).rows() == [(2, "1", "7", datetime(2020, 1, 1, 10, tzinfo=UTC), 5)]


def test_a_time_with_a_zone_becomes_the_same_moment_in_utc(tmp_path):
    local = pa.array([datetime(2020, 1, 1, 10, tzinfo=UTC)], pa.timestamp("ms", "America/Sao_Paulo"))
    path = write(tmp_path, member_id=["1"], title_id=["7"], played_at=local)
    assert read(path, PLAYS)["played_at"].to_list() == [datetime(2020, 1, 1, 10, tzinfo=UTC)]


def test_days_and_texts_stand_for_times_too(tmp_path):
    path = write(tmp_path, member_id=["1"], signed_up_at=[date(2020, 1, 1)], cancelled_at=["2021-01-01"])
    frame = read(path, MEMBERS)
    assert frame["signed_up_at"].to_list() == [datetime(2020, 1, 1, tzinfo=UTC)]
    assert frame["cancelled_at"].to_list() == ["2021-01-01"]


def test_dictionaries_bytes_and_lists_are_read(tmp_path):
    kinds = pa.array(["film"]).dictionary_encode()
    genres = pa.array([["Drama"]], pa.list_(pa.string()))
    path = write(tmp_path, title_id=[b"t1"], name=["Heat"], kind=kinds, genres=genres)
    assert read(path, TITLES).rows() == [(2, "t1", "Heat", "film", ["Drama"])]


def test_a_type_that_the_column_cannot_have_is_refused_by_name(tmp_path):
    path = write(tmp_path, member_id=["m1"], signed_up_at=[1.5])
    with pytest.raises(RefusedFile, match="the column signed_up_at holds Float64, not time; write it as text"):
        read(path, MEMBERS)


def test_text_that_is_no_utf8_is_refused(tmp_path):
    broken = pa.Array.from_buffers(pa.string(), 1, pa.array([b"\xff"]).buffers())
    path = write(tmp_path, member_id=broken, campaign=["c"])
    with pytest.raises(RefusedFile, match="is not Parquet that can be read"):
        read(path, MAILINGS)
