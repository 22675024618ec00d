"""The rows of the table."""

from bench.rows import scored


def test_scoring_is_timed_against_the_calls_that_it_needs():
    figure = scored(members=2000, seen=2000)
    assert figure.count == 2000
    assert min(figure.ours, figure.floor) > 0
