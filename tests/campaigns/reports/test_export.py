import io
import json

import polars as pl
import pytest

from campaigns.errors import NotFound
from campaigns.reports.export import encode, encode_report, messages_of
from campaigns.reports.report import report
from tests.campaigns.making import NOW, House


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(start):
    frame = pl.DataFrame({"subject": [f"{start}cmd()", "plain", None], "n": [-1, 2, 3]})
    read = pl.read_csv(io.BytesIO(encode(frame, "csv").encode()))
    assert read["subject"].to_list() == [f"'{start}cmd()", "plain", None]
    assert read["n"].to_list() == [-1, 2, 3]


def test_messages_are_one_row_each_in_every_format(stores):
    house = House(stores.database)
    house.contact("m1")
    house.message("m1", house.campaign())
    frame = messages_of(stores, "autumn")
    assert frame.height == 1
    assert json.loads(encode(frame, "json"))[0]["member_id"] == "m1"
    assert pl.read_parquet(io.BytesIO(encode(frame, "parquet")))["member_id"].to_list() == ["m1"]


def test_a_campaign_that_is_not_there_is_named(stores):
    with pytest.raises(NotFound, match="nothing"):
        messages_of(stores, "nothing")


def test_a_report_of_a_campaign_that_never_ran_says_so_in_every_format(stores):
    House(stores.database).campaign()
    found = report(stores, "autumn", NOW)
    assert found["ledger"]["eligible"] == 0
    assert "Too early to say" in encode_report(found, "html")
    assert json.loads(encode_report(found, "json"))["campaign"] == "autumn"
    places = pl.read_parquet(io.BytesIO(encode_report(found, "parquet")))["place"].to_list()
    assert "ledger.eligible" in places


def test_the_page_escapes_what_it_shows(stores):
    House(stores.database).campaign()
    found = report(stores, "autumn", NOW) | {"campaign": "<script>alert(1)</script>"}
    assert "<script>" not in encode_report(found, "html")
