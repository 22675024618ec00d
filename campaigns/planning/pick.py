"""Pick for a shard: what each of its chosen members will be shown, and when; shadows alike."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from uuid import uuid4

import polars as pl

from campaigns.planning.content import contents, named, with_artwork
from campaigns.planning.due import due_times
from campaigns.zones import zones_of_countries
from scoring import chance
from scoring.artwork import ArtworkModel
from scoring.lake.snapshot import keep, once
from scoring.sendhour import best_hours, habits
from scoring.titles import TitleModel
from scoring.titles.rights import playable
from scoring.titles.rows import allowed_of, popular, rows

if TYPE_CHECKING:
    from campaigns.planning.runs import Run
    from campaigns.stores import Stores

RANKED = 20  # titles to rank a member: enough to choose from once what they played since is left out
A_YEAR = timedelta(days=365)
REFIT = timedelta(
    days=14
)  # a title model serves the days of two weeks; what members played since is left out all the same
NO_CHOICES = {"artwork_id": pl.String, "propensity": pl.Float64, "reward": pl.Float64}
NO_TITLES = {"member_id": pl.String, "title_id": pl.String, "rank": pl.Int64, "score": pl.Float64}
ABOUT = ["member_id", "country", "language", "timezone"]
PLANNED = ["member_id", "arm", "propensity", "explored", "arms", "step", "due_at", "utc_offset", "content", "refusal"]
_fitting = Lock()


def pick_shard(stores: Stores, run: Run, snapshot: Path, chosen: Path, shard: int) -> Path:
    """What `plan` will write for a shard: the columns of `PLANNED`. Every choice is logged in the lake's decisions."""
    path = run.folder(stores.home) / f"planned-{shard:04}.parquet"
    if path.exists():
        return path
    about = pl.read_parquet(snapshot, columns=ABOUT)
    planned, logged = planned_mails(stores, run, about, pl.read_parquet(chosen))
    stores.lake.append("decisions", logged, part=f"{run.campaign}-{run.run_date}-{shard:04}")
    return keep(planned, path)


def planned_mails(
    stores: Stores, run: Run, about: pl.DataFrame, chosen: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What the chosen among the members of `about` will be shown and when (`PLANNED`), and every choice made for it."""
    members = _members(stores, run, about, chosen)
    picks = _picks(stores, run, members)
    due = due_times(_hours(stores, run, members), run.run_date, run.now, stores.settings.quiet_hours)
    planned = members.join(due, on="member_id").join(contents(picks, members), on="member_id", how="left")
    nothing = pl.col("content").is_null()
    refusal = pl.when(nothing).then(pl.lit("no_titles"))  # rights and plays may have changed since they were counted
    whole = planned.with_columns(content=pl.col("content").fill_null("{}"), refusal=refusal).select(PLANNED)
    return whole, decisions(run, members, picks)


def _members(stores: Stores, run: Run, about: pl.DataFrame, chosen: pl.DataFrame) -> pl.DataFrame:
    """The chosen with what picking needs to know of them."""
    members = chosen.join(about.select(ABOUT), on="member_id").sort("member_id")
    arm = _arms(run, members["member_id"])
    return members.with_columns(zone=_zone(stores), subject_arm=arm, arms=_json(arm))


def _zone(stores: Stores) -> pl.Expr:
    """Where a member's clock is: their own zone, else their country's, else the service's."""
    country = pl.col("country").replace_strict(zones_of_countries(), default=None, return_dtype=pl.String)
    return pl.coalesce("timezone", country, pl.lit(str(stores.settings.timezone)))


def _arms(run: Run, ids: pl.Series) -> pl.Series:
    """Each member's arm in the subject experiment; null without one."""
    experiment = run.asked.experiments.get("subject")
    if experiment is None:
        return pl.Series([None] * len(ids), dtype=pl.String)
    return chance.arms_of(chance.uniforms(ids, run.asked.salt("subject")), experiment.arms)


def _json(arm: pl.Series) -> pl.Expr:
    lit = pl.lit(arm)
    return pl.when(lit.is_null()).then(pl.lit("{}")).otherwise(pl.struct(subject=lit).struct.json_encode())


def _picks(stores: Stores, run: Run, members: pl.DataFrame) -> pl.DataFrame:
    """Every pick of every mail, with title facts and artwork."""
    lake, at = stores.lake, run.cutoff
    titles = lake.at("titles", at).collect()
    asked = members.select("member_id", "country")
    theirs = _plays(stores, run).join(asked.lazy(), on="member_id", how="semi")
    played = theirs.select("member_id", "title_id").unique().collect()
    ranked = allowed_of(_ranked(stores, run, asked), asked, playable(titles, members["country"], at))
    chosen = rows(ranked, _popular(stores, run, titles, asked["country"]), asked, played)
    shown = chosen.join(members.select("member_id", "country", "language"), on="member_id", maintain_order="left")
    model = ArtworkModel(seed=0).fit(pl.DataFrame(schema=NO_CHOICES))
    looks = with_artwork(shown, lake.at("artworks", at).collect(), model, _salt(run))
    return named(looks, titles, lake.at("title_names", at).collect())


def _plays(stores: Stores, run: Run) -> pl.LazyFrame:
    """What the run knows of viewing."""
    return stores.lake.scan("plays").filter(pl.col("played_at") < run.cutoff)


def _ranked(stores: Stores, run: Run, members: pl.DataFrame) -> pl.DataFrame:
    """What the title model recommends; nothing while there are no plays to learn from."""
    model = title_model(stores, _refitted(run)) if members.height else None
    return model.recommend(members, k=RANKED, at=run.cutoff) if model else pl.DataFrame(schema=NO_TITLES)


def _popular(stores: Stores, run: Run, titles: pl.DataFrame, countries: pl.Series) -> pl.DataFrame:
    """What is played most in each country: found once a run, for all shards."""
    everyone = stores.lake.at("members", run.cutoff).select("member_id", "country")

    def found(where: pl.Series) -> pl.DataFrame:
        return popular(_plays(stores, run), playable(titles, where, run.cutoff), everyone, run.cutoff)

    if run.opened:
        all_countries = everyone.select(pl.col("country").unique())
        return once(run.folder(stores.home) / "popular.parquet", lambda: found(all_countries.collect()["country"]))
    return found(countries)


def _refitted(run: Run) -> datetime:
    """When the title model of a run's day was last fitted: the same for all days of two weeks."""
    return run.cutoff - timedelta(days=run.run_date.toordinal() % REFIT.days)


def title_model(stores: Stores, at: datetime) -> TitleModel | None:
    """The title model fitted on what was known at a moment: fitted once a home, read once a process. None: no plays."""
    with _fitting:
        return _kept(stores, at)


@lru_cache(maxsize=2)
def _kept(stores: Stores, at: datetime) -> TitleModel | None:
    folder = stores.home / "models" / "titles" / f"{at:%Y%m%dT%H%M}"
    if folder.exists():
        return TitleModel.from_files(folder)
    plays = stores.lake.scan("plays").filter(pl.col("played_at") < at).collect()
    if not plays.height:
        return None
    known = (stores.lake.at(table, at).collect() for table in ("titles", "members"))
    model = TitleModel(seed=0, tabled=False).fit(plays, *known)
    staged = folder.with_name(f".{folder.name}-{uuid4().hex}")
    model.to_files(staged)
    with suppress(OSError):  # another process was quicker, with the same model
        staged.rename(folder)
    return model


def _hours(stores: Stores, run: Run, members: pl.DataFrame) -> pl.DataFrame:
    """member_id, zone and the minute of the local day at which the message is wanted."""
    asked = members.select("member_id", "country", "zone")
    if run.asked.run.send != "member-best-hour":
        hour, minute = map(int, run.asked.run.send.split(":"))
        return asked.select("member_id", "zone", minute=pl.lit(60 * hour + minute))
    theirs = _plays(stores, run).join(asked.lazy(), on="member_id", how="semi").select("member_id", "played_at")
    best = best_hours(asked, theirs.collect(), _habits(stores, run))
    return asked.join(best, on="member_id").select("member_id", "zone", minute=pl.col("hour") * 60)


def _habits(stores: Stores, run: Run) -> pl.DataFrame:
    """When each country watches: found once a run, for all shards; from the plays of a year."""
    everyone = stores.lake.at("members", run.cutoff).select("member_id", "country", zone=_zone(stores))
    lately = _plays(stores, run).filter(pl.col("played_at") >= run.cutoff - A_YEAR)
    if run.opened:
        return once(run.folder(stores.home) / "habits.parquet", lambda: habits(everyone, lately))
    return habits(everyone, lately)


def _salt(run: Run) -> str:
    return f"{run.asked.salt('artwork')}/{run.run_date}"


def decisions(run: Run, members: pl.DataFrame, picks: pl.DataFrame) -> pl.DataFrame:
    """Every random choice with its probability: arm, exploration, subject, artwork."""
    share = run.asked.holdout.share
    first = members.filter(pl.col("step") == 0)
    drawn = first.filter("explored")
    chance_of = pl.col("explore_propensity") if "explore_propensity" in first.columns else pl.lit(None)
    subjects = run.asked.experiments["subject"].arms if "subject" in run.asked.experiments else {}
    logged = [
        _decisions(first, "arm", pl.col("arm"), pl.when(pl.col("arm") == "holdout").then(share).otherwise(1 - share)),
        _decisions(drawn, "explore", pl.lit("explored"), chance_of),
        _decisions(
            first.filter(pl.col("subject_arm").is_not_null()),
            "subject",
            pl.col("subject_arm"),
            pl.col("subject_arm").replace_strict(subjects, default=None, return_dtype=pl.Float64),
        ),
        _decisions(
            picks.filter(pl.col("artwork_id").is_not_null()), "artwork", pl.col("artwork_id"), pl.col("propensity")
        ),
    ]
    run_of = {"campaign": pl.lit(run.campaign), "run_date": pl.lit(run.run_date)}
    return pl.concat(logged, how="diagonal").with_columns(**run_of)


def _decisions(frame: pl.DataFrame, kind: str, choice: pl.Expr, propensity: pl.Expr) -> pl.DataFrame:
    title = pl.col("title_id") if "title_id" in frame.columns else pl.lit(None, pl.String)
    candidates = pl.col("candidates") if "candidates" in frame.columns else pl.lit(None, pl.List(pl.String))
    return frame.select(
        "member_id",
        kind=pl.lit(kind),
        title_id=title,
        choice=choice.cast(pl.String),
        propensity=propensity.cast(pl.Float64),
        candidates=candidates,
    )
