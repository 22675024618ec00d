"""What is known of a taste."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from scoring.contracts import MEMBERS, PLAYS, TITLES
from scoring.lake.schema import file_schema
from scoring.lake.store import Lake
from scoring.tastes import GENRES, tastes

AT = datetime(2026, 12, 1, tzinfo=UTC)
DAY = timedelta(days=1)
JOINED = AT - 300 * DAY


@pytest.fixture
def lake(tmp_path):
    lake = Lake(tmp_path / "lake")

    def put(table, rows):
        lake.put(table, pl.DataFrame(rows, schema=file_schema(table)), as_of=JOINED)

    put(MEMBERS, [{"member_id": m, "country": "GB", "language": "en", "signed_up_at": JOINED} for m in "mn"])
    genres = {"a": ["Drama"], "b": ["Drama", "Crime"], "c": ["Comedy"], "d": None}
    put(TITLES, [{"title_id": t, "name": t, "genres": g, "added_at": JOINED} for t, g in genres.items()])
    seen = [("a", "tv", 9), ("b", "tv", 8), ("c", "phone", 7), ("d", None, 6), ("c", "phone", -1), ("c", "phone", -2)]
    put(PLAYS, [{"member_id": "m", "title_id": t, "device": d, "played_at": AT - n * DAY} for t, d, n in seen])
    return lake


def asked(*told):
    return pl.DataFrame(told, schema={"member_id": pl.String, "at": pl.Datetime("us", "UTC")}, orient="row")


def test_shares_of_genres_and_the_device_are_those_before_the_moment(lake):
    (told,) = tastes(lake, asked(("m", AT))).to_dicts()
    assert (told["country"], told["language"], told["device"]) == ("GB", "en", "tv")
    assert {name: told[f"genre_{name}"] for name in ("Drama", "Crime", "Comedy")} == pytest.approx(
        {"Drama": 1.5 / 3, "Crime": 0.5 / 3, "Comedy": 1 / 3}
    )
    (later,) = tastes(lake, asked(("m", AT + 9 * DAY))).to_dicts()
    assert later["device"] == "phone"
    assert later["genre_Comedy"] == pytest.approx(3 / 5)


def test_of_one_who_has_not_played_only_the_country_is_known(lake):
    (told,) = tastes(lake, asked(("n", AT))).to_dicts()
    assert told.pop("country") == "GB"
    assert {value for name, value in told.items() if name.startswith("genre_") or name == "device"} == {None}


def test_each_moment_of_a_member_is_a_row_in_the_order_asked(lake):
    told = tastes(lake, asked(("n", AT), ("m", AT), ("m", AT - 8 * DAY)))
    assert told.select("member_id", "at").rows() == asked(("n", AT), ("m", AT), ("m", AT - 8 * DAY)).rows()
    assert told["genre_Drama"].to_list() == [None, pytest.approx(0.5), 1.0]


def test_only_the_most_common_genres_are_columns(tmp_path):
    lake = Lake(tmp_path / "lake")
    titles = [{"title_id": f"t{n}", "name": "t", "genres": [f"g{n % 20:02}"], "added_at": JOINED} for n in range(60)]
    lake.put(TITLES, pl.DataFrame(titles, schema=file_schema(TITLES)), as_of=JOINED)
    told = tastes(lake, asked(("m", AT)))
    assert [name for name in told.columns if name.startswith("genre_")] == [f"genre_g{n:02}" for n in range(GENRES)]
