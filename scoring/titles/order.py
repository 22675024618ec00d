"""In which order candidates are shown: two nets, one for the very next plays and one for after a pause.

What follows a play at once and what brings a member back after a pause are different questions: the step from the last
title to the next, the best clue for the first, is a bad one for the second. So each net learns from plays of its kind.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from scoring.titles.candidates import Candidates, Lister
from scoring.titles.catalogue import Catalogue
from scoring.titles.crowds import weight
from scoring.titles.history import Codes, Floats, HeldOut, History, after_a_pause, last_fifth
from scoring.titles.net import Net, train
from scoring.titles.parts import log_z

PUPILS = 2000  # members that a net learns from, at most
FEWEST = 30  # members with a pause, without whom the net for pauses is the other one, blind to steps
STEPS = 1  # the view that a pause turns around


class Nets(NamedTuple):
    """The order for the very next plays, and for a week or more after the last."""

    soon: Net
    back: Net


def nets(history: History, people: pl.DataFrame, catalogue: Catalogue, seed: int) -> Nets:
    """Both nets, each learnt with parts that never saw the plays held out."""
    soon = _lists(history, last_fifth(history), people, catalogue, seed)
    held = after_a_pause(history)
    if len(np.unique(history.member[held.target])) < FEWEST:
        features, played = soon
        return Nets(train(features, played, seed), train(_blind(features), played, seed))
    return Nets(train(*soon, seed), train(*_lists(history, held, people, catalogue, seed), seed))


def scores(net: Net, found: Candidates, lengths: Codes, popularity: Floats) -> Floats:
    """The score of each candidate [members × candidates], -inf where there is none: the net's, but for the new."""
    inside = found.titles >= 0
    own, score = weight(lengths)[:, None], net(features(found, lengths, popularity))
    if (own < 1).any():
        mixed = own * log_z(score, inside) + (1 - own) * found.crowd
        score = np.where(own < 1, mixed, score)
    return np.where(inside, score, -np.inf)


def features(found: Candidates, lengths: Codes, popularity: Floats) -> Floats:
    """What the nets see of each candidate: all views, how popular it is, how long the member's history is."""
    width = found.views.shape[2]
    seen = np.empty((*found.titles.shape, width + 2), dtype=np.float32)
    seen[:, :, :width], seen[:, :, width] = found.views, popularity[found.titles]
    seen[:, :, width + 1] = np.log1p(lengths)[:, None]
    return seen


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
    return features(found, known.lengths[pupils], lister.parts.popularity), played


def _blind(features: Floats) -> Floats:
    blind = features.copy()
    blind[:, :, STEPS] = 0
    return blind
