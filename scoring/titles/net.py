"""A small net that orders a member's candidates, trained on whole lists at once.

Cao, Qin, Liu, Tsai, Li: "Learning to rank: from pairwise approach to listwise approach" (ICML 2007): softmax
cross-entropy between scores and what was played. A linear part, and 16 hidden units for what is not linear; Adam.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scoring.titles.history import Floats

HIDDEN = 16
EPOCHS = 30
LISTS = 64  # a batch
RATE = 0.004  # falls to 0 over the epochs
DECAY = 1e-4
FARTHEST = 4.0  # standard deviations of a feature


@dataclass
class Net:
    """score = linear · f + out · relu(hidden · f + bias), of standardised features f."""

    mean: Floats
    scale: Floats
    linear: Floats  # [features]
    hidden: Floats  # [features × 16]
    bias: Floats  # [16]
    out: Floats  # [16]

    def __call__(self, features: Floats) -> Floats:
        """Scores [members × candidates] of features [members × candidates × features]."""
        f = self.standardised(features.reshape(-1, features.shape[-1]))  # flat: one product, not one a member
        hidden: Floats = f @ self.hidden + self.bias
        np.maximum(hidden, 0, out=hidden)
        scores: Floats = f @ self.linear + hidden @ self.out
        return scores.reshape(features.shape[:-1])

    def standardised(self, features: Floats) -> Floats:
        """Features with mean 0 and deviation 1, none farther than 4."""
        inside: Floats = (features - self.mean) * self.scale
        np.clip(inside, -FARTHEST, FARTHEST, out=inside)
        return inside


def train(features: Floats, played: Floats, seed: int) -> Net:
    """Learn from lists [members × candidates × features] of which some candidates were `played` [members × candidates].

    Lists in which none was played teach nothing and are left out; without any, the net is the sum of its features.
    """
    taught = played.any(axis=1)
    features, target = features[taught], played[taught] / np.maximum(played[taught].sum(axis=1, keepdims=True), 1)
    random = np.random.default_rng(seed)
    net = _fresh(features, random)
    step, batches = _Adam([net.linear, net.hidden, net.bias, net.out]), max(1, -(-len(features) // LISTS))
    for _ in range(EPOCHS if len(features) else 0):
        for batch in np.array_split(random.permutation(len(features)), batches):
            rate = RATE * (1 - step.taken / (EPOCHS * batches))
            step(_slopes(net, net.standardised(features[batch]), target[batch]), rate)
    return net


def _fresh(features: Floats, random: np.random.Generator) -> Net:
    width = features.shape[2]
    flat = features.reshape(-1, width)
    mean, deviation = (flat.mean(axis=0), flat.std(axis=0)) if len(flat) else (np.zeros(width), np.ones(width))
    hidden = random.normal(size=(width, HIDDEN)) / width**0.5
    parts = mean, 1 / np.maximum(deviation, 1e-6), np.ones(width) / width, hidden, np.zeros(HIDDEN), np.zeros(HIDDEN)
    return Net(*(part.astype(np.float32) for part in parts))


def _slopes(net: Net, f: Floats, target: Floats) -> list[Floats]:
    """How the loss of a batch falls with each of the net's arrays."""
    raised = np.maximum(f @ net.hidden + net.bias, 0)
    scores = f @ net.linear + raised @ net.out
    share = np.exp(scores - scores.max(axis=1, keepdims=True))
    error = (share / share.sum(axis=1, keepdims=True) - target) / len(f)
    back = error[:, :, None] * net.out * (raised > 0)
    along = np.einsum("mcf,mch->fh", f, back, optimize=True)
    slopes = [np.einsum("mcf,mc->f", f, error), along, back.sum(axis=(0, 1)), np.einsum("mch,mc->h", raised, error)]
    return [
        slope + DECAY * part for slope, part in zip(slopes, (net.linear, net.hidden, net.bias, net.out), strict=True)
    ]


class _Adam:
    """Kingma, Ba: "Adam: a method for stochastic optimization" (2015). Changes the arrays in place."""

    def __init__(self, arrays: list[Floats]) -> None:
        self.arrays = arrays
        self.first, self.second = [np.zeros_like(a) for a in arrays], [np.zeros_like(a) for a in arrays]
        self.taken = 0

    def __call__(self, slopes: list[Floats], rate: float) -> None:
        """One step down."""
        self.taken += 1
        for array, slope, first, second in zip(self.arrays, slopes, self.first, self.second, strict=True):
            np.add(first, 0.1 * (slope - first), out=first)
            np.add(second, 0.001 * (slope**2 - second), out=second)
            unbiased = np.sqrt(second / (1 - 0.999**self.taken)) + 1e-8
            np.subtract(array, rate * first / (1 - 0.9**self.taken) / unbiased, out=array, casting="same_kind")
