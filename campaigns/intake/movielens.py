"""MovieLens (https://grouplens.org/datasets/movielens/) as a service's files: ratings are plays, movies titles.

Members, and three artworks a title, are made up: always the same ones. Ids stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from campaigns.errors import RefusedFile
from campaigns.intake import load as loading
from campaigns.intake.kinds import ENCORE, Rule, lists
from campaigns.intake.load import Import, Staged, stage, take
from campaigns.intake.people import members
from campaigns.intake.report import FileReport
from campaigns.intake.times import seconds
from scoring.contracts import ARTWORKS, MEMBERS, PLAYS, TITLES, Column, Kind, Table
from scoring.lake.schema import file_schema, fitted, write_parquet
from scoring.lake.writer import Counts

FILES = ["ratings.csv", "movies.csv", "tags.csv"]
STYLES = ("faces", "action", "landscape")
TAGS = 10  # of a title, those given most often

_ID = {"userId": Column("userId", Kind.TEXT, True), "movieId": Column("movieId", Kind.TEXT, True)}
_WHEN = Column("timestamp", Kind.TIME, True)
RATINGS = Table(
    "ratings", ("userId", "movieId", "timestamp"), (*_ID.values(), Column("rating", Kind.NUMBER, True), _WHEN)
)
MOVIES = Table("movies", ("movieId",), (_ID["movieId"], Column("title", Kind.TEXT, True), Column("genres", Kind.LIST)))
TAGGED = Table(
    "tags", ("userId", "movieId", "tag", "timestamp"), (*_ID.values(), Column("tag", Kind.TEXT, True), _WHEN)
)
RULES = ENCORE | {
    Kind.TIME: Rule(seconds, "whole seconds since 1970"),
    Kind.LIST: Rule(lambda column: lists(column.replace("(no genres listed)", "")), "genres joined with |"),
}

_YEAR = r"\s*\(\d{4}(?:[-\x{2013}]\d{0,4})?\)\s*$"
_ARTICLES = "The|A|An|Der|Die|Das|Ein|Eine|Le|La|Les|Un|Une|El|Los|Las|Il|Lo|I|Gli|O|Os|As|Den|Det|En|De|Het"


def load(present: Sequence[Path], into: Import) -> tuple[FileReport, ...]:
    """Take in the files there are: plays and members of ratings, titles and artworks of movies with their tags."""
    files = {path.name: path for path in present}
    staged = {name: _staged(files[name], into) for name in FILES if name in files}
    reports = [one for one in staged.values() if isinstance(one, FileReport)]
    good = {name: one for name, one in staged.items() if isinstance(one, Staged)}
    if "ratings.csv" in good:
        reports += _take_ratings(good["ratings.csv"], into)
    if "movies.csv" in good:
        reports += _take_movies(good["movies.csv"], good.get("tags.csv"), into)
    elif "tags.csv" in good:
        reports.append(FileReport("tags.csv", refused="tags belong to titles; put movies.csv beside it"))
    return tuple(reports)


def plain_name(title: pl.Expr) -> pl.Expr:
    """A title's name as it is said: "Matrix, The (1999)" → "The Matrix"."""
    dated = title.str.replace(_YEAR, "")
    name = pl.when(dated == "").then(title).otherwise(dated)
    name = name.str.replace_all(rf"\(([^()]+), ({_ARTICLES})\)", "($2 $1)").str.replace_all(
        r"\(([^()]+), L'\)", "(L'$1)"
    )
    name = name.str.replace(rf"^(.+), ({_ARTICLES})( \(.*)?$", "$2 $1$3")
    return name.str.replace(r"^(.+), L'( \(.*)?$", "L'$1$2")


def _staged(path: Path, into: Import) -> Staged | FileReport:
    tables = {"ratings.csv": RATINGS, "movies.csv": MOVIES, "tags.csv": TAGGED}
    try:
        return stage(path, tables[path.name], into, RULES)
    except RefusedFile as refusal:
        return FileReport(path.name, refused=refusal.why)


def _take_ratings(ratings: Staged, into: Import) -> list[FileReport]:
    rated = pl.scan_parquet(ratings.files)
    plays = rated.select(
        pl.col("userId").alias("member_id"), pl.col("movieId").alias("title_id"), pl.col("timestamp").alias("played_at")
    )
    first = pl.col("played_at").min().dt.truncate("1d").alias("signed_up_at")
    people = members(plays.group_by("member_id").agg(first).sort("member_id").collect())
    return [loading.report(ratings, _put(PLAYS, plays, into)), _made_up(MEMBERS, people, into)]


def _take_movies(movies: Staged, tags: Staged | None, into: Import) -> list[FileReport]:
    titles = pl.scan_parquet(movies.files).select(
        pl.col("movieId").alias("title_id"), plain_name(pl.col("title")).alias("name"), "genres", kind=pl.lit("film")
    )
    if tags is not None:
        titles = titles.join(_most_used(pl.scan_parquet(tags.files)), on="title_id", how="left")
    told = [loading.report(movies, _put(TITLES, titles, into))]
    if tags is not None:
        told.append(loading.report(tags, Counts()))
    return [*told, _made_up(ARTWORKS, _artworks(titles.select("title_id", "name").collect()), into)]


def _most_used(tags: pl.LazyFrame) -> pl.LazyFrame:
    """title_id and its tags in lower case, those of most users first; equals by alphabet."""
    used = tags.group_by(pl.col("movieId").alias("title_id"), pl.col("tag").str.to_lowercase()).agg(
        pl.col("userId").n_unique().alias("users")
    )
    ranked = used.sort("users", "tag", descending=[True, False]).group_by("title_id", maintain_order=True)
    return ranked.agg(pl.col("tag").head(TAGS).alias("tags"))


def _artworks(titles: pl.DataFrame) -> pl.DataFrame:
    """Each title in each style."""
    styled = titles.join(pl.DataFrame({"style": STYLES}), how="cross")
    return styled.select(
        pl.format("{}-{}", "title_id", "style").alias("artwork_id"),
        "title_id",
        pl.format("https://artworks.lumen.test/{}/{}.png", "title_id", "style").alias("url"),
        pl.col("name").alias("alt"),
        "style",
    )


def _put(table: Table, rows: pl.LazyFrame, into: Import) -> Counts:
    """Take rows in through a file, so that there may be many."""
    path = into.staging / f"{table.name}-made.parquet"
    write_parquet(fitted(rows, file_schema(table)), path)
    return take(table, [path], into)


def _made_up(table: Table, rows: pl.DataFrame, into: Import) -> FileReport:
    counts = _put(table, rows.lazy(), into)
    unchanged = rows.height - counts.new - counts.changed
    return FileReport(f"{table.name} (made up)", rows.height, counts.new, counts.changed, unchanged)
