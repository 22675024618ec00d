"""A mail that is left to chance: titles, pictures and the hour, each by lot among what a member may be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from campaigns.planning.due import due_times
from campaigns.planning.hours import zone_of
from scoring import chance
from scoring.titles.rights import playable

if TYPE_CHECKING:
    from bench.living import Life
    from campaigns.planning import Run

PLACES = 10  # titles of a mail: as many as one of Encore's can hold
FIRST, LAST = 7, 23  # hours between which nobody is asleep


def lot_mail(life: Life, run: Run, chosen: pl.DataFrame) -> pl.DataFrame:
    """A mail to each of `chosen` (member_id, country, timezone), in the columns of `MAIL`."""
    salt = f"{life.name}/lot/{run.run_date}"
    titles = life.stores.lake.at("titles", run.cutoff).collect()
    allowed = playable(titles, chosen["country"], run.cutoff)
    offered = chosen.select("member_id", "country").join(allowed, on="country", nulls_equal=True)
    pairs = offered.select("member_id", "title_id")
    drawn = pairs.with_columns(draw=chance.uniforms(pairs, salt), style=_styles(life, pairs, salt))
    first = drawn.sort("draw").group_by("member_id").head(PLACES)
    mails = first.group_by("member_id").agg(titles="title_id", styles="style")
    return (
        _moments(life, run, chosen, salt).join(mails, on="member_id").select("member_id", "due_at", "titles", "styles")
    )


def _styles(life: Life, pairs: pl.DataFrame, salt: str) -> pl.Series:
    """The style of a picture for each member and title."""
    styles = life.stores.lake.scan("artworks").select(pl.col("style").unique()).collect()["style"].sort()
    return styles.gather((chance.uniforms(pairs, f"{salt}/style") * len(styles)).cast(pl.Int64))


def _moments(life: Life, run: Run, chosen: pl.DataFrame, salt: str) -> pl.DataFrame:
    """When each mail is due: member_id, due_at."""
    hour = FIRST + chance.uniforms(chosen["member_id"], f"{salt}/hour") * (LAST - FIRST)
    asked = chosen.with_columns(zone=zone_of(life.stores), minute=60 * hour.cast(pl.Int64))
    return due_times(asked, run.run_date, run.now, life.stores.settings.quiet_hours)
