import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from campaigns.intake.checks import check
from campaigns.intake.rows import ROW
from scoring.contracts import MEMBERS, PLAYS
from scoring.lake.schema import file_schema


def block(**columns):
    rows = len(next(iter(columns.values())))
    return pl.DataFrame({ROW: range(2, 2 + rows), **columns}, schema_overrides={ROW: pl.Int64})


def test_the_first_bad_cell_in_the_contract_s_order_names_the_row():
    frame = block(played_at=["never"], member_id=[""], title_id=["\x00"])
    told = check(PLAYS, frame).faults
    assert told.rows() == [
        (2, "member_id", "", "text of one line, of at most 200 characters (required)", None, "\x00", "never")
    ]


def test_columns_that_are_not_there_are_empty_flags_no_and_lists_without_items():
    good = check(MEMBERS, block(member_id=["m1"], signed_up_at=["2020-01-01"])).good
    assert dict(good.drop(ROW).schema) == dict(file_schema(MEMBERS))
    assert good.select("plan", "email_consent", "favourite_genres").rows() == [(None, False, [])]


def test_spaces_around_a_cell_fall_away():
    good = check(MEMBERS, block(member_id=[" m1\t"], signed_up_at=[" 2020-01-01 "], plan=["  "])).good
    assert good.select("member_id", "plan").rows() == [("m1", None)]


CELL = st.one_of(st.sampled_from(["m1", "", "2020-01-01", "5", "inf"]), st.text(max_size=5))


@given(st.lists(st.tuples(CELL, CELL, CELL, CELL), max_size=20))
def test_every_row_is_either_good_or_set_aside(rows):
    columns = dict(zip(("member_id", "title_id", "played_at", "minutes"), zip(*rows, strict=True), strict=False))
    if not rows:
        columns = {"member_id": [], "title_id": [], "played_at": []}
    frame = pl.DataFrame({name: pl.Series(name, list(cells), dtype=pl.String) for name, cells in columns.items()})
    numbered = frame.select(pl.int_range(2, 2 + pl.len()).alias(ROW), pl.all())
    checked = check(PLAYS, numbered)
    assert sorted([*checked.good[ROW], *checked.faults[ROW]]) == list(range(2, 2 + len(rows)))
    assert checked.good.select(PLAYS.required).null_count().sum_horizontal().item() == 0
    assert checked.faults["column"].null_count() == 0
