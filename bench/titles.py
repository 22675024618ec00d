"""`python -m bench titles`: the title model beside strong simple recommenders, on MovieLens latest-small.

Twice: members who have been away, asked about at ten moments, with nothing after the moment known to anybody; and the
usual protocol, each member's last 20% of titles (10 at most) to be found by who knows everything else. All learn from
plays alone and rank all titles. Peers choose their settings on what members played after their last pause, or last,
within all that is known at the last moment: they keep them at the earlier ones, which favours them. Intervals are
bootstraps over members, each drawn with all their rows; the best peer is chosen on the very plays that judge, which
favours it too.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy import sparse

from bench.title_peers import Peer, peers
from scoring.encoding import Floats
from scoring.titles import TitleModel
from scoring.titles.candidates import largest
from scoring.titles.history import DAY, Codes, Flags, HeldOut, History, last_fifth, returns

QUANTILES = np.arange(10, 20) / 20  # of all plays: the moments at which members who are away are asked about
AWAY = 7 * DAY  # since the last play
SHOWN, RESAMPLES = 20, 10_000


class Split(NamedTuple):
    """What may be learnt from, and what is to be found [pairs of the whole history]."""

    known: Flags
    target: Flags
    at: int | None = None  # when everybody is asked, in microseconds since 1970; None: after the last known play

    def asked(self, history: History) -> Codes:
        """Members who have something to find."""
        return np.unique(history.member[self.target])


class Judged(NamedTuple):
    """R@20 and NDCG@20 [scorers × 2 × asked], and who was asked."""

    members: Codes
    quality: Floats


def lines(arguments: Sequence[str]) -> Iterator[str]:
    """Both comparisons: a line a scorer, then ours against the best peer."""
    parser = argparse.ArgumentParser(prog="python -m bench titles", description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("MOVIELENS_DIR"), help="default: MOVIELENS_DIR")
    parser.add_argument("--seed", type=int, default=0, help="of the title model")
    asked = parser.parse_args(arguments)
    if asked.data is None:
        parser.error("set MOVIELENS_DIR to a folder with MovieLens latest-small, or give --data")
    history = read(asked.data)
    yield from told("away for a week or more", history, away(history), asked.seed)
    yield from told("the very next plays", history, [usual(history)], asked.seed)


def read(folder: Path) -> History:
    """MovieLens's ratings as plays; members and titles are numbered as they appear."""
    ratings = pl.read_csv(folder / "ratings.csv", columns=["userId", "movieId", "timestamp"])
    member, title = ((ratings[name].rank("dense") - 1).to_numpy().astype(np.int64) for name in ("userId", "movieId"))
    at = ratings["timestamp"].to_numpy() * 1_000_000
    return History.of(member, title, at, int(member.max()) + 1, int(title.max()) + 1)


def away(history: History) -> list[Split]:
    """For each moment: all plays before it are known, the first 10 from then on are to be found."""
    cuts = np.quantile(history.at, QUANTILES).astype(np.int64)
    return [_cut(history, int(cut)) for cut in cuts]


def _cut(history: History, cut: int) -> Split:
    held = returns(history, cut, AWAY)
    return Split(~held.aside, held.target, cut)


def usual(history: History) -> Split:
    """The last fifth of each member's titles is to be found."""
    held = last_fifth(history)
    return Split(~held.aside, held.target)


def told(name: str, history: History, splits: Sequence[Split], seed: int) -> Iterator[str]:
    """A table."""
    settled = _settled(history, splits[-1])
    judged = [_judged(history, split, settled, seed) for split in splits]
    members = np.concatenate([one.members for one in judged])
    quality = np.concatenate([one.quality for one in judged], axis=2)
    means = quality.mean(axis=2)
    yield f"{name}: {len(members)} rows of {len(np.unique(members))} members"
    yield f"  {'':<14}{'R@20':>8}{'NDCG@20':>9}"
    for scorer, row in zip(["ours", *settled], means, strict=True):
        yield f"  {scorer:<14}{row[0]:>8.4f}{row[1]:>9.4f}"
    for place, measure in enumerate(("R@20", "NDCG@20")):
        best = 1 + int(means[1:, place].argmax())
        share = ratio(members, quality[0, place], quality[best, place])
        yield f"  {measure}: {share[0]:.3f} × {list(settled)[best - 1]} ({share[1]:.3f} to {share[2]:.3f})"


def ratio(members: Codes, ours: Floats, theirs: Floats) -> tuple[float, float, float]:
    """Σ ours / Σ theirs with its interval (95%), drawing members, each with all their rows."""
    _, whose = np.unique(members, return_inverse=True)
    sums = np.stack([np.bincount(whose, values) for values in (ours, theirs)], axis=1)
    weights = np.random.default_rng(0).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), RESAMPLES)
    again = weights @ sums
    low, high = np.quantile(again[:, 0] / again[:, 1], [0.025, 0.975])
    return float(ours.sum() / theirs.sum()), float(low), float(high)


def _settled(history: History, split: Split) -> Mapping[str, Peer]:
    """Every peer with the settings that it chose for itself, within what is known."""
    known = history.keep(split.known)
    inner = _inner(known, split.at)
    return {name: _chosen(known, inner, grid) for name, grid in peers().items()}


def _judged(history: History, split: Split, settled: Mapping[str, Peer], seed: int) -> Judged:
    """Ours first, then every peer."""
    asked, known = split.asked(history), history.keep(split.known)
    target = history.keep(split.target).matrix()[asked].toarray()
    plays = known.matrix()
    theirs = (best(plays, asked, peer) for peer in settled.values())
    shown = [ours(known, asked, split.at, seed), *theirs]
    return Judged(asked, np.stack([quality(titles, target) for titles in shown]))


def _inner(known: History, at: int | None) -> Split:
    """A split within what is known; of what followed pauses, where members who are away are asked about."""
    held = last_fifth(known) if at is None else after_a_pause(known)
    return Split(~held.aside, held.target)


def after_a_pause(history: History) -> HeldOut:
    """The first 10 titles after each member's last pause of a day; members with fewer than 5 before it keep all."""
    place = np.arange(len(history.at)) - np.repeat(history.start[:-1], history.lengths)
    resumed = (np.diff(history.at, prepend=history.at[:1]) >= DAY) & (place > 0)
    last = np.zeros(history.members, dtype=np.int64)
    np.maximum.at(last, history.member[resumed], place[resumed])
    begin = np.repeat(last, history.lengths)
    return HeldOut.first(history, (begin >= 5) & (place >= begin))


def _chosen(known: History, inner: Split, grid: list[Peer]) -> Peer:
    """The setting that finds most of what the inner split hides."""
    if len(grid) == 1:
        return grid[0]
    asked, plays = inner.asked(known), known.keep(inner.known).matrix()
    target = known.keep(inner.target).matrix()[asked].toarray()
    return max(grid, key=lambda peer: float(quality(best(plays, asked, peer), target).mean()))


def ours(known: History, asked: Codes, at: int | None, seed: int) -> Codes:
    """The titles that the title model shows [asked × 20], -1 where there are fewer."""
    moment = pl.from_epoch(pl.Series("played_at", known.at), "us").dt.replace_time_zone("UTC")
    names = {"member_id": known.member.astype(str), "title_id": known.title.astype(str)}
    model = TitleModel(seed, tabled=False).fit(pl.DataFrame(names).with_columns(moment))
    when = None if at is None else pl.select(pl.from_epoch(pl.lit(at), "us").dt.replace_time_zone("UTC")).item()
    found = model.recommend(asked.astype(str).tolist(), SHOWN, when)
    shown = np.full((len(asked), SHOWN), -1)
    row = np.searchsorted(asked, found["member_id"].cast(pl.Int64).to_numpy())
    shown[row, found["rank"].to_numpy() - 1] = found["title_id"].cast(pl.Int64).to_numpy()
    return shown


def best(plays: sparse.csr_matrix, asked: Codes, peer: Peer) -> Codes:
    """The titles that a peer shows [asked × 20], of those not played."""
    scores = np.where(plays[asked].toarray() > 0, -np.inf, peer(plays, asked))
    return largest(scores, SHOWN)


def quality(shown: Codes, target: Floats) -> Floats:
    """R@20 and NDCG@20 of each member [2 × asked]; `target` [asked × titles] is 1 where there is something to find."""
    hits = np.take_along_axis(target, np.maximum(shown, 0), axis=1) * (shown >= 0)
    discount = 1 / np.log2(np.arange(SHOWN) + 2)
    count = target.sum(axis=1).astype(int)
    ideal = np.concatenate([[0], np.cumsum(discount)])[np.minimum(count, SHOWN)]
    return np.stack([hits.sum(axis=1) / count, hits @ discount / ideal])
