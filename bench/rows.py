"""The rows of the table. Each makes what it needs, small enough that the whole table takes a minute or two."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb
import numpy as np
import polars as pl

from bench.features import features
from bench.memory import memory
from bench.timing import Figure, paired
from campaigns.rendering import TemplateStore, compile_template
from campaigns.rendering.locales import Phrases
from campaigns.rendering.samples import sample_context
from campaigns.rendering.sandbox import program
from scoring import chance
from scoring.targeting import Salts, choose
from scoring.winback import WinbackModel
from scoring.winback.learners import in_each_arm

AT = datetime(2026, 9, 1, tzinfo=UTC)


def draws() -> Figure:
    """A draw a member, against the bare hash in DuckDB."""
    ids = pl.Series("member_id", [f"m{n:07}" for n in range(500_000)])
    table = pl.DataFrame({"id": ids}).to_arrow()

    def bare() -> None:
        with duckdb.connect() as connection:
            connection.from_arrow(table).project("md5('salt:' || id) AS h").pl()

    return paired("chance.uniforms", len(ids), "draws", lambda: chance.uniforms(ids, "salt"), bare)


def chosen() -> Figure:
    """Choosing 20,000 of 300,000, against sorting them."""
    draw = np.random.default_rng(0)
    gain = draw.normal(0.02, 0.02, 300_000)
    frame = pl.DataFrame({"member_id": [f"m{n}" for n in range(len(gain))], "gain": gain, "gain_high": gain + 0.1})
    salts = Salts("holdout", "explore")
    ours = lambda: choose(frame, budget=20_000, explore=0.1, holdout=0.1, salts=salts)  # noqa: E731 - timed, not kept
    return paired("targeting.choose", len(gain), "members", ours, lambda: frame.sort("gain", "member_id"))


def scored(members: int = 100_000, seen: int = 20_000) -> Figure:
    """Predicting members, against the LightGBM calls that it needs."""
    draw = np.random.default_rng(0)
    frame = pl.DataFrame({f"f{n}": draw.normal(size=members) for n in range(25)})
    mailed = draw.random(seen) < 0.5
    won = draw.random(seen) < 0.05 + 0.03 * mailed * (frame["f0"].head(seen).to_numpy() > 0)
    model = WinbackModel(seed=0).fit(frame.head(seen), mailed, won, 0.5)
    matrix = frame.to_numpy()
    arms = in_each_arm(matrix)

    def bare() -> None:
        for name, booster in model.boosters.items():
            for read in arms if name.endswith("single") else (matrix,):
                booster.predict(read)

    return paired("WinbackModel.predict", members, "members", lambda: model.predict(frame), bare)


def rendered() -> Figure:
    """A mail, its text part and its subject, against the bare Jinja of its HTML."""
    template = compile_template("comeback", TemplateStore())
    context = sample_context()
    bare = program(template.html_source, html=True)
    values = {**context, "preheader": "", "headline": "", "direction": "ltr", "_": Phrases()}
    ours = lambda: [template.render(context) for _ in range(500)]  # noqa: E731 - timed, not kept
    return paired("rendering", 500, "mails", ours, lambda: [bare.render(values) for _ in range(500)])


ROWS = {
    "draws": draws,
    "chosen": chosen,
    "features": features,
    "scored": scored,
    "memory": memory,
    "rendered": rendered,
}
