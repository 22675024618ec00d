"""`python -m bench policies`: what policies truly win in simulated worlds, each living all days from the first.

In each world every policy has the same budget and the same holdout, and a copy of the same service. What a policy wins
is the service's truth, so that no noise of chance lies between two policies.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bench import living, policies
from bench.living import Life, Policy
from campaigns.planning.title_models import title_model
from flows.world import DAYS, MEMBERS

RESAMPLES = 10_000


class Row(NamedTuple):
    """A world: true incremental win-backs of each policy."""

    seed: int
    lots: float
    random: float
    oracle: float
    encore: float
    generic: float


class Share(NamedTuple):
    """A pooled ratio, with an interval (95%) by bootstrap over worlds."""

    value: float
    low: float
    high: float


def lines(arguments: Sequence[str]) -> Iterator[str]:
    """Live the worlds asked for: a line each as it is known, then the summary of all rows there are."""
    asked = _parser().parse_args(arguments)
    seeds = _seeds(asked.seeds) if asked.seeds else range(asked.worlds)
    rows = read(asked.into)
    yield f"{'world':>5}" + "".join(f"{name:>10}" for name in Row._fields[1:]) + f"{'of the way':>14}{'personal':>12}"
    yield from map(line, rows)
    for seed in sorted(set(seeds) - {row.seed for row in rows}):
        rows.append(world(seed, members=asked.members, days=asked.days))
        append(rows[-1], asked.into)
        yield line(rows[-1])
    yield from summary(rows)


def world(seed: int, *, members: int = MEMBERS, days: int = DAYS) -> Row:
    """What each policy wins in one world."""
    with tempfile.TemporaryDirectory(prefix="encore-") as scratch:
        base = living.begun(Path(scratch) / "base", seed, members)
        title_model(base.stores, base.run(living.START).cutoff)  # once for all: they begin with the same plays
        rows = {name: won(_lived(base, name, policy, days)) for name, policy in _blind().items()}
        encore = _lived(base, "encore", policies.ENCORE, days)
        generic = _lived(base, "generic", policies.generic_to(encore.entries), days)
        return Row(seed, **rows, encore=won(encore), generic=won(generic))


def won(life: Life) -> float:
    """The true incremental win-backs of all mails."""
    return life.service.truth(life.name, within_days=living.within().days).incremental


def summary(rows: Sequence[Row]) -> Iterator[str]:
    """Both shares over all worlds, and what a mail won."""
    _, lots, chance, most, encore, generic = np.array(rows, dtype=float).T
    way, personal = pooled(encore - chance, most - chance), pooled(encore - generic, generic)
    whole = pooled(encore - lots, most - lots)
    yield f"{len(rows)} worlds"
    yield f"of the way from random to the oracle: {way.value:.1%}  ({way.low:.1%} to {way.high:.1%})"
    yield f"where the mail is left to the lot, too: {whole.value:.1%}  ({whole.low:.1%} to {whole.high:.1%})"
    yield f"personal against one mail for all: {personal.value:+.1%}  ({personal.low:+.1%} to {personal.high:+.1%})"


def pooled(part: np.ndarray, whole: np.ndarray) -> Share:
    """Σ part / Σ whole over worlds [n]."""
    draws = np.random.default_rng(0).integers(0, len(part), (RESAMPLES, len(part)))
    again = part[draws].sum(axis=1) / whole[draws].sum(axis=1)
    return Share(part.sum() / whole.sum(), *np.quantile(again, [0.025, 0.975]))


def line(row: Row) -> str:
    """A row of the table."""
    way = (row.encore - row.random) / (row.oracle - row.random)
    counts = "".join(f"{count:>10.1f}" for count in row[1:])
    return f"{row.seed:>5}{counts}{way:>14.1%}{row.encore / row.generic - 1:>+12.1%}"


def read(path: Path | None) -> list[Row]:
    """The rows kept in a file, a JSON object a line."""
    if path is None or not path.exists():
        return []
    return [Row(**json.loads(text)) for text in path.read_text().splitlines()]


def append(row: Row, path: Path | None) -> None:
    """Add a row to the file."""
    if path is not None:
        with path.open("a") as file:
            file.write(json.dumps(row._asdict()) + "\n")


def _blind() -> dict[str, Policy]:
    return {"lots": policies.LOTS, "random": policies.RANDOM, "oracle": policies.ORACLE}


def _lived(base: Life, name: str, policy: Policy, days: int) -> Life:
    """A copy of the world, lived under a policy."""
    source = base.service.folder.parent
    copy = source.with_name(name)
    shutil.copytree(source, copy)
    return living.live(living.opened(copy), policy, days)


def _seeds(text: str) -> list[int]:
    """`0-3` or `5`."""
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench policies", description=__doc__)
    parser.add_argument("--worlds", type=int, default=12, help="how many, from seed 0 on")
    parser.add_argument("--seeds", help="only these, such as 0-3 or 5")
    parser.add_argument("--into", type=Path, help="a file that keeps the rows: what it holds is not lived again")
    parser.add_argument("--members", type=int, default=MEMBERS)
    parser.add_argument("--days", type=int, default=DAYS)
    return parser
