import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.offpolicy import evaluate, weights

ROWS = [  # reward, logged and target propensity, the model's reward of the choice, and of the target policy
    (1, 0.5, 0.8, 0.6, 0.55),
    (0, 0.5, 0.2, 0.3, 0.4),
    (0, 0.25, 0.1, 0.2, 0.35),
    (1, 0.25, 0.7, 0.5, 0.5),
    (0, 0.1, 0.6, 0.4, 0.45),
    (1, 0.6, 0.6, 0.5, 0.5),
    (0, 0.3, 0.05, 0.1, 0.3),
    (1, 0.05, 0.5, 0.7, 0.6),
]
REWARD, LOGGED, TARGET, PREDICTED, PREDICTED_TARGET = (list(column) for column in zip(*ROWS, strict=True))


@pytest.mark.parametrize(("method", "value"), [("ips", 1.925), ("snips", 0.688525), ("dr", 0.821667)])
def test_known_rows(method, value):
    found = evaluate(REWARD, LOGGED, TARGET, method, PREDICTED, PREDICTED_TARGET)
    assert found.value == pytest.approx(value, abs=5e-7)
    assert found.effective_sample_size == pytest.approx(3.385958, abs=5e-7)
    assert found.low < found.value < found.high


def test_known_weights():
    found = weights(LOGGED, TARGET)
    assert found.mean == pytest.approx(2.795833, abs=5e-7)
    assert (found.mean - 1) / found.standard_error == pytest.approx(1.46, abs=5e-3)
    assert found.largest == 10


class World:
    """Ten kinds of members, six artworks; a logging policy, a better one, and a model that is somewhat wrong."""

    def __init__(self, rng):
        self.rng, (kinds, artworks) = rng, (10, 6)
        self.reward = np.clip(0.2 * np.exp(rng.normal(0, 0.5, (kinds, artworks))), 0.01, 0.9)
        softmax = np.exp(rng.normal(0, 1, (kinds, artworks)))
        self.logged = 0.01 + 0.94 * softmax / softmax.sum(axis=1, keepdims=True)
        better = np.exp(10 * self.reward)
        self.target = better / better.sum(axis=1, keepdims=True)
        self.model = np.clip(self.reward * np.exp(rng.normal(0, 0.3, (kinds, artworks))), 0, 1)
        self.truth = float((self.target * self.reward).sum(axis=1).mean())

    def replay(self, n):
        kind = self.rng.integers(0, 10, n)
        choice = (self.logged[kind].cumsum(axis=1) < self.rng.random(n)[:, None]).sum(axis=1).clip(max=5)
        return {
            "reward": self.rng.random(n) < self.reward[kind, choice],
            "logged_propensity": self.logged[kind, choice],
            "target_propensity": self.target[kind, choice],
            "predicted": self.model[kind, choice],
            "predicted_target": (self.target * self.model).sum(axis=1)[kind],
        }


@pytest.mark.parametrize(
    ("method", "n", "least"), [("dr", 100, 0.93), ("dr", 400, 0.93), ("ips", 400, 0.92), ("snips", 400, 0.92)]
)
def test_the_interval_covers_the_truth(method, n, least):
    world = World(np.random.default_rng(3))
    found = [evaluate(**world.replay(n), method=method) for _ in range(1000)]
    covered = np.mean([one.low <= world.truth <= one.high for one in found])
    assert least <= covered <= 0.99


def test_all_methods_agree_with_the_truth_on_many_rows():
    world = World(np.random.default_rng(4))
    replay = world.replay(200_000)
    for method in ("ips", "snips", "dr"):
        assert evaluate(**replay, method=method).value == pytest.approx(world.truth, rel=0.03)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=20))
def test_the_policy_that_logged_is_worth_its_mean_reward(rewards):
    half = [0.5] * len(rewards)
    for method in ("ips", "snips"):
        found = evaluate(rewards, half, half, method)
        assert found.value == pytest.approx(np.mean(rewards))
        assert found.effective_sample_size == pytest.approx(len(rewards))
        assert found.low <= found.value <= found.high


def test_a_smaller_alpha_gives_a_wider_interval():
    wide, narrow = (evaluate(REWARD, LOGGED, TARGET, "snips", alpha=alpha) for alpha in (0.01, 0.1))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_a_target_that_never_makes_a_logged_choice_is_worth_0_by_ips_and_nothing_by_snips():
    never = [0.0] * 8
    assert evaluate(REWARD, LOGGED, never) == (0, 0, 0, 0)
    with pytest.raises(ValueError, match="target_propensity: 0 in every row"):
        evaluate(REWARD, LOGGED, never, "snips")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"logged_propensity": [0.0, *LOGGED[1:]]}, "logged_propensity: not all above 0"),
        ({"logged_propensity": [1.2, *LOGGED[1:]]}, "logged_propensity: not all above 0 and at most 1"),
        ({"logged_propensity": [None, *LOGGED[1:]]}, "logged_propensity: missing"),
        ({"target_propensity": [-0.1, *TARGET[1:]]}, "target_propensity: not all from 0 to 1"),
        ({"target_propensity": TARGET[1:]}, "target_propensity: 7 rows for 8"),
        ({"reward": REWARD[1:]}, "rows for"),
        ({"reward": [float("nan"), *REWARD[1:]]}, "reward: missing or not finite"),
        ({"reward": ["yes", *REWARD[1:]]}, "reward: not all numbers"),
        ({"reward": 1.0}, r"reward: of shape \(\)"),
        ({"predicted": None}, "predicted: missing; give"),
        ({"predicted_target": None}, "predicted_target: missing; give"),
        ({"predicted": PREDICTED[1:]}, "predicted: 7 rows for 8"),
        ({"predicted_target": [float("inf"), *PREDICTED_TARGET[1:]]}, "predicted_target: missing or not finite"),
        ({"method": "dm"}, "method: 'dm' is not known; give ips, snips or dr"),
        ({"alpha": 0}, "alpha: 0 is out of range"),
    ],
)
def test_what_can_not_be_used_is_refused_by_name(change, why):
    columns = {
        "reward": REWARD,
        "logged_propensity": LOGGED,
        "target_propensity": TARGET,
        "predicted": PREDICTED,
        "predicted_target": PREDICTED_TARGET,
        "method": "dr",
    }
    with pytest.raises(ValueError, match=why):
        evaluate(**columns | change)
