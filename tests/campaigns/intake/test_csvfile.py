import csv
import io

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.errors import RefusedFile
from campaigns.intake import csvfile
from campaigns.intake.csvfile import read_csv


@pytest.fixture
def read(tmp_path):
    def read(content, wanted=("a", "b", "c")):
        path = tmp_path / "file.csv"
        path.write_bytes(content)
        blocks = list(read_csv(path, wanted))
        frame = pl.concat([block.frame for block in blocks])
        faults = pl.concat([block.faults for block in blocks])
        return frame.rows(), [fault[:4] for fault in faults.rows()]

    return read


def test_the_first_data_row_is_row_2_and_blank_lines_count(read):
    assert read(b"a,b,c\n1,2,3\n\n7,8,9")[0] == [(2, "1", "2", "3"), (4, "7", "8", "9")]


def test_a_blank_line_in_a_file_of_one_column_is_no_row(read):
    assert read(b"a\n1\n\n2\n", ["a"]) == ([(2, "1"), (4, "2")], [])


def test_cells_may_hold_commas_quotes_and_lines(read):
    content = b'a,b,c\n1,"x, ""y""\nz",3\n4,5,6\n'
    assert read(content) == ([(2, "1", 'x, "y"\nz', "3"), (3, "4", "5", "6")], [])


def test_a_quote_within_a_cell_is_a_quote(read):
    assert read(b'a,b,c\n1,5" disc,3\n') == ([(2, "1", '5" disc', "3")], [])


@pytest.mark.parametrize("row", [b'1,"2,3', b'1,"2" x,3', b'"1,2,3'])
def test_a_quote_that_is_never_closed_costs_its_row_alone(read, row):
    good, faults = read(b"a,b,c\n0,0,0\n" + row + b'\n4,"5",6\n7,8,9\n')
    assert good == [(2, "0", "0", "0"), (4, "4", "5", "6"), (5, "7", "8", "9")]
    assert faults == [(3, "(row)", row.decode(), "a row of CSV, its quotes closed")]


def test_a_row_with_too_few_or_too_many_cells_is_named(read):
    good, faults = read(b"a,b,c\n1,2\n1,2,3,4\n1,2,3\n")
    assert good == [(4, "1", "2", "3")]
    assert faults == [
        (2, "(row)", "1,2", "3 cells, as in the header"),
        (3, "(row)", "1,2,3,4", "3 cells, as in the header"),
    ]


def test_bytes_that_are_no_utf8_cost_their_row_and_are_shown(read):
    good, faults = read(b"a,b,c\n1,2,3\n1,caf\xe9,3\n4,caf\xc3\xa9,6\n")
    assert good == [(2, "1", "2", "3"), (4, "4", "café", "6")]
    assert faults == [(3, "b", "caf\\xe9", "text in UTF-8")]


def test_bytes_in_a_column_that_nobody_wants_cost_nothing(read):
    assert read(b"a,b,c\n1,\xff,3\n", ["a", "c"]) == ([(2, "1", "3")], [])


def test_a_cell_beyond_the_limit_costs_its_row(read):
    good, faults = read(b'a,b,c\n1,"' + b"x" * 200_000 + b'\n",3\n4,5,6\n')
    assert good[-1][1:] == ("4", "5", "6")
    assert faults[0][0] == 2


def test_a_file_without_an_end_of_line_is_refused(read, monkeypatch):
    monkeypatch.setattr(csvfile, "BLOCK", 100)
    monkeypatch.setattr(csvfile, "LONGEST_ROW", 1000)
    with pytest.raises(RefusedFile, match="row 2 is longer than"):
        read(b"a,b,c\n" + b"x" * 5000 + b"\n")


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=6)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(TEXT, TEXT, TEXT), max_size=20),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    ending=st.sampled_from(["\n", "\r\n"]),
    size=st.integers(16, 60),
)
def test_whatever_the_csv_module_writes_is_read_back_whatever_the_blocks(tmp_path_factory, rows, quoting, ending, size):
    written = io.StringIO(newline="")
    csv.writer(written, quoting=quoting, lineterminator=ending).writerows([("a", "b", "c"), *rows])
    path = tmp_path_factory.mktemp("csv") / "file.csv"
    path.write_text(written.getvalue(), newline="")
    whole, csvfile.BLOCK = csvfile.BLOCK, size
    try:
        blocks = list(read_csv(path, ["a", "b", "c"]))
    finally:
        csvfile.BLOCK = whole
    assert [row for block in blocks for row in block.frame.rows()] == [(n + 2, *row) for n, row in enumerate(rows)]
    assert all(block.faults.is_empty() for block in blocks)
