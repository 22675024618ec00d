"""`python -m bench trials`: our uplift scorer beside single learners, on randomised trials of known true effects.

Each trial has its own law. All learn from the same members and are judged on fresh ones: by expected Qini, the area
between the gains by *true* effect and those of a random order, a member, in units of the best that anyone could do.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.stats import rankdata

from bench.means import error_of_mean
from bench.peers import peers, response
from bench.trials import BASES, SHAPES, SHARES, Members, members
from scoring.encoding import Floats
from scoring.winback import WinbackModel
from scoring.winback.qini import Outcomes, Ranking
from scoring.winback.reliability import mean_effect, reliability, slope, standard_error

SEEN, FRESH = 40_000, 100_000
LITTLE, RAREST, TOP = 2_000, 0.01, 0.2  # members, their chance unmailed, and the share that is mailed
PEERS = ("S", "T", "X", "DR", "ridge", "response")


class Levels(NamedTuple):
    """How far predictions lie from what was measured on the fresh members of a trial."""

    error_mailed: float  # expected calibration errors
    error_unmailed: float
    chance_mailed: float  # what they would be, on average, if the predictions were right
    chance_unmailed: float
    auc_mailed: float  # of ours, as shares of the raw forests'
    auc_unmailed: float
    slope: float  # of the measured uplift on the predicted one
    slope_error: float
    true_slope: float  # of the true one
    within: bool  # the mean predicted uplift lies within the interval of the measured


class Result(NamedTuple):
    """A trial: shares of the possible Qini, by scorer."""

    shape: str
    seed: int
    base: float
    share: float
    qini: dict[str, float]
    levels: Levels


class Few(NamedTuple):
    """A trial of few members: the mean true effect of the top fifth by ours and by response; everybody's is 1."""

    seed: int
    ours: float
    response: float
    best: float


def lines(arguments: Sequence[str]) -> Iterator[str]:
    """Run what is asked for: rankings and levels, a line a shape; then what few members tell."""
    asked = _parser().parse_args(arguments)
    kept = _kept(asked.into)
    yield f"{'shape':<14}{'trials':>7}{'ours':>8}" + "".join(f"{name:>9}" for name in PEERS) + f"{'ours - best':>20}"
    results = []
    for shape in SHAPES:
        results.append(
            [_known(kept, asked.into, shape, seed) for seed in range(asked.first, asked.first + asked.seeds)]
        )
        yield ranking(shape, results[-1])
    yield ranking("sum", [result for part in results for result in part])
    yield from calibration([result for part in results for result in part])
    yield little([few(seed) for seed in range(asked.first, asked.first + asked.few)])


def run(shape: str, seed: int) -> Result:
    """One trial; seeds go through the base rates, and in turn through the shares mailed."""
    base, share = BASES[seed % len(BASES)], SHARES[seed % len(SHARES)]
    seen, fresh = _drawn(shape, SEEN, FRESH, base, share, seed)
    predicted = WinbackModel(seed=seed).fit(seen.features, seen.mailed, seen.won_back, share).predict(fresh.features)
    scores = peers(seen, fresh)
    raw = {name: scores[name] for name in ("response", "unmailed")}
    ours = {name: predicted[name].to_numpy() for name in predicted.columns}
    ranked = {"ours": ours["uplift"], **{name: scores[name] for name in PEERS}}
    best = area(fresh.effect, fresh.effect)
    qini = {name: area(score, fresh.effect) / best for name, score in ranked.items()}
    return Result(shape, seed, base, share, qini, _levels(ours, raw, fresh))


def few(seed: int) -> Few:
    """A trial of 2,000 members where the effect follows the response."""
    seen, fresh = _drawn("proportional", LITTLE, 10 * LITTLE, RAREST, 0.5, seed)
    model = WinbackModel(seed=seed).fit(seen.features, seen.mailed, seen.won_back, seen.share)
    ours = model.predict(fresh.features)["uplift"].to_numpy()
    scores = (ours, response(seen, fresh), fresh.effect)
    return Few(seed, *(top(score, fresh.effect) / float(fresh.effect.mean()) for score in scores))


def area(score: Floats, effect: Floats) -> float:
    """The expected Qini of a ranking by score [n]."""
    return Ranking(score, effect).qini().value


def top(score: Floats, effect: Floats) -> float:
    """The mean effect of the fifth with the largest score; of equal ones, a random part."""
    return Ranking(score, effect).gains([TOP])[0].value / TOP


def ranking(name: str, results: Sequence[Result]) -> str:
    """Means as shares of the best peer's, and how far ours is from that, with its paired standard error."""
    means = {scorer: np.mean([result.qini[scorer] for result in results]) for scorer in results[0].qini}
    best = max(PEERS, key=lambda scorer: means[scorer])
    gaps = np.array([result.qini["ours"] - result.qini[best] for result in results]) / means[best]
    told = "".join(f"{means[scorer] / means[best]:>9.3f}" for scorer in PEERS)
    gap = f"{gaps.mean():+.3f} ± {error_of_mean(gaps):.3f}"
    return f"{name:<14}{len(results):>7}{means['ours'] / means[best]:>8.3f}{told}{gap:>20}"


def calibration(results: Sequence[Result]) -> Iterator[str]:
    """Levels and uplifts against what was measured, a line a trial."""
    levels = f"{'ECE':>14}{'by chance':>14}{'AUC/raw':>14}"
    yield f"{'calibration':<14}{'base':>6}{'mailed':>8}{levels}{'slope':>16}{'true':>7}{'mean':>9}"
    for result in sorted(results, key=lambda one: (one.shape, one.seed)):
        told = result.levels
        error = f"{told.error_mailed:.4f} {told.error_unmailed:.4f}"
        chance = f"{told.chance_mailed:.4f} {told.chance_unmailed:.4f}"
        auc = f"{told.auc_mailed:.3f} {told.auc_unmailed:.3f}"
        found = f"{told.slope:.2f} ± {told.slope_error:.2f}"
        mean = "within" if told.within else "outside"
        where = f"{result.shape:<14}{result.base:>6.0%}{result.share:>8.0%}"
        yield f"{where}{error:>14}{chance:>14}{auc:>14}{found:>16}{told.true_slope:>7.2f}{mean:>9}"


def little(found: Sequence[Few]) -> str:
    """Ours against the response model where there is little to learn from."""
    ours, peer, best = (np.array([getattr(one, name) for one in found]) for name in ("ours", "response", "best"))
    gaps = (ours - peer) / peer.mean()
    told = f"ours {ours.mean():.3f}, response {peer.mean():.3f}, oracle {best.mean():.3f}"
    return (
        f"{LITTLE:,} members, {RAREST:.0%}, {len(found)} trials: {told}; {gaps.mean():+.3f} ± {error_of_mean(gaps):.3f}"
    )


def _levels(ours: dict[str, Floats], raw: dict[str, Floats], fresh: Members) -> Levels:
    outcomes = Outcomes(fresh.mailed, fresh.won_back.astype(float), np.full(len(fresh.mailed), fresh.share))
    found, mean = slope(ours["uplift"], outcomes), mean_effect(outcomes)
    around = ours["uplift"] - ours["uplift"].mean()
    mailed, unmailed = (
        reliability(ours[f"p_{arm}"], outcomes, mailed=arm == "mailed") for arm in ("mailed", "unmailed")
    )
    auc_mailed, auc_unmailed = _aucs(ours, raw, fresh)
    return Levels(
        error_mailed=mailed.error,
        error_unmailed=unmailed.error,
        chance_mailed=mailed.by_chance,
        chance_unmailed=unmailed.by_chance,
        auc_mailed=auc_mailed,
        auc_unmailed=auc_unmailed,
        slope=found.value if found else np.nan,
        slope_error=standard_error(found) if found else np.nan,
        true_slope=float(around @ fresh.effect / max(around @ around, 1e-12)),
        within=bool(mean.low <= ours["uplift"].mean() <= mean.high),
    )


def _aucs(ours: dict[str, Floats], raw: dict[str, Floats], fresh: Members) -> Iterator[float]:
    """Of ours in each arm, as shares of the raw forests'."""
    for column, name, rows in (("p_mailed", "response", fresh.mailed), ("p_unmailed", "unmailed", ~fresh.mailed)):
        won = fresh.won_back[rows]
        yield auc(ours[column][rows], won) / auc(raw[name][rows], won)


def auc(score: Floats, won: np.ndarray) -> float:
    """The chance that one who came back scores higher than one who did not."""
    ranks, wins = rankdata(score), int(won.sum())
    return float((ranks[won].sum() - wins * (wins + 1) / 2) / (wins * (len(won) - wins)))


def _drawn(shape: str, seen: int, fresh: int, base: float, share: float, seed: int) -> tuple[Members, Members]:
    drawn = members(shape, seen + fresh, base, share, seed)
    return drawn.slice(0, seen), drawn.slice(seen, seen + fresh)


def _kept(path: Path | None) -> dict[tuple[str, int], Result]:
    """The results kept in a file, a JSON object a line."""
    if path is None or not path.exists():
        return {}
    rows = [json.loads(text) for text in path.read_text().splitlines()]
    return {(row["shape"], row["seed"]): Result(**row | {"levels": Levels(**row["levels"])}) for row in rows}


def _known(kept: dict[tuple[str, int], Result], path: Path | None, shape: str, seed: int) -> Result:
    """A result that is kept, or a new one that is kept from now on."""
    if (shape, seed) in kept:
        return kept[shape, seed]
    result = run(shape, seed)
    if path is not None:
        with path.open("a") as file:
            file.write(json.dumps(result._asdict() | {"levels": result.levels._asdict()}) + "\n")
    return result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench trials", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="trials a shape")
    parser.add_argument("--few", type=int, default=20, help="trials of few members")
    parser.add_argument("--first", type=int, default=100, help="the first seed")
    parser.add_argument("--into", type=Path, help="a file that keeps the results: what it holds is not run again")
    return parser
