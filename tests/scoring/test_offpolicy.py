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
    """Kinds of members, some commoner than others, and artworks; a logging policy, a better one, and a reward model.

    The model is somewhat wrong, or, where there is none, learnt in each half of a log for the other half.
    """

    def __init__(self, rng, kinds=10, artworks=6, rate=0.2, floor=0.06, *, known=True):
        self.rng, shape = rng, (kinds, artworks)
        self.share = rng.dirichlet(np.full(kinds, 2))
        self.reward = np.clip(rate * np.exp(rng.normal(0, 0.5, shape)), 0.002, 0.9)
        softmax = np.exp(rng.normal(0, 1, shape))
        self.logged = floor / artworks + (1 - floor) * softmax / softmax.sum(axis=1, keepdims=True)
        better = np.exp(2 * self.reward / rate)
        self.target = better / better.sum(axis=1, keepdims=True)
        self.model = np.clip(self.reward * np.exp(rng.normal(0, 0.3, shape)), 0, 1) if known else None
        self.truth = float(self.share @ (self.target * self.reward).sum(axis=1))

    def replay(self, n):
        kind = self.rng.choice(len(self.share), n, p=self.share)
        drawn = self.rng.random(n)[:, None]
        choice = (self.logged[kind].cumsum(axis=1) < drawn).sum(axis=1).clip(max=self.logged.shape[1] - 1)
        reward = self.rng.random(n) < self.reward[kind, choice]
        halves = np.arange(n) % 2
        models = np.stack(
            [self.fitted(*(column[halves != half] for column in (kind, choice, reward))) for half in (0, 1)]
        )
        return {
            "reward": reward,
            "logged_propensity": self.logged[kind, choice],
            "target_propensity": self.target[kind, choice],
            "predicted": models[halves, kind, choice],
            "predicted_target": (self.target * models).sum(axis=2)[halves, kind],
        }

    def fitted(self, kind, choice, reward):
        """The mean reward of each artwork with each kind of member, shrunk towards everybody's."""
        if self.model is not None:
            return self.model
        cells = kind * self.logged.shape[1] + choice
        wins, shown = (np.bincount(cells, values, self.logged.size) for values in (reward, np.ones(len(reward))))
        return ((wins + 20 * reward.mean()) / (shown + 20)).reshape(self.logged.shape)


def coverage(world, n, method):
    """How many of 1,000 intervals, each from n logged choices, hold the true value of the better policy."""
    found = [evaluate(**world.replay(n), method=method) for _ in range(1000)]
    return np.mean([one.low <= world.truth <= one.high for one in found])


@pytest.mark.parametrize(
    ("method", "n", "least"), [("dr", 100, 0.93), ("dr", 400, 0.93), ("ips", 400, 0.92), ("snips", 400, 0.92)]
)
def test_the_interval_covers_the_truth(method, n, least):
    assert least <= coverage(World(np.random.default_rng(3)), n, method) <= 0.99


SHAPES = {
    "few kinds of members": {"kinds": 3, "artworks": 3, "floor": 0.1},
    "unequal chances": {"kinds": 20},
    "many kinds, model of the other half": {"kinds": 200, "rate": 0.1, "floor": 0.1, "known": False},
    "rare rewards, model of the other half": {"kinds": 20, "rate": 0.03, "floor": 0.1, "known": False},
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_95_in_100_doubly_robust_intervals_of_2000_choices_hold_another_policys_true_value(shape):
    assert 0.93 <= coverage(World(np.random.default_rng(7), **shape), 2000, "dr") <= 0.97


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


@pytest.mark.parametrize("method", ["ips", "snips", "dr"])
def test_the_interval_covers_the_truth_where_each_member_made_several_choices_alike(method):
    rng, members, each, covered = np.random.default_rng(5), 300, 12, []
    logged, target, suits = np.array([0.6, 0.3, 0.1]), np.full(3, 1 / 3), np.array([0.8, 1.0, 1.3])
    who = np.repeat(np.arange(members), each)
    for _ in range(400):
        eager = rng.choice([0.02, 0.18], members)
        choice = rng.choice(3, len(who), p=logged)
        reward = rng.random(len(who)) < eager[who] * suits[choice]
        model = {"predicted": 0.1 * suits[choice], "predicted_target": np.full(len(who), 0.1 * suits.mean())}
        found = evaluate(reward, logged[choice], target[choice], method, **model, unit=who)
        covered.append(found.low <= 0.1 * suits.mean() <= found.high)
    assert 0.92 <= np.mean(covered) <= 0.98


def test_a_unit_of_its_own_for_each_row_changes_nothing():
    known = (REWARD, LOGGED, TARGET, "dr", PREDICTED, PREDICTED_TARGET)
    assert evaluate(*known, unit=list("hgfedcba")) == pytest.approx(evaluate(*known))


def test_a_target_that_never_makes_a_logged_choice_is_worth_0_by_ips_and_else_refused():
    never = [0.0] * 8
    assert evaluate(REWARD, LOGGED, never) == (0, 0, 0, 0)
    for method in ("snips", "dr"):
        with pytest.raises(ValueError, match="target_propensity: 0 in every row"):
            evaluate(REWARD, LOGGED, never, method, PREDICTED, PREDICTED_TARGET)


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
        ({"logged_propensity": [1e-320] * 8}, "logged_propensity: next to nothing"),
        ({"unit": list("abcdefg")}, "unit: not one for each row"),
        ({"unit": [None, *"abcdefg"]}, "unit: not one for each row"),
        ({"unit": ["a"] * 8}, "unit: the same in every row"),
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
