"""In which order candidates are shown: two nets, one for the very next plays and one for after a pause.

What follows a play at once and what brings a member back after a pause are different questions: the step from the last
title to the next, the best clue for the first, is a bad one for the second. So each net learns from plays of its kind,
and the one for pauses as it will be asked: at a moment after which nothing is known of anybody.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from scoring.titles.candidates import Candidates, Lister
from scoring.titles.catalogue import Catalogue
from scoring.titles.crowds import weight
from scoring.titles.history import Codes, Floats, HeldOut, History, last_fifth, returns
from scoring.titles.net import Net, train
from scoring.titles.parts import Parts, log_z

PUPILS = 2000  # members that a net learns from, at most
MOMENTS = (0.4, 0.7, 0.9)  # of all plays: the net for pauses learns from what members away then came back to
FEWEST = 30  # lists of such members, without which the net for pauses is the other one, blind to steps
STEPS = 1  # the view that a pause turns around


class Nets(NamedTuple):
    """The order for the very next plays, and for a week or more after the last."""

    soon: Net
    back: Net


def nets(history: History, people: pl.DataFrame, catalogue: Catalogue, seed: int) -> Nets:
    """Both nets, each learnt with parts that never saw the plays held out."""
    soon = _lists(history, last_fifth(history), people, catalogue, seed)
    came = [held for moment in _moments(history) if (held := returns(history, moment)).target.any()]
    if sum(len(np.unique(history.member[held.target])) for held in came) < FEWEST:
        features, played = soon
        return Nets(train(features, played, seed), train(_blind(features), played, seed))
    lists = [_lists(history, held, people, catalogue, seed) for held in came]
    features, played = (np.concatenate(arrays) for arrays in zip(*lists, strict=True))
    return Nets(train(*soon, seed), train(features, played, seed))


def scores(net: Net, found: Candidates, lengths: Codes, parts: Parts) -> Floats:
    """The score of each candidate [members × candidates], -inf where there is none: the net's, but for the new."""
    inside = found.titles >= 0
    own, score = weight(lengths)[:, None], net(features(found, lengths, parts))
    if (own < 1).any():
        mixed = own * log_z(score, inside) + (1 - own) * found.crowd
        score = np.where(own < 1, mixed, score)
    return np.where(inside, score, -np.inf)


def features(found: Candidates, lengths: Codes, parts: Parts) -> Floats:
    """What the nets see of each candidate: all views, how popular it is and is now, how long the history is."""
    width = found.views.shape[2]
    seen = np.empty((*found.titles.shape, width + 3), dtype=np.float32)
    seen[:, :, :width], seen[:, :, width] = found.views, parts.popularity[found.titles]
    seen[:, :, width + 1], seen[:, :, width + 2] = parts.trend[found.titles], np.log1p(lengths)[:, None]
    return seen


def _moments(history: History) -> list[int]:
    """When members who are away are asked about, in microseconds since 1970."""
    return [int(cut) for cut in np.quantile(history.at, MOMENTS)] if len(history.at) else []


def _lists(
    history: History, held: HeldOut, people: pl.DataFrame, catalogue: Catalogue, seed: int
) -> tuple[Floats, Floats]:
    """The lists that a net learns from: features of candidates, and which of them were played."""
    known = history.keep(~held.aside)
    lister = Lister.of(known, people, catalogue, seed)
    pupils = np.flatnonzero(np.bincount(history.member[held.target], minlength=history.members))
    if len(pupils) > PUPILS:
        pupils = np.sort(np.random.default_rng(seed).choice(pupils, PUPILS, replace=False))
    found = lister.list(known.rows(pupils), people[pupils], catalogue.on_show(None))
    target = history.keep(held.target).rows(pupils)
    played = target.matrix().toarray()[np.arange(len(pupils))[:, None], found.titles] * (found.titles >= 0)
    return features(found, known.lengths[pupils], lister.parts), played


def _blind(features: Floats) -> Floats:
    blind = features.copy()
    blind[:, :, STEPS] = 0
    return blind
