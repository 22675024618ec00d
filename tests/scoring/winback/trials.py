"""Trials as they come to be judged: what was known of each member, and the effect that a mail really had."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

START = datetime(2026, 6, 1, tzinfo=UTC)
WINDOW = timedelta(days=14)


def trials(seed: int, members: int = 6000, days: int = 40, share: float = 0.6) -> pl.DataFrame:
    """Members met on some of `days`, whose effect has one driver; `effect` is the true one."""
    draw = np.random.default_rng(seed)
    driver = draw.normal(size=members)
    effect = np.clip(0.05 + 0.06 * driver, -0.05, 0.3)
    mailed = draw.random(members) < share
    won = draw.random(members) < np.clip(0.08 + mailed * effect, 0, 1)
    at = pl.Series("at", [START + timedelta(days=int(day)) for day in draw.integers(0, days, members)])
    told = {
        "member_id": [f"m{n}" for n in range(members)],
        "at": at.cast(pl.Datetime("us", "UTC")),
        "arm": np.where(mailed, "mailed", "holdout"),
        "propensity": np.full(members, share),
        "driver": driver,
        "effect": effect,
        "country": draw.choice(["BR", "US", "JP"], members),
        "plan": draw.choice(["free", "basic"], members),
        "lapse_kind": np.where(draw.random(members) < 0.3, "cancelled", "stopped"),
        "won": won,
    }
    frame = pl.DataFrame(told).with_columns(since="at", until=pl.col("at") + WINDOW)
    came = pl.when("won").then(pl.col("at") + timedelta(days=2))
    return frame.with_columns(came_at=came).drop("won")


def predicted(frame: pl.DataFrame, seed: int, noise: float, scale: float = 1.0) -> pl.DataFrame:
    """A model's answers: the true effects, `scale` times as large, with noise of so many of their deviations."""
    effect = frame["effect"].to_numpy()
    around = effect - effect.mean()
    wrong = np.random.default_rng(seed).normal(size=frame.height) * around.std() * noise
    uplift = effect.mean() + scale * (around + wrong) / (1 + noise**2)
    return pl.DataFrame({"p_mailed": 0.08 + uplift, "p_unmailed": np.full(frame.height, 0.08), "uplift": uplift})
