"""What a message will say, frozen at planning: picks with names, pictures and links, as JSON without anyone's name.

A worker needs nothing else to write the mail, so what was planned is what is sent, whatever changes in between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from campaigns.rendering.sentences import picture_words
from scoring.languages import spoken
from scoring.titles.offers import HERO

if TYPE_CHECKING:
    from scoring.artwork import ArtworkModel

FACTS = ("genres", "minutes", "url")
LOOKS = {"artwork_url": "url", "artwork_alt": "alt", "artwork_style": "style", "artwork_language": "language"}


def with_artwork(
    picks: pl.DataFrame, artworks: pl.DataFrame, model: ArtworkModel, readers: pl.DataFrame, run_salt: str
) -> pl.DataFrame:
    """`picks` with the artwork chosen for each (artwork_id and `LOOKS`), its propensity, the candidates.

    Args:
        picks: member_id, title_id, the member's language.
        artworks: artwork_id, title_id, url, alt, style, language (empty: it says nothing).
        model: chooses, with exact propensities.
        readers: member_id and what the model looks at.
        run_salt: of the run, so that another day draws anew.

    Returns:
        The picks; where a title has no artwork, these columns are null.
    """
    asked = picks.with_columns(spoken=spoken("language")).join(
        candidates(picks, artworks), on=["title_id", "spoken"], how="left", nulls_equal=True, maintain_order="left"
    )
    key = pl.concat_str(pl.lit(run_salt), "member_id", "title_id", separator=":")
    contexts = asked.select("member_id", "candidates", key=key)
    drawn = _drawn(model, contexts.join(readers, on="member_id", how="left", maintain_order="left"))
    chosen = asked.drop("spoken").with_columns(drawn["artwork_id"], drawn["propensity"])
    looks = artworks.select("artwork_id", **LOOKS)
    return chosen.join(looks, on="artwork_id", how="left", maintain_order="left")


def _drawn(model: ArtworkModel, contexts: pl.DataFrame) -> pl.DataFrame:
    """What the model draws for each context, in order; nothing where there is nothing to draw from."""
    able = pl.col("candidates").list.len().fill_null(0) > 0
    places = contexts.with_row_index("place")
    some = places.filter(able)
    nothing = pl.DataFrame(schema={"artwork_id": pl.String, "propensity": pl.Float64})
    drawn = model.choose(some.drop("place")) if some.height else nothing
    told = drawn.with_columns(some["place"])
    return places.select("place").join(told, on="place", how="left", maintain_order="left")


def candidates(picks: pl.DataFrame, artworks: pl.DataFrame) -> pl.DataFrame:
    """title_id, spoken, candidates: a title's artworks without words or in the language spoken; all, if none is."""
    wanted = picks.select("title_id", spoken=spoken("language")).unique()
    looks = artworks.select("title_id", "artwork_id", words=spoken("language"))
    fits = pl.col("words").is_null() | pl.col("words").eq_missing(pl.col("spoken"))
    pairs = wanted.join(looks, on="title_id").with_columns(fits=fits)
    best = pairs.filter(pl.col("fits") | ~pl.col("fits").any().over("title_id", "spoken"))
    return best.sort("artwork_id").group_by("title_id", "spoken", maintain_order=True).agg(candidates="artwork_id")


def named(picks: pl.DataFrame, titles: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """`picks` (with the member's `language`) with each title's facts, named in that language where it can be.

    `about_name` names the title that the row's name tells; null where it tells none, or a genre.
    """
    facts = picks.join(titles.select("title_id", *FACTS), on="title_id", how="left", maintain_order="left")
    told = in_language(facts, "title_id", titles, names)
    return told.with_columns(about_name=in_language(facts, "about", titles, names)["name"])


def in_language(picks: pl.DataFrame, title: str, titles: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """`picks` with the `name` of the title in the column `title`, in the member's `language` where it can be.

    A name in the member's own variant comes first, then one in the same language: pt-BR, then pt, then pt-PT.
    """
    known = names.select(pl.col("title_id").alias(title), "name", tag=pl.col("language").str.to_lowercase())
    known = known.with_columns(spoken=spoken("tag")).sort("tag")
    exact = known.unique([title, "tag"], keep="first").select(title, "tag", exact="name")
    near = known.unique([title, "spoken"], keep="first", maintain_order=True).select(title, "spoken", near="name")
    told = (
        picks.drop("name", strict=False)
        .with_columns(tag=pl.col("language").str.to_lowercase(), spoken=spoken("language"))
        .join(titles.select(pl.col("title_id").alias(title), "name"), on=title, how="left", maintain_order="left")
        .join(exact, on=[title, "tag"], how="left", maintain_order="left")
        .join(near, on=[title, "spoken"], how="left", maintain_order="left")
    )
    return told.with_columns(name=pl.coalesce("exact", "near", "name")).drop("tag", "spoken", "exact", "near")


def worded(picks: pl.DataFrame) -> pl.DataFrame:
    """`picks` (with what `with_artwork` and `named` add) with an `artwork_alt` that the member can read.

    A picture of another language has its alt in that: the title's name in theirs is read out instead, with the style.
    """
    asked = picks.select("language", "artwork_style").unique()
    words = [picture_words(style, language or "") for language, style in asked.iter_rows()]
    said = asked.with_columns(words=pl.Series(words, dtype=pl.String))
    told = picks.join(said, on=asked.columns, how="left", nulls_equal=True, maintain_order="left")
    pictured = spoken("artwork_language")
    own = pl.col("words").str.replace("{title}", pl.col("name"), literal=True)
    foreign = pictured.is_not_null() & pictured.ne_missing(spoken("language"))
    return told.with_columns(artwork_alt=pl.when(foreign).then(own).otherwise("artwork_alt")).drop("words")


def contents(picks: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Each member's content as JSON: member_id, content.

    Args:
        picks: member_id, row, kind, slot and what `with_artwork` and `named` add; sorted by row and slot.
        members: member_id, language, country, subject_arm.
    """
    pick = pl.struct(
        "title_id", "name", "genres", "minutes", "url", "artwork_id", "artwork_url", "artwork_alt", "propensity"
    )
    told = {"about": pl.coalesce("about_name", "about").first(), "picks": pick}
    rows = picks.group_by("member_id", "row", "kind", maintain_order=True).agg(**told)
    heroes = rows.filter(pl.col("kind") == HERO).select("member_id", hero=pl.col("picks").list.first())
    below = rows.filter(pl.col("kind") != HERO)
    strips = below.group_by("member_id", maintain_order=True).agg(rows=pl.struct("kind", "about", "picks"))
    whole = members.join(heroes, on="member_id").join(strips, on="member_id", how="left")
    content = pl.struct("language", "country", "subject_arm", "hero", pl.col("rows").fill_null([])).struct.json_encode()
    return whole.select("member_id", content=content)
