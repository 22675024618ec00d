"""Proof on worlds whose truth is known: chosen, held out, and judged by Encore's own functions, with no database."""

from datetime import UTC, datetime, timedelta
from statistics import NormalDist

import numpy as np
import polars as pl
import pytest

from campaigns.reports import measure
from campaigns.reports.measure import Plan
from scoring.targeting import Salts, choose

DAYS, BUDGET, SHARE, WITHIN = 21, 400, 0.2, timedelta(days=7)
START = datetime(2026, 9, 1, tzinfo=UTC)
POOL = 16_000


def lived(seed, effect):
    """A campaign's entries with their comebacks, and the true mean effect on those mailed.

    Members differ in how likely they come back, the model's guess of the gain is noisy and drawn to the likely, and
    lapsed members come back by themselves and so leave the pool: all that makes choosing before holding out matter.
    """
    draw = np.random.default_rng(seed)
    ids = pl.Series("member_id", [f"w{seed}-m{n}" for n in range(POOL)])
    base = np.clip(draw.lognormal(np.log(0.05), 0.5, POOL), 0.005, 0.5)
    lift = base * draw.normal(1, 0.5, POOL) * effect
    gain = 0.5 * lift + 0.3 * base + draw.normal(0, 0.02, POOL)
    fate = draw.random(POOL)  # one draw a member against both chances: potential outcomes are fixed
    gone = np.zeros(POOL, dtype=bool)
    entries = []
    for day in range(DAYS):
        left = np.flatnonzero(~gone)
        candidates = pl.DataFrame({"member_id": ids[left], "gain": gain[left], "gain_high": gain[left] + 0.05})
        salts = Salts(f"world-{seed}/holdout", f"world-{seed}/explore/{day}")
        chosen = choose(candidates, budget=BUDGET, explore=0.1, holdout=SHARE, salts=salts)
        places = chosen["member_id"].str.split("-m").list.last().cast(pl.Int64).to_numpy()
        mailed = (chosen["arm"] == "mailed").to_numpy()
        won = fate[places] < base[places] + np.where(mailed, lift[places], 0)
        due = START + timedelta(days=day, hours=19)
        came = [
            due + timedelta(days=float(d)) if w else None
            for d, w in zip(draw.uniform(0, 7, len(places)), won, strict=True)
        ]
        entries.append(
            chosen.select("member_id", "arm").with_columns(
                due_at=pl.lit(due),
                came_at=pl.Series(came, dtype=pl.Datetime("us", "UTC")),
                true=pl.Series(lift[places]),
            )
        )
        gone[places] = True
        gone |= draw.random(POOL) < 0.002
    whole = pl.concat(entries)
    return whole, whole.filter(pl.col("arm") == "mailed")["true"].mean()


def reported(seed, effect):
    entries, truth = lived(seed, effect)
    plan = Plan(SHARE, WITHIN, int(BUDGET * DAYS / (1 - SHARE)))
    judged = measure.judged(entries, START + timedelta(days=DAYS + 8), plan)
    return measure.win_back(judged, plan), truth, measure.srm(judged, plan)


def fixed_half_width(won):
    arms = [won[arm] for arm in ("mailed", "holdout")]
    return NormalDist().inv_cdf(0.975) * sum(arm["rate"] * (1 - arm["rate"]) / arm["members"] for arm in arms) ** 0.5


@pytest.mark.slow
def test_a_campaign_without_any_effect_is_not_credited_with_one():
    looks = [reported(seed, 0.0) for seed in range(100)]
    differences = [won["difference"] for won, _, _ in looks]
    exist = [look for look in differences if look["low"] is not None]
    assert len(exist) >= 95
    assert sum(look["low"] <= 0 <= look["high"] for look in exist) >= 95
    estimates = np.array([look["estimate"] for look in differences])
    assert abs(estimates.mean()) <= 3 * estimates.std(ddof=1) / len(estimates) ** 0.5
    assert sum(srm["alarm"] for _, _, srm in looks) <= 5


@pytest.mark.slow
def test_a_known_effect_lies_in_the_interval_which_is_no_wider_than_it_must_be():
    looks = [reported(1_000 + seed, 0.6) for seed in range(100)]
    exist = [(won, truth) for won, truth, _ in looks if won["difference"]["low"] is not None]
    assert len(exist) >= 95
    assert sum(won["difference"]["low"] <= truth <= won["difference"]["high"] for won, truth in exist) >= 95
    widths = [(won["difference"]["high"] - won["difference"]["low"]) / 2 / fixed_half_width(won) for won, _ in exist]
    assert max(widths) <= 1.6
