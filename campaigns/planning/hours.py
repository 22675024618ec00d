"""At which minute of their day each member is to be written to, and where their clock is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from campaigns.definition import BEST_HOUR
from campaigns.planning.viewing import plays, plays_of
from campaigns.zones import zones_of_countries
from scoring.sendhour import best_hours, habits

if TYPE_CHECKING:
    from campaigns.planning.runs import Run
    from campaigns.stores import Stores

LATELY = timedelta(days=90)  # whose plays tell when a country watches


def zone_of(stores: Stores) -> pl.Expr:
    """Where a member's clock is: their own zone, else their country's, else the service's."""
    country = pl.col("country").replace_strict(zones_of_countries(), default=None, return_dtype=pl.String)
    return pl.coalesce("timezone", country, pl.lit(str(stores.settings.timezone)))


def wanted_at(stores: Stores, run: Run, members: pl.DataFrame) -> pl.DataFrame:
    """member_id, zone and the minute of the local day at which the message is wanted."""
    asked = members.select("member_id", "country", "zone")
    if run.asked.run.send != BEST_HOUR:
        hour, minute = map(int, run.asked.run.send.split(":"))
        return asked.select("member_id", "zone", minute=pl.lit(60 * hour + minute))
    theirs = plays_of(stores, run, asked).select("member_id", "played_at").collect()
    best = best_hours(asked, theirs, habits_of(stores, run))
    return asked.join(best, on="member_id").select("member_id", "zone", minute=pl.col("hour") * 60)


def habits_of(stores: Stores, run: Run) -> pl.DataFrame:
    """When each country watches: found once a run, for all shards."""
    everyone = stores.lake.at("members", run.cutoff).select("member_id", "country", zone=zone_of(stores))
    lately = plays(stores, run).filter(pl.col("played_at") >= run.cutoff - LATELY).select("member_id", "played_at")
    return run.once(stores.home, "habits", lambda: habits(everyone, lately))
