"""How the views are weighed, and who is held out together."""

from dataclasses import replace

import numpy as np
import pytest

from scoring.winback.learners import Bins, Forests, Sample, Size, ridge
from scoring.winback.stack import _folds, combine, fit_stack


def views(members, seed, noise):
    """Four views of an effect, of which the first is right; and a score as noisy as outcomes are."""
    random = np.random.default_rng(seed)
    effect, second, third, response = random.normal(0.05, 0.05, (4, members))
    score = effect + random.normal(0, noise, members)
    return np.column_stack([effect, second, third, np.abs(response) + 0.1]), score


def test_with_much_evidence_the_view_that_is_right_gets_all_the_weight():
    members, score = views(100_000, seed=0, noise=0.3)
    weights, intercept = combine(members, score, np.ones(100_000), 10_000)
    assert weights == pytest.approx([1, 0, 0, 0], abs=0.1)
    assert (intercept + members @ weights).mean() == pytest.approx(score.mean())


def few(mean, seed=1):
    """Fifty members whose scores have that mean, in standard errors of it; and one such error."""
    members, score = views(50, seed=seed, noise=1)
    score = (score - score.mean()) / score.std()
    return members, score + mean / np.sqrt(50), 1 / np.sqrt(50)


def test_with_little_evidence_the_effect_is_proportional_to_the_response():
    members, score, error = few(mean=3)
    weights, _ = combine(members, score, np.ones(50), 5)
    assert weights[3] == pytest.approx(3 * error / members[:, 3].mean(), rel=0.1)
    assert members[:, :3].std() * weights[:3].max() < 0.1 * members[:, 3].std() * weights[3]


@pytest.mark.parametrize("mean", [-1.5, -0.5, 0, 0.3])
def test_a_mean_effect_that_is_not_told_from_0_still_ranks_by_response(mean):
    members, score, error = few(mean)
    weights, intercept = combine(members, score, np.ones(50), 5)
    assert weights[3] == pytest.approx(0.5 * error / members[:, 3].mean(), rel=0.3)
    assert (intercept + members @ weights).mean() == pytest.approx(score.mean())


def test_where_mails_do_harm_on_average_the_likeliest_come_first_no_more():
    members, score, _ = few(mean=-3)
    weights, _ = combine(members, score, np.ones(50), 5)
    assert weights == pytest.approx([0, 0, 0, 0], abs=0.05)


@pytest.mark.parametrize("seed", range(5))
def test_views_of_the_uplift_never_count_against_a_member(seed):
    members, score = views(200, seed=seed, noise=1)
    weights, _ = combine(members, -np.abs(score), np.ones(200), 100)
    assert (weights[:3] >= 0).all()


def test_with_much_evidence_the_likeliest_may_come_last():
    members, _ = views(100_000, seed=0, noise=0)
    noise = np.random.default_rng(1).normal(0, 0.3, 100_000)
    weights, _ = combine(members, 0.2 - 0.5 * members[:, 3] + noise, np.ones(100_000), 10_000)
    assert weights == pytest.approx([0, 0, 0, -0.5], abs=0.05)


def test_the_ridge_finds_a_line_and_shrinks_noise():
    random = np.random.default_rng(2)
    columns = random.normal(size=(2000, 10))
    line = ridge(columns, columns @ np.eye(10)[0] + random.normal(0, 0.5, 2000), np.ones(2000))
    assert line == pytest.approx(np.eye(10)[0], abs=0.06)
    noise = ridge(columns, random.normal(0, 5, 2000), np.ones(2000))
    plain = np.linalg.lstsq(columns, random.normal(0, 5, 2000))[0]
    assert np.abs(noise).sum() < np.abs(plain).sum()


def test_a_members_rows_are_held_out_together():
    random = np.random.default_rng(0)
    nothing, mailed = np.zeros((3000, 1)), random.random(3000) < 0.5
    sample = Sample(
        mailed, (random.random(3000) < 0.1).astype(float), np.full(3000, 0.5), nothing, Bins.of(nothing, mailed, [])
    )
    members = random.integers(0, 900, 3000)
    folds = _folds(sample, members, seed=0)
    assert all(len(set(folds[members == member])) == 1 for member in np.unique(members))
    assert np.bincount(folds).min() > 900


def test_forests_are_kept_of_the_views_that_have_a_weight_and_say_the_same_without_the_others():
    random = np.random.default_rng(4)
    columns = random.normal(size=(1500, 3))
    mailed = random.random(1500) < 0.5
    won = random.random(1500) < 0.1 * np.exp(columns[:, 0])
    sample = Sample(mailed, won.astype(float), np.full(1500, 0.5), columns, Bins.of(columns, mailed, []))
    size = Size(leaves=4, trees=20)
    stack, _ = fit_stack(sample, columns, np.arange(1500), size, seed=0)
    gain, lift = bool(stack.weights[0]), bool(stack.weights[1])
    assert (gain, lift) == (True, False)
    kept = stack.forests
    assert (kept.gain_mailed is not None, kept.gain_unmailed is not None, kept.single is not None) == (gain, gain, lift)
    every = replace(stack, forests=Forests.grown(sample, size, seed=0))
    told = [one.uplift(one.views(columns, columns)) for one in (stack, every)]
    assert (told[0] == told[1]).all()
