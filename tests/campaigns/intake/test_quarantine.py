from pathlib import Path

import pytest

from campaigns.intake.quarantine import SHOWN, SetAside
from campaigns.intake.rows import faults


@pytest.fixture
def aside(tmp_path):
    def aside():
        return SetAside(Path("in/plays.csv"), ["member_id"], staging=tmp_path, folder=tmp_path)

    return aside


def bad(*rows):
    told = [{"row": row, "column": "at", "value": "x", "expected": "a time", "member_id": 'a,"b"'} for row in rows]
    return faults(told, ["member_id"])


def test_nothing_is_written_where_nothing_is_wrong(aside, tmp_path):
    one = aside()
    one.add(bad())
    assert one.keep() is None
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_csv_with_one_header_and_is_named_by_what_it_holds(aside):
    paths = []
    for rows in ((2, 3), (2, 3), (2, 4)):
        one = aside()
        for row in rows:
            one.add(bad(row))
        paths.append(one.keep())
    assert paths[0] == paths[1] != paths[2]
    assert paths[0].read_text().splitlines() == [
        "file,row,column,value,expected,member_id",
        'plays.csv,2,at,x,a time,"a,""b"""',
        'plays.csv,3,at,x,a time,"a,""b"""',
    ]


def test_the_first_few_rows_are_told_and_all_are_counted(aside):
    one = aside()
    one.add(bad(2, 3))
    one.add(bad(*range(4, 40)))
    assert one.rows == 38
    assert str(one.first[0]) == "plays.csv, row 2, at: 'x' is not a time"
    assert len(one.first) == SHOWN
