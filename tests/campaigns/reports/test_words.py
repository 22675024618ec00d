import re

from hypothesis import given
from hypothesis import strategies as st

from campaigns.reports.words import FILTERS, counted, moment, number, percent, points, signed

SMALL = st.floats(-0.05, 0.05)


@given(SMALL, st.integers(0, 3))
def test_nothing_is_never_less_than_nothing(value, digits):
    for said in (number(value, digits), percent(value, digits), signed(value), points(value)):
        assert not re.fullmatch(r"[-+−]0(\.0*)?( points|%)?", said)
        assert "-" not in said


@given(st.floats(-1, 1))
def test_a_difference_shows_its_sign_and_reads_back_to_the_digit(value):
    assert abs(float(signed(value).replace("−", "-")) - 100 * value) <= 0.05 + 1e-9


def test_one_is_singular_and_all_else_is_not():
    said = [counted(n, "member") for n in (0, 1, 1.2, 2, 1000)]
    assert said == ["0 members", "1 member", "1 member", "2 members", "1,000 members"]


def test_what_is_not_known_is_a_dash():
    assert {FILTERS[name](None) for name in ("number", "percent", "signed", "points")} == {"–"}


def test_a_time_is_told_to_the_minute():
    assert moment("2026-11-28T09:05:00+00:00") == "28 Nov 2026, 09:05"
