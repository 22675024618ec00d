"""What a SELECT finds, as frames and as dicts."""

import polars as pl

ASKED = "SELECT n, 'm' || n AS member_id FROM generate_series(1, %(n)s) n"
SCHEMA = {"n": pl.Int64, "member_id": pl.String}


def test_a_frame_holds_the_rows_however_many_are_fetched_at_a_time(database, monkeypatch):
    monkeypatch.setattr("campaigns.db.database.CHUNK", 2)
    assert database.frame(ASKED, {"n": 5}, SCHEMA).to_dicts() == database.rows(ASKED, {"n": 5})


def test_a_frame_of_no_rows_has_its_columns(database):
    found = database.frame(ASKED, {"n": 0}, SCHEMA)
    assert found.is_empty()
    assert found.schema == SCHEMA
    assert database.rows(ASKED, {"n": 0}) == []
