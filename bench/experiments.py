"""`python -m bench experiments`: what Encore's own experiments find in a simulated service.

One campaign of four weeks, planned day by day by Encore's own functions in its own database; its mails are shown to the
service without being written. Half of the members get rows of their own and half as many popular titles; half get the
pictures that suit them and half those that suit everyone. A week after the last mail every window has closed. The
figures are those of the campaign's report: personal against popular and personal against everyone, by comebacks of the
members mailed, with intervals that hold at every look; beside them the truth, which the service knows without noise.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from bench.living import MEMBERS, START
from bench.policies import sights
from campaigns import definition, outcomes, planning
from campaigns.planning import LAYERS, midnight
from campaigns.reports.report import report
from campaigns.sandbox import SHOWN, Service
from campaigns.settings import Settings
from campaigns.stores import Stores, open_stores
from flows.daily import EVERY
from flows.world import approve, take_in
from scoring.winback.training import train
from scoring.winback.versions import winback_models

DAYS, BUDGET, WITHIN = 28, 600, 7
CAMPAIGN: dict[str, Any] = {
    "name": "experiments",
    "run": {"start": START, "daily_budget": BUDGET},
    "holdout": {"share": 0.1},
    "win_back": {"within_days": WITHIN},
    "experiments": {
        "rows": {"arms": {"personal": 0.5, "popular": 0.5}},
        "artwork": {"arms": {"personal": 0.5, "everyone": 0.5}},
    },
}
ARMS = pl.Struct(dict.fromkeys(LAYERS, pl.String))
SENT = """
UPDATE messages SET state = 'sent', sent_at = due_at
 WHERE run_date = %(day)s AND arm = 'mailed' AND state = 'planned' RETURNING id::text, member_id, due_at, content
"""


def lines(arguments: Sequence[str]) -> Iterator[str]:
    """Live the service, a line a week; then each experiment's difference and interval, as in the report."""
    asked = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="encore-") as folder:
        service = Service.build(Path(folder) / "service", members=asked.members, seed=asked.seed, start=START)
        with open_stores(Settings(home=Path(folder) / "home", _env_file=None)) as stores:
            begin(stores, service)
            for n in range(asked.days + WITHIN + 1):
                mails = live_day(stores, service, START + timedelta(days=n), writes=n < asked.days)
                if n % EVERY == 0:
                    yield f"day {n + 1:>2}: {mails} mails"
            found = report(stores, CAMPAIGN["name"], midnight(stores.settings, service.next_day))
            effects = true_effects(stores, service)
    if asked.into:
        asked.into.write_text(json.dumps(found, indent=2), encoding="utf-8")
    yield from told(found, effects)


def begin(stores: Stores, service: Service) -> None:
    """Import the service's history and let the campaign run."""
    take_in(stores, service.start_folder, START)
    asked, wall = definition.from_values(CAMPAIGN, "bench"), midnight(stores.settings, START)
    approve(stores, asked, {"source_hash": "bench"}, wall)


def live_day(stores: Stores, service: Service, day: date, *, writes: bool) -> int:
    """Encore's day, then the service's; returns how many mails were shown."""
    if writes:
        plan_day(stores, day)
    shown = sent(stores, day)
    take_in(stores, service.live_shown(day, shown), day + timedelta(days=1))
    return shown.height


def plan_day(stores: Stores, day: date) -> None:
    """The campaign's run of a day, as the daily flow has it; it learns at first, and then weekly."""
    as_of = midnight(stores.settings, day)
    if day == START or day.toordinal() % EVERY == 0:
        trials = outcomes.trials(stores, as_of, timedelta(days=WITHIN))
        train(stores.lake, winback_models(stores.home), trials, outcomes.mails(stores), as_of)
    [campaign] = planning.runnable(stores.database, day)
    model = planning.live_model(stores)
    run = planning.open_run(
        stores.database, campaign, day, settings=stores.settings, wall=as_of, budget=BUDGET, model=model
    )
    planning.close_run(stores.database, run, planning.plan_run(stores, run, outcomes.mails(stores)), as_of)


def sent(stores: Stores, day: date) -> pl.DataFrame:
    """The day's mails, sent as they were planned, as the service's members see them."""
    artworks = stores.lake.at("artworks", midnight(stores.settings, day + timedelta(days=1)))
    styles = dict(artworks.select("artwork_id", "style").collect().iter_rows())
    with stores.database.connect() as connection:
        found = connection.execute(SENT, {"day": day}).fetchall()
    rows = [(member, id_, CAMPAIGN["name"], day, due, *sights(told, styles)) for id_, member, due, told in found]
    return pl.DataFrame(rows, schema=SHOWN, orient="row")


def true_effects(stores: Stores, service: Service) -> pl.DataFrame:
    """layer, value, effect: what a mail truly added to the chance of a comeback, on average over each arm's members."""
    known = service.truth(CAMPAIGN["name"], within_days=WITHIN).members.select("member_id", "effect")
    entries = outcomes.entries(stores).select("member_id", pl.col("arms").str.json_decode(ARMS)).unnest("arms")
    arms = entries.unpivot(index="member_id", variable_name="layer", value_name="value").drop_nulls("value")
    return arms.join(known, on="member_id").group_by("layer", "value").agg(pl.col("effect").mean())


def told(found: dict[str, Any], effects: pl.DataFrame) -> Iterator[str]:
    """The report's experiments and the truth on them, the campaign's own effect, and the truth on all other layers."""
    truth = {(layer, value): effect for layer, value, effect in effects.iter_rows()}
    for one in found["experiments"]:
        layer, arm, against = one["layer"], one["arm"], one["against"]
        rates = f"{_rate(arm)} against {_rate(against)}"
        true = truth[layer, arm["value"]] - truth[layer, against["value"]]
        names = f"{layer}: {arm['value']} against {against['value']}"
        yield f"{names}: {_points(one['difference'])}  ({rates}; in truth {true:+.2%})"
    whole = found["win_back"]
    yield f"mailed against holdout: {_points(whole['difference'])}  ({_rate(whole['mailed'])})"
    yield from (f"true effect, {layer}: {value}: {effect:+.2%}" for (layer, value), effect in sorted(truth.items()))


def _rate(arm: dict[str, Any]) -> str:
    return f"{arm['rate'] or 0:.2%} of {arm['members']:,}"


def _points(difference: dict[str, Any]) -> str:
    if difference["low"] is None:
        return "too few comebacks for an interval"
    return "{estimate:+.2%} ({low:+.2%} to {high:+.2%})".format(**difference)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench experiments", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of the service")
    parser.add_argument("--members", type=int, default=MEMBERS)
    parser.add_argument("--days", type=int, default=DAYS, help="on which mails are written")
    parser.add_argument("--into", type=Path, help="a file for the whole report, as JSON")
    return parser
