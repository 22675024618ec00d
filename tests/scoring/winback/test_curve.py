"""How many of the win-backs that mail can cause the best part of the members has."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.winback.curve import STEPS, targeting_curve

uplifts = st.lists(st.integers(-500, 500), min_size=1, max_size=60).map(lambda points: np.array(points) / 1000)


@given(uplifts)
def test_it_begins_at_nothing_never_exceeds_all_and_bends_down(uplift):
    steps = targeting_curve(uplift)
    if (uplift <= 0).all():
        assert steps == []
        return
    caused = np.array([step.caused for step in steps])
    assert (caused[0], [step.share for step in steps]) == (0, list(STEPS))
    assert caused.max() <= 1 + 1e-9
    assert (np.diff(np.diff(caused)) <= 1e-9).all()
    if (uplift >= 0).all():
        assert caused[-1] == pytest.approx(1)


def test_even_uplifts_are_the_line_of_chance():
    assert [step.caused for step in targeting_curve(np.full(10, 0.1))] == pytest.approx(list(STEPS))


def test_past_the_last_member_whom_a_mail_helps_it_falls():
    [half, whole] = targeting_curve(np.array([0.2, -0.1]), [0.5, 1.0])
    assert (half.caused, whole.caused) == (1, 0.5)


def test_of_nobody_there_is_none():
    assert targeting_curve(np.array([])) == []
