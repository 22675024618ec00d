from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from campaigns.errors import RefusedFile
from campaigns.intake import import_folder
from campaigns.intake.movielens import plain_name
from campaigns.intake.people import PLACES, members
from campaigns.intake.places import COUNTRIES, is_language
from scoring.lake.store import Lake
from scoring.lake.writer import Counts

NOW = datetime(2020, 1, 1, tzinfo=UTC)
FILES = {
    "ratings.csv": "userId,movieId,rating,timestamp\n1,2571,5.0,964982703\n1,1,4.0,964981247\n2,1,3.5,1141415820\n",
    "movies.csv": (
        'movieId,title,genres\n1,Toy Story (1995),Animation|Comedy\n2571,"Matrix, The (1999)",(no genres listed)\n'
    ),
    "tags.csv": "userId,movieId,tag,timestamp\n1,1,Pixar,1\n2,1,pixar,2\n2,1,fun,3\n2,9,lost,3\n",
}
NAMES = {
    "Toy Story (1995)": "Toy Story",
    "Matrix, The (1999)": "The Matrix",
    "Good, the Bad and the Ugly, The (Buono, il brutto, il cattivo, Il) (1966)": (
        "The Good, the Bad and the Ugly (Il Buono, il brutto, il cattivo)"
    ),
    "Atalante, L' (1934)": "L'Atalante",
    "Bear, The (Ours, L') (1988)": "The Bear (L'Ours)",
    "Paris, Texas (1984)": "Paris, Texas",
    "I, Robot (2004)": "I, Robot",
    "Babylon 5": "Babylon 5",
    "Fawlty Towers (1975-1979)": "Fawlty Towers",
    "(500) Days of Summer (2009)": "(500) Days of Summer",
    "(2010)": "(2010)",
}


class Inbox:
    def __init__(self, home):
        self.home, self.lake, self.contacts = home, Lake(home / "lake"), {}
        self.folder = home / "ml"
        self.folder.mkdir()

    def write(self, **files):
        for name, text in files.items():
            (self.folder / f"{name}.csv").write_text(text)

    def take(self):
        told = import_folder(
            self.folder,
            lake=self.lake,
            contacts=self.keep,
            as_of=NOW,
            quarantine=self.home / "quarantine",
            format="movielens",
        )
        return {report.file: report for report in told.files}

    def keep(self, frame):
        self.contacts |= {row["member_id"]: row for row in frame.to_dicts()}
        return Counts()


@pytest.fixture
def inbox(tmp_path):
    return Inbox(tmp_path)


@pytest.fixture
def full(inbox):
    for name, text in FILES.items():
        (inbox.folder / name).write_text(text)
    return inbox


def test_ratings_are_plays(full):
    assert full.take()["ratings.csv"].new == 3
    plays = full.lake.scan("plays").sort("member_id", "played_at").collect()
    assert plays.row(0) == ("1", "1", datetime(2000, 7, 30, 18, 20, 47, tzinfo=UTC), None, None)


def test_movies_are_films_with_genres_and_the_tags_given_most(full):
    full.take()
    titles = full.lake.at("titles", NOW).sort("title_id").select("title_id", "name", "kind", "genres", "tags").collect()
    assert titles.rows() == [
        ("1", "Toy Story", "film", ["Animation", "Comedy"], ["pixar", "fun"]),
        ("2571", "The Matrix", "film", [], []),
    ]


def test_each_title_gets_three_artworks(full):
    assert full.take()["artworks (made up)"].new == 6
    art = full.lake.at("artworks", NOW).filter(pl.col("artwork_id") == "2571-faces").select("url", "alt", "style")
    assert art.collect().row(0) == ("https://artworks.lumen.test/2571/faces.png", "The Matrix", "faces")


def test_members_joined_on_the_day_of_their_first_rating_and_consented(full):
    full.take()
    one = full.contacts["1"]
    assert one["email"] == "member1@lumen.test"
    assert one["signed_up_at"] == one["email_consent_at"] == datetime(2000, 7, 30, tzinfo=UTC)
    assert one["email_consent"] is True
    assert full.lake.at("members", NOW).collect()["plan"].is_in(["free", "standard", "premium"]).all()


def test_a_second_import_changes_nothing(full):
    full.take()
    version = full.lake.version()
    assert all(report.new == report.changed == 0 for report in full.take().values())
    assert full.lake.version() == version


def test_bad_rows_are_set_aside(inbox):
    inbox.write(ratings=FILES["ratings.csv"] + "3,1,high,964982703\n3,,4,964982703\n3,1,4,yesterday\n")
    report = inbox.take()["ratings.csv"]
    assert [(fault.row, fault.column) for fault in report.examples] == [(5, "rating"), (6, "movieId"), (7, "timestamp")]
    assert report.examples[2].expected == "whole seconds since 1970 (required)"


def test_ratings_alone_suffice_and_tags_alone_do_not(inbox):
    inbox.write(ratings=FILES["ratings.csv"], tags=FILES["tags.csv"])
    reports = inbox.take()
    assert reports["ratings.csv"].new == 3
    assert reports["tags.csv"].refused == "tags belong to titles; put movies.csv beside it"


def test_a_file_without_a_column_is_refused_and_the_others_go_on(full):
    full.write(ratings="userId,movieId\n1,1\n")
    reports = full.take()
    assert reports["ratings.csv"].refused.startswith("has no column rating, timestamp; it must have userId")
    assert reports["movies.csv"].new == 2


def test_a_folder_without_any_of_the_files_is_refused(inbox):
    with pytest.raises(RefusedFile, match=r"holds none of ratings\.csv, movies\.csv, tags\.csv"):
        inbox.take()


@pytest.mark.parametrize(("title", "name"), NAMES.items())
def test_a_name_is_as_it_is_said(title, name):
    assert pl.select(plain_name(pl.lit(title))).item() == name


def test_members_are_always_the_same_and_live_where_their_zone_is():
    since = pl.DataFrame({"member_id": [str(number) for number in range(400)], "signed_up_at": [NOW] * 400})
    made = members(since)
    assert made.equals(members(since))
    assert made["country"].n_unique() == len(PLACES)
    homes = {(place.country, place.timezone, place.language) for place in PLACES}
    assert set(made.select("country", "timezone", "language").iter_rows()) == homes


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.country)
def test_places_are_real(place):
    assert place.country in COUNTRIES
    assert is_language(place.language)
    assert ZoneInfo(place.timezone)
