"""What a message says, frozen as JSON."""

import json
from collections import Counter

import polars as pl
import pytest

from campaigns.planning.content import contents, named, with_artwork, worded
from scoring.artwork import ArtworkModel

NO_CHOICES = pl.DataFrame(schema={"artwork_id": pl.String, "propensity": pl.Float64, "reward": pl.Float64})
NOBODY = pl.DataFrame(schema={"member_id": pl.String})
MODEL = ArtworkModel(seed=0).fit(NO_CHOICES)
ARTWORKS = dict.fromkeys(("artwork_id", "title_id", "url", "alt", "style", "language"), pl.String)
NAMES = {"title_id": pl.String, "language": pl.String, "name": pl.String}
TITLES = {
    "title_id": pl.String,
    "name": pl.String,
    "genres": pl.List(pl.String),
    "minutes": pl.Float64,
    "url": pl.String,
}


def artworks(*told):
    """(artwork, title, language)."""
    rows = [(a, t, f"https://art.example/{a}.jpg", f"Alt of {a}", "faces", language) for a, t, language in told]
    return pl.DataFrame(rows, schema=ARTWORKS, orient="row")


def picks(*told, kind="hero", about=None):
    """(member, title, language)."""
    rows = [(m, t, language, 0, kind, 0, about) for m, t, language in told]
    schema = {
        "member_id": pl.String,
        "title_id": pl.String,
        "language": pl.String,
        "row": pl.Int32,
        "kind": pl.String,
        "slot": pl.Int64,
        "about": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def shown(*told, of, salt="autumn/artwork/2026-12-01"):
    return with_artwork(picks(*told), of, MODEL, NOBODY, salt)


def test_a_title_without_artwork_has_none_and_the_others_keep_theirs():
    found = shown(("m", "t1", "en"), ("m", "t2", "en"), of=artworks(("a", "t2", None)))
    assert found.select("artwork_id", "artwork_url", "artwork_alt", "propensity").rows() == [
        (None, None, None, None),
        ("a", "https://art.example/a.jpg", "Alt of a", 1.0),
    ]


def test_without_any_artworks_at_all_there_are_none():
    found = shown(("m", "t1", "en"), of=artworks())
    assert found["artwork_id"].to_list() == found["propensity"].to_list() == [None]
    assert shown(of=artworks()).is_empty()


def test_every_candidate_is_logged_and_drawn_with_its_probability():
    told = [(f"m{n}", "t1", "en") for n in range(900)]
    found = shown(*told, of=artworks(("a", "t1", None), ("b", "t1", None), ("c", "t1", None), ("d", "t2", None)))
    assert found["candidates"].to_list() == [["a", "b", "c"]] * 900
    assert found["propensity"].to_list() == pytest.approx([1 / 3] * 900)
    assert min(Counter(found["artwork_id"]).values()) > 240


def test_a_draw_belongs_to_the_run_the_member_and_the_title_whoever_else_is_there():
    of = artworks(*((a, t, None) for t in ("t1", "t2") for a in (f"{t}a", f"{t}b")))
    told = [(f"m{n}", t, "en") for n in range(10) for t in ("t1", "t2")]
    whole = shown(*told, of=of)
    apart = pl.concat([shown(one, of=of) for one in told])
    assert apart.equals(whole)
    assert not shown(*told, of=of, salt="autumn/artwork/2026-12-02").equals(whole)


def test_artworks_with_words_are_for_those_who_speak_the_language():
    of = artworks(("bare", "t1", None), ("en", "t1", "en"), ("pt", "t1", "pt-BR"), ("es", "t2", "es"))
    found = shown(
        ("m", "t1", "pt"), ("n", "t1", "en-GB"), ("o", "t1", "de"), ("p", "t2", "de"), ("q", "t1", None), of=of
    )
    assert found["candidates"].to_list() == [["bare", "pt"], ["bare", "en"], ["bare"], ["es"], ["bare"]]


def titles(*ids):
    return pl.DataFrame([(t, t.upper(), ["drama"], 90.0, None) for t in ids], schema=TITLES, orient="row")


def names(*told):
    return pl.DataFrame(told, schema=NAMES, orient="row")


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("pt-BR", "Brasil"),
        ("pt-br", "Brasil"),
        ("pt-PT", "Portugal"),
        ("pt", "Geral"),
        ("pt-AO", "Geral"),
        ("en", "T1"),
        (None, "T1"),
    ],
)
def test_a_title_is_named_in_the_members_variant_else_language_else_as_it_is(language, name):
    told = names(("t1", "pt-PT", "Portugal"), ("t1", "pt-BR", "Brasil"), ("t1", "pt", "Geral"), ("t2", "en", "Other"))
    assert named(picks(("m", "t1", language)), titles("t1"), told)["name"].to_list() == [name]


@pytest.mark.parametrize(
    ("language", "artwork", "alt"),
    [
        ("pt-BR", "en", "O Farol $1: rostos"),
        ("es", "en-GB", "T1: rostros"),
        ("de", "en", "T1: faces"),
        (None, "en", "T1: faces"),
        ("en-US", "en-GB", "Alt of a"),
        ("pt-PT", "pt-BR", "Alt of a"),
        ("pt", None, "Alt of a"),
    ],
)
def test_a_picture_of_another_language_is_read_out_in_the_members(language, artwork, alt):
    looks = shown(("m", "t1", language), of=artworks(("a", "t1", artwork)))
    told = worded(named(looks, titles("t1"), names(("t1", "pt", "O Farol $1"))))
    assert told["artwork_alt"].to_list() == [alt]


def test_a_pick_without_a_picture_has_nothing_read_out():
    looks = shown(("m", "t1", "pt"), ("n", "t2", "pt"), of=artworks(("a", "t2", "en")))
    assert worded(named(looks, titles("t1", "t2"), names()))["artwork_alt"].to_list() == [None, "T2: rostos"]


def test_no_pick_is_lost_or_doubled_by_its_names():
    told = names(("t1", "pt", "A"), ("t1", "PT", "B"), ("t1", "pt-BR", "C"))
    asked = picks(*((f"m{n}", t, "pt-BR") for n in range(5) for t in ("t1", "t2")))
    found = named(asked, titles("t1", "t2"), told)
    assert found.select("member_id", "title_id").rows() == asked.select("member_id", "title_id").rows()


def test_a_row_tells_the_title_it_is_about_in_the_members_language():
    hero, row = picks(("m", "t1", "pt")), picks(("m", "t2", "pt"), kind="because_you_watched", about="t3")
    own = pl.concat([hero, row.with_columns(row=pl.lit(1, pl.Int32))])
    told = names(("t3", "pt", "Farol"), ("t2", "pt", "Mar"))
    whole = named(with_artwork(own, artworks(), MODEL, NOBODY, "s"), titles("t1", "t2", "t3"), told)
    members = pl.DataFrame({"member_id": ["m"], "language": "pt", "country": "BR", "subject_arm": "title"})
    (mail,) = (json.loads(content) for content in contents(whole, members)["content"])
    assert [(row["about"], row["picks"][0]["name"]) for row in mail["rows"]] == [("Farol", "Mar")]


def test_a_mail_is_its_hero_and_its_rows_as_json():
    own = pl.concat(
        [
            picks(("m:日", "t1", "en")),
            picks(("m:日", "t2", "en"), kind="for_you").with_columns(row=pl.lit(1, pl.Int32)),
            picks(("m:日", "t3", "en"), kind="popular").with_columns(row=pl.lit(2, pl.Int32)),
            picks(("n", "t1", "en")),
        ]
    )
    whole = named(with_artwork(own, artworks(("a", "t1", None)), MODEL, NOBODY, "s"), titles("t1", "t2", "t3"), names())
    members = pl.DataFrame({"member_id": ["m:日", "n", "o"], "language": "en", "country": "GB", "subject_arm": "title"})
    told = {m: json.loads(content) for m, content in contents(whole, members).iter_rows()}
    assert told.keys() == {"m:日", "n"}  # o can be shown nothing
    mail = told["m:日"]
    assert (mail["language"], mail["country"], mail["subject_arm"]) == ("en", "GB", "title")
    assert mail["hero"]["title_id"] == "t1"
    assert mail["hero"]["artwork_url"] == "https://art.example/a.jpg"
    assert [(row["kind"], [p["title_id"] for p in row["picks"]]) for row in mail["rows"]] == [
        ("for_you", ["t2"]),
        ("popular", ["t3"]),
    ]
    assert mail["rows"][0]["picks"][0]["artwork_url"] is None
    assert told["n"]["rows"] == []
