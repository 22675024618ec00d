"""The parts of a score, against a second way of reckoning each."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from scoring.titles import factors, neighbours
from scoring.titles.history import History, last_fifth, returns, thinned
from scoring.titles.neighbours import Together, local_ease
from scoring.titles.net import train
from scoring.titles.parts import log_z, summed, trend
from scoring.titles.transitions import FROM, RECENT, SKIPPED, TO, largest, recent, transitions

DAY = 86_400_000_000


def history(seed=0, members=60, titles=30, days=True):
    random = np.random.default_rng(seed)
    played = random.random((members, titles)) < random.uniform(0.1, 0.7, titles)
    member, title = np.nonzero(played)
    at = random.permutation(len(member)) * (DAY // 4 if days else 1)
    return History.of(member, title, at, members, titles)


def test_local_ease_among_all_titles_is_ease(monkeypatch):
    monkeypatch.setattr(neighbours, "FEWEST", 30)
    plays = history(members=2000).matrix()  # so many that any two titles were played by someone
    inverse = np.linalg.inv((plays.T @ plays).toarray() + 50 * np.eye(30))
    exact = -inverse / np.diag(inverse)
    np.fill_diagonal(exact, 0)
    assert local_ease(Together.of(plays, 30), 50.0).toarray() == pytest.approx(exact, abs=1e-4)


def test_counts_of_rare_titles_are_those_of_the_dense_square(monkeypatch):
    plays = history().matrix()
    whole = local_ease(Together.of(plays), 50.0).toarray()
    monkeypatch.setattr(neighbours, "HEAD", 7)
    assert local_ease(Together.of(plays), 50.0).toarray() == pytest.approx(whole, abs=1e-6)


def test_short_rows_of_factors_are_solved_as_long_ones_are(monkeypatch):
    plays = history().matrix()
    titles = np.random.default_rng(0).normal(size=(30, 8)).astype(np.float32)
    short = factors.solved(plays, titles)
    monkeypatch.setattr(factors, "FEW", 0)
    assert factors.solved(plays, titles) == pytest.approx(short, abs=1e-4)


def test_steps_begin_from_the_last_titles_alone_and_from_the_very_last_the_most():
    lengths = [RECENT + 30, 3, 0]
    member, title = np.repeat(np.arange(3), lengths), np.concatenate([np.arange(length) for length in lengths])
    found = recent(History.of(member, title, np.arange(len(member)), 3, RECENT + 30))
    assert np.diff(found.indptr).tolist() == [RECENT, 3, 0]  # nothing is reckoned of what counts for nothing
    assert found.indices[:RECENT].tolist() == list(range(30, RECENT + 30))
    assert np.all(np.diff(found.data[:RECENT]) > 0)
    assert found.data[RECENT - 1] == 1


def test_a_step_counts_for_less_the_more_titles_it_skips():
    one = History.of(np.zeros(3, int), np.array([2, 0, 1]), np.array([10, 20, 30]), 1, 3)
    steps = transitions(one).toarray()
    expected = np.zeros((3, 3))
    expected[2, 0], expected[0, 1], expected[2, 1] = 1, 1, 2**-SKIPPED
    assert steps == pytest.approx(expected)  # each title is played once: popularity divides out to 1
    assert FROM < 1
    assert TO < 1


@given(seed=st.integers(0, 20), most=st.integers(1, 5))
def test_the_largest_entries_of_each_row_stay(seed, most):
    matrix = sparse.random(8, 12, density=0.5, random_state=seed, format="csr")
    kept = largest(matrix, most).toarray()
    for row, dense in zip(kept, matrix.toarray(), strict=True):
        assert sorted(row[row > 0]) == pytest.approx(sorted(dense[dense > 0])[-most:])


@given(seed=st.integers(0, 30))
def test_what_is_held_out_is_the_end_of_a_history_and_never_in_what_is_known(seed):
    whole = history(seed)
    for held in (last_fifth(whole), returns(whole, int(np.median(whole.at)))):
        assert not (held.target & ~held.aside).any()
        known, target = whole.keep(~held.aside), whole.keep(held.target)
        assert (target.lengths <= 10).all()
        assert (known.lengths[target.lengths > 0] >= 4).all()
        for member in np.flatnonzero(target.lengths):
            earlier, later = known.rows(np.array([member])), target.rows(np.array([member]))
            assert earlier.at.max() < later.at.min()


def test_who_was_away_at_a_moment_returns_and_who_was_not_does_not_but_nobody_is_known_beyond_it():
    day = np.array([0, 1, 2, 3, 4, 9, 10, 0, 1, 2, 3, 8, 9, 10, 0, 1, 2, 3, 9])
    member = np.repeat([0, 1, 2], [7, 7, 5])  # away for five days; for a quarter of one; with four titles before
    whole = History.of(member, np.arange(19), day * DAY, 3, 19)
    held = returns(whole, 8 * DAY + DAY // 4)
    assert whole.title[held.target].tolist() == [5, 6]
    assert (held.aside == (whole.at > 8 * DAY)).all()


def test_too_many_pairs_are_thinned_to_the_latest_plays(monkeypatch):
    monkeypatch.setattr("scoring.titles.history.PAIRS", 500)
    monkeypatch.setattr("scoring.titles.history.RECENT", 5)
    whole = history()
    some = thinned(whole, seed=0)
    assert some.members == whole.members
    assert 0 < (some.lengths**2).sum() <= 500
    assert set(some.lengths) <= {0, 1, 2, 3, 4, 5}


@pytest.mark.parametrize("shape", [(7, 40, 30), (1, 5, 1), (3, 4, 0), (0, 4, 6)])
def test_a_dense_product_is_that_of_scipy_whatever_is_empty(shape):
    random, (members, played, scored) = np.random.default_rng(0), shape
    weights, rows = (
        sparse.random_array(size, density=0.2, format="csr", dtype=np.float32, rng=random)
        for size in ((members, played), (played, scored))
    )
    assert summed(sparse.csr_matrix(weights), sparse.csr_matrix(rows)) == pytest.approx((weights @ rows).toarray())


def test_scores_are_standardised_over_the_titles_inside():
    scores = np.array([[1, 2, 3, 1000.0]], dtype=np.float32)
    inside = np.array([[True, True, True, False]])
    z = np.array([-1, 0, 1]) * np.sqrt(1.5)
    assert log_z(scores, inside)[0, :3] == pytest.approx(np.sign(z) * np.log1p(np.abs(z)), abs=1e-5)


def test_the_net_learns_an_order_that_no_single_feature_gives():
    random = np.random.default_rng(0)
    features = random.normal(size=(400, 30, 3)).astype(np.float32)
    best = (features[:, :, 0] - 3 * np.abs(features[:, :, 1])).argmax(axis=1)
    played = np.zeros((400, 30), dtype=np.float32)
    played[np.arange(400), best] = 1
    net = train(features[:300], played[:300], seed=0)
    hits, alone = (
        (scores.argmax(axis=1) == best[300:]).mean() for scores in (net(features[300:]), features[300:, :, 0])
    )
    assert hits > 1.2 * alone


def test_of_titles_played_as_often_the_one_played_lately_is_the_trend():
    day = np.array([0, 1, 2, 100, 101, 102]) * DAY
    whole = History.of(np.arange(6), np.array([0, 0, 1, 1, 2, 2]), day, 6, 4)
    scores = trend(whole)
    assert scores[2] > scores[1] > scores[0] > scores[3]


def test_without_plays_or_titles_there_is_no_trend():
    nothing = np.empty(0, dtype=np.int64)
    assert trend(History.of(nothing, nothing, nothing, 2, 3)).tolist() == [0, 0, 0]
    assert trend(History.of(nothing, nothing, nothing, 2, 0)).shape == (0,)
