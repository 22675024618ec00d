"""What may be shown to whom, held against a hundred thousand picks: rights, dates, maturity, what was finished."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from campaigns.db import Database
from campaigns.planning import Run
from campaigns.planning.layers import LAYERS, arm_of
from campaigns.planning.show import shown
from campaigns.settings import Settings
from campaigns.stores import Stores
from scoring.lake.store import Lake
from scoring.titles.rights import STAY, WAIT
from tests.campaigns.planning.service import DAY, JOINED, TABLES, at, frame, member, play, title

MEMBERS, TITLES, WORLDS = 1_200, 90, 12
COUNTRIES, LEVELS = ("GB", "JP", "BR", None), ("all", "7+", "18+", None)
BLOCKED, ALLOWED = ("t00", "t01", "t02"), ("all", "7+")
CUTOFF = at(DAY)


def world(seed, home):
    """A service of random rights, dates, lengths and plays."""
    draw = np.random.default_rng(seed)

    def some_days(most):
        return None if draw.random() < 0.5 else CUTOFF + timedelta(days=float(draw.uniform(-1, 1) * most))

    titles = [
        title(
            f"t{n:02}",
            countries=[c for c in COUNTRIES[:3] if draw.random() < 0.6] if draw.random() < 0.5 else [],
            added_at=some_days(60) or JOINED,
            leaves_at=some_days(30),
            maturity=LEVELS[draw.integers(4)],
            minutes=None if draw.random() < 0.2 else float(draw.integers(20, 150)),
            genres=[("Drama", "Crime", "Comedy")[draw.integers(3)]],
        )
        for n in range(TITLES)
    ]
    members = [member(f"m{n:04}", country=COUNTRIES[draw.integers(4)]) for n in range(MEMBERS)]
    plays = [
        play(
            f"m{n:04}",
            f"t{int(TITLES * draw.random() ** 2):02}",
            CUTOFF - timedelta(days=float(draw.uniform(30, 300))),
            minutes=None if draw.random() < 0.2 else float(draw.integers(1, 150)),
        )
        for n in range(MEMBERS)
        for _ in range(draw.integers(0, 25))
    ]
    lake = Lake(home / "lake")
    for name, rows in {"titles": titles, "members": members, "plays": plays}.items():
        lake.put(TABLES[name], frame(TABLES[name], rows), as_of=CUTOFF - timedelta(days=61))
    return lake, members


def run_of(seed):
    definition = {
        "name": f"world-{seed}",
        "titles": {"block": BLOCKED, "maturity": ALLOWED},
        "experiments": {"rows": {"arms": {"personal": 0.8, "popular": 0.2}}},
    }
    frozen = {"budget": 1, "model": None}
    return Run(0, 0, f"world-{seed}", DAY, False, CUTOFF, CUTOFF, frozen, None, None, definition, "")


def picks(seed, home):
    """Every pick of a mail to everyone, with what is true of its title and its member."""
    lake, members = world(seed, home)
    asked = frame(TABLES["members"], members).select("member_id", "country", "language")
    arms = np.random.default_rng(seed).random(MEMBERS) < 0.2
    asked = asked.with_columns(**{arm_of(layer): pl.lit(None, pl.String) for layer in LAYERS})
    asked = asked.with_columns(pl.when(pl.Series(arms)).then(pl.lit("popular")).alias(arm_of("rows")))
    stores = Stores(Settings(home=home, _env_file=None), Database("no database is asked here"), lake)
    found = shown(stores, run_of(seed), asked).select("member_id", "title_id", "row", "kind", "slot", "about")
    facts = (
        lake.at("titles", CUTOFF)
        .collect()
        .select("title_id", "countries", "added_at", "leaves_at", "maturity", length="minutes")
    )
    seen = (
        lake.scan("plays")
        .group_by("member_id", "title_id")
        .agg(
            watched=pl.col("minutes").max(), told=pl.col("minutes").is_not_null().all(), last=pl.col("played_at").max()
        )
    )
    known = found.join(asked.select("member_id", "country"), on="member_id").join(facts, on="title_id", how="left")
    known = known.join(facts.select(about="title_id", about_maturity="maturity"), on="about", how="left")
    return known.join(seen.collect(), on=["member_id", "title_id"], how="left")


@pytest.mark.slow
def test_a_hundred_thousand_picks_break_no_rule(tmp_path):
    whole = pl.concat([picks(seed, tmp_path / str(seed)) for seed in range(WORLDS)])
    assert whole.height >= 100_000
    everywhere = pl.col("countries").list.len() == 0
    there = everywhere | (pl.col("country").is_not_null() & pl.col("countries").list.contains(pl.col("country")))
    assert whole.filter(~there).is_empty()
    assert whole.filter(pl.col("added_at") > CUTOFF).is_empty()
    assert whole.filter(pl.col("title_id").is_in(BLOCKED) | ~pl.col("maturity").is_in(ALLOWED)).is_empty()
    assert whole.filter(pl.col("leaves_at") <= CUTOFF + WAIT + STAY).is_empty()
    named = whole.filter(pl.col("kind") == "because_you_watched")
    assert named.filter(
        pl.col("about").is_in(BLOCKED) | ~pl.col("about_maturity").fill_null("").is_in(ALLOWED)
    ).is_empty()
    begun = pl.col("told") & (pl.col("watched") < pl.col("length") / 2)
    played = pl.col("last").is_not_null()
    assert whole.filter(
        played & ~(begun.fill_null(value=False) & (pl.col("kind") == "finish_what_you_started"))
    ).is_empty()
    assert whole.filter((pl.col("kind") == "finish_what_you_started") & ~played).is_empty()
    kinds = whole["kind"].unique().to_list()
    assert {"hero", "because_you_watched", "new_since_you_left", "popular", "finish_what_you_started"} <= set(kinds)
