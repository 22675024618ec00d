"""How title models are judged."""

import numpy as np
import pytest

from bench.titles import after_a_pause, quality, ratio
from scoring.titles.history import DAY, History


def test_after_a_pause_the_last_pause_counts():
    at = np.array([0, 1, 2, 3, 4, 5, 100, 101, 300, 301]) * (DAY // 50)
    one = History.of(np.zeros(10, int), np.arange(10), at, 1, 10)
    assert one.title[after_a_pause(one).target].tolist() == [8, 9]


def test_what_is_found_first_counts_most_and_what_is_not_shown_not_at_all():
    target = np.array([[1.0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]])
    shown = np.full((3, 20), -1)
    shown[:, :2] = [[0, 1], [2, 0], [1, 2]]
    recall, ndcg = quality(shown, target)
    assert recall.tolist() == [1, 1, 0]
    assert ndcg == pytest.approx([1, 1 / np.log2(3), 0])


def test_a_ratio_is_that_of_the_sums_and_a_members_rows_are_drawn_together():
    alone = ratio(np.arange(40), np.tile([1.0, 3.0], 20), np.ones(40))
    together = ratio(np.repeat(np.arange(20), 2), np.tile([1.0, 3.0], 20), np.ones(40))
    assert alone[0] == together[0] == 2
    assert alone[1] < 2 < alone[2]
    assert together[1:] == (2, 2)  # every member has one of each
