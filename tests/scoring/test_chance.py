import hashlib
from collections import Counter
from datetime import date
from math import nextafter, sqrt

import duckdb
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scoring.chance import arm_of, arms_of, below, bucket, first60, first60s, joined, sql, uniform, uniforms

ids = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)  # lone surrogates are in no UTF-8 file
LAYERS = pl.DataFrame({"layer": [f"layer{i % 7}" for i in range(20_000)], "member": [f"m{i}" for i in range(20_000)]})


@pytest.mark.parametrize(
    ("text", "digits", "hashed", "tenth_of_a_thousandth"),
    [
        ("exp1:m0000001", "767f454a3c2fa01", 533663725228587521, 4628),
        ("exp1:m0000002", "3f74ae33642982d", 285779441089681453, 2478),
        ("layer7:42", "f3d3625d917e192", 1098093420332179858, 9524),
        ("é:1", "2b465a88eb5d66c", 194892458506966636, 1690),
        ("", "d41d8cd98f00b20", 955282973525019424, 8285),
    ],
)
def test_the_hash_is_the_first_15_hex_digits_of_md5(text, digits, hashed, tenth_of_a_thousandth):
    assert hashlib.md5(text.encode()).hexdigest()[:15] == digits
    assert first60(text) == hashed
    assert bucket(text) == tenth_of_a_thousandth
    assert uniform(text) == hashed / 2**60


def test_python_keeps_the_known_sums():
    parts = list(LAYERS.iter_rows())
    assert sum(first60(f"{layer}:{member}") for layer, member in parts) == 11528786602515908260450
    assert sum(bucket(*pair) for pair in parts) == 99986219


def test_duckdb_keeps_the_known_sum():
    hashed = sql("duckdb", "'layer' || i % 7 || ':m' || i")
    relation = duckdb.sql(f"SELECT sum({hashed}) FROM range(20000) r(i)")
    assert relation.fetchall() == [(11528786602515908260450,)]


def test_a_frame_of_ids_draws_as_its_joined_parts():
    drawn = uniforms(LAYERS, "salt")
    assert drawn.to_list() == [uniform("salt", *pair) for pair in LAYERS.iter_rows()]
    assert abs(drawn.mean() - 0.5) < 4 / sqrt(12 * 20_000)


@given(st.lists(ids, max_size=8), ids)
@example(["a:b", "\x00", "a\x00b", " a", "a ", "é", "e\u0301", "😀", "\ufeff", ""], "")
def test_any_id_draws_the_same_in_duckdb_as_in_python(members, salt):
    drawn = uniforms(pl.Series("member_id", members, dtype=pl.String), salt)
    assert drawn.to_list() == [uniform(salt, member) for member in members]


def test_numbers_and_dates_draw_as_their_text():
    frame = pl.DataFrame({"run": [date(2026, 12, 1)], "member": [7]})
    assert uniforms(frame, "s")[0] == uniform("s", date(2026, 12, 1), 7) == uniform("s", "2026-12-01", "7")
    assert joined("s", date(2026, 12, 1), 7) == "s:2026-12-01:7"


@pytest.mark.parametrize(
    ("column", "why"),
    [
        (pl.Series("member_id", ["a", None]), "member_id: 1 ids are missing"),
        (pl.Series("member_id", [1.0]), "member_id: Float64 can be no id"),
    ],
)
def test_what_is_no_id_is_refused_by_name(column, why):
    with pytest.raises(ValueError, match=why):
        uniforms(column, "salt")


@given(st.integers(0, 2**60 - 1) | st.integers(2**60 - 200, 2**60 - 1), st.floats(0, 1), st.integers(-70, 70))
def test_a_hash_is_below_a_share_just_where_its_draw_is(hashed, share, step):
    drawn = min(hashed / 2**60, nextafter(1, 0))
    assert (hashed < below(share)) == (drawn < share)
    near = min(max(hashed + step, 0), 2**60) / 2**60
    assert (hashed < below(near)) == (drawn < near)


def test_all_hashes_and_none_lie_below_the_ends():
    assert (below(0), below(1)) == (0, 2**60)
    for share in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match="share: "):
            below(share)


def test_a_holdout_in_sql_is_the_holdout_in_python():
    h = first60s(LAYERS["member"], "holdout:autumn")
    assert (h < below(0.1)).to_list() == [uniform("holdout:autumn", m) < 0.1 for m in LAYERS["member"]]


def test_salts_are_independent_of_each_other():
    one, two = (uniforms(LAYERS["member"], salt) for salt in ("layer1", "layer2"))
    both = ((one < 0.1) & (two < 0.1)).sum()
    assert abs(both - 200) < 4 * sqrt(200)


shares = (
    st.lists(st.integers(0, 5), min_size=1, max_size=6)
    .filter(any)
    .map(lambda parts: {f"arm{place}": part / sum(parts) for place, part in enumerate(parts)})
)
draws = st.floats(0, 1, exclude_max=True) | st.just(nextafter(1, 0))


@given(draws, shares)
def test_an_arm_without_a_share_is_never_drawn(u, arms):
    assert arms[arm_of(u, arms)] > 0


@given(draws, shares)
def test_the_order_of_the_arms_makes_no_difference(u, arms):
    assert arm_of(u, arms) == arm_of(u, dict(reversed(arms.items())))


@given(st.lists(draws, max_size=5), shares)
def test_a_series_of_draws_falls_into_the_same_arms(drawn, arms):
    u = pl.Series("u", drawn, dtype=pl.Float64)
    assert arms_of(u, arms).to_list() == [arm_of(one, arms) for one in drawn]


def test_arms_get_their_shares():
    arms = {"title": 0.5, "new_since": 0.3, "plain": 0.2}
    got = Counter(arms_of(uniforms(LAYERS["member"], "subject"), arms))
    for arm, share in arms.items():
        assert abs(got[arm] - 20_000 * share) < 4 * sqrt(20_000 * share * (1 - share))


@pytest.mark.parametrize("arms", [{}, {"a": 0.5}, {"a": 0.5, "b": 0.6}, {"a": 1.5, "b": -0.5}, {"a": float("nan")}])
def test_arms_that_do_not_add_up_are_refused(arms):
    with pytest.raises(ValueError, match=r"arms: .* do not add up to 1"):
        arm_of(0.5, arms)


@pytest.mark.parametrize("u", [-0.1, 1.0, float("nan")])
def test_what_is_no_draw_is_refused(u):
    with pytest.raises(ValueError, match="u: "):
        arm_of(u, {"a": 1})
    with pytest.raises(ValueError, match="u: "):
        arms_of(pl.Series("u", [0.5, u]), {"a": 1})
    with pytest.raises(ValueError, match="u: "):
        arms_of(pl.Series("u", [0.5, None]), {"a": 1})


def test_an_engine_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match="engine: 'mysql' is not known; give one of duckdb, spark, postgresql"):
        sql("mysql", "id")
