"""The policies that are compared, made of two parts each: whom to write to, and what."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import polars as pl

from bench.living import MAIL, START, Life, Policy, walked, within
from bench.lots import PLACES, lot_mail
from campaigns.planning import Run
from campaigns.planning.pick import planned_mails
from campaigns.planning.score import with_gain
from flows.daily import EVERY
from flows.training import WEEK, share_of
from scoring.titles.rights import playable
from scoring.winback.snapshot import snapshot_of
from scoring.winback.training import train
from scoring.winback.trials import imported_trials
from scoring.winback.versions import winback_models

LATELY = timedelta(days=90)
STYLE = "faces"  # its pictures: members like the three styles about equally
UNKNOWN = pl.lit(None, pl.Float64)


def at_random(_: Life, run: Run, eligible: pl.DataFrame) -> pl.DataFrame:
    """Members drawn by lot."""
    return walked(run, eligible.select("member_id", gain=UNKNOWN, gain_high=UNKNOWN), 0.0)


def by_truth(life: Life, run: Run, eligible: pl.DataFrame) -> pl.DataFrame:
    """Members with the largest true effect: the best that anyone who knew could do on the day."""
    effects = life.service.effects(run.run_date, within_days=within().days)
    known = eligible.select("member_id").join(effects, on="member_id", how="left")
    return walked(run, known.select("member_id", gain="effect", gain_high="effect"), 0.0)


def by_model(life: Life, run: Run, eligible: pl.DataFrame) -> pl.DataFrame:
    """Members as Encore's win-back model ranks them, with exploration; it learns at first, and then weekly."""
    if run.run_date == START or run.run_date.toordinal() % EVERY == 0:
        learn(life, run)
    return walked(run, model_gains(life, run, eligible), run.asked.run.explore)


def model_gains(life: Life, run: Run, eligible: pl.DataFrame) -> pl.DataFrame:
    """member_id, gain and gain_high, by the live model; null where there is none."""
    features = snapshot_of(life.stores.lake, eligible.select("member_id", at=pl.lit(run.cutoff)), life.mails())
    known = replace(run, frozen={**run.frozen, "model": winback_models(life.stores.home).live()})
    return with_gain(life.stores, known, features).select("member_id", "gain", "gain_high")


def learn(life: Life, run: Run) -> None:
    """Train on the entries that have matured, and on the earlier system's mailings."""
    lake = life.stores.lake
    trials = pl.concat([life.trials(run.cutoff), imported_trials(lake, within(), run.cutoff)])
    train(lake, winback_models(life.stores.home), trials, life.mails(), run.cutoff, share=share_mailed(life, run))


def share_mailed(life: Life, run: Run) -> float:
    """The share of those who could be chosen that were chosen in the week before, as the daily flow counts it."""
    since = run.run_date - timedelta(days=WEEK)
    return share_of(life.entries.filter(pl.col("run_date") >= since).height, max(life.able[-WEEK:], default=0))


def encore_mail(life: Life, run: Run, chosen: pl.DataFrame) -> pl.DataFrame:
    """Encore's mail to each: its titles, their pictures and its hour."""
    about = chosen.select("member_id", "country", "language", "timezone")
    asked = chosen.select("member_id", "arm", "explored", propensity=1 - run.asked.holdout.share, step=pl.lit(0))
    planned, _ = planned_mails(life.stores, run, about, asked)
    styles = dict(life.stores.lake.at("artworks", run.cutoff).select("artwork_id", "style").collect().iter_rows())
    sent = planned.filter(pl.col("refusal").is_null()).select("member_id", "due_at", "content")
    rows = [(member, due, *sights(json.loads(content), styles)) for member, due, content in sent.iter_rows()]
    return pl.DataFrame(rows, schema=MAIL, orient="row")


def sights(content: dict[str, Any], styles: dict[str, str]) -> tuple[list[str], list[str | None]]:
    """The titles of a mail and the styles of their pictures, in the order in which the mail shows them."""
    picks = [content["hero"], *(pick for row in content["rows"] for pick in row["picks"])]
    return [pick["title_id"] for pick in picks], [styles.get(pick["artwork_id"]) for pick in picks]


def generic_mail(titles: list[str], due_at: pl.Expr) -> list[pl.Expr]:
    """The columns of `MAIL` of one mail for all: these titles, with every picture in one style."""
    styles = [STYLE] * len(titles)
    said = {"titles": titles, "styles": styles}
    return [pl.col("member_id"), due_at.alias("due_at"), *(pl.lit(v, MAIL[k]).alias(k) for k, v in said.items())]


def most_played(life: Life, run: Run) -> list[str]:
    """The titles played most in the last 90 days, of those that may be shown in every country."""
    lake = life.stores.lake
    countries = lake.at("members", run.cutoff).select(pl.col("country").unique()).collect()["country"]
    allowed = playable(lake.at("titles", run.cutoff).collect(), countries, run.cutoff)
    everywhere = allowed.group_by("title_id").len().filter(pl.col("len") == countries.len())
    lately = lake.scan("plays").filter(pl.col("played_at") >= run.cutoff - LATELY, pl.col("played_at") < run.cutoff)
    counted = lately.group_by("title_id").len("plays").join(everywhere.lazy(), on="title_id", how="semi")
    return counted.sort("plays", "title_id", descending=[True, False]).head(PLACES).collect()["title_id"].to_list()


LOTS = Policy(at_random, lot_mail)
RANDOM = Policy(at_random, encore_mail)
ORACLE = Policy(by_truth, encore_mail)
ENCORE = Policy(by_model, encore_mail)


def generic_to(entries: pl.DataFrame) -> Policy:
    """The generic mail to those whom these entries tell, day by day and at the same moments."""

    def same(_: Life, run: Run, __: pl.DataFrame) -> pl.DataFrame:
        return entries.filter(pl.col("run_date") == run.run_date)

    def write(life: Life, run: Run, chosen: pl.DataFrame) -> pl.DataFrame:
        moments = entries.select("member_id", "due_at")
        known = chosen.join(moments, on="member_id", maintain_order="left")
        return known.select(generic_mail(most_played(life, run), pl.col("due_at")))

    return Policy(same, write)
