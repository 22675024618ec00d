"""What is finished, and what was only begun."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from scoring.titles.finished import unfinished

AT = datetime(2026, 12, 1, tzinfo=UTC)
DAY = timedelta(days=1)
PLAYS = {
    "member_id": pl.String,
    "title_id": pl.String,
    "played_at": pl.Datetime("us", "UTC"),
    "minutes": pl.Float64,
}


def begun(minutes, length):
    """Is a title of a length unfinished, played for so many minutes each time?"""
    plays = [("m", "t", AT - n * DAY, told) for n, told in enumerate(minutes)]
    titles = pl.DataFrame({"title_id": ["t"], "minutes": [length]}, schema_overrides={"minutes": pl.Float64})
    found = unfinished(pl.DataFrame(plays, schema=PLAYS, orient="row"), titles)
    return found.rows() == [("m", "t", AT)]


@pytest.mark.parametrize(
    ("minutes", "length", "is_begun"),
    [
        ([49.9], 100, True),
        ([50], 100, False),
        ([20, 30], 100, True),
        ([20, 60], 100, False),
        ([None], 100, False),
        ([20, None], 100, False),
        ([20], None, False),
        ([0], 100, True),
    ],
)
def test_half_of_it_in_one_go_or_nothing_known_is_finished(minutes, length, is_begun):
    assert begun(minutes, length) is is_begun


def test_a_title_that_is_not_in_the_catalogue_is_not_begun():
    plays = pl.DataFrame([("m", "gone", AT, 1.0)], schema=PLAYS, orient="row")
    assert unfinished(plays, pl.DataFrame(schema={"title_id": pl.String, "minutes": pl.Float64})).is_empty()
