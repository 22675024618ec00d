"""The features against a second way of getting them: plain SQL, written by hand."""

import polars as pl
from polars.testing import assert_frame_equal

from bench import features as bench
from scoring.winback.snapshot import MAILS, snapshot_of


def test_the_expression_gives_what_plain_sql_gives(tmp_path):
    lake = bench.service(tmp_path / "lake", plays=20_000, members=4_000)
    spine = bench.everyone(4_000)
    ours = snapshot_of(lake, spine, pl.DataFrame(schema=MAILS))
    theirs = bench.by_hand(lake, spine).sort("member_id", "at")
    assert ours.height > 1_000
    assert_frame_equal(ours, theirs, check_column_order=False, abs_tol=1e-5)
    constant = {"at", "language", "favourite_genres", "mails_lifetime", "mails_90d", "mails_since_play"}
    assert all(ours[name].n_unique() > 1 for name in ours.columns if name not in constant)
