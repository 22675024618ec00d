"""What a message will say, frozen at planning: picks with names, pictures and links, as JSON without anyone's name.

A worker needs nothing else to write the mail, so what was planned is what is sent, whatever changes in between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from scoring.titles.rows import HERO

if TYPE_CHECKING:
    from scoring.artwork import ArtworkModel

FACTS = ("name", "genres", "minutes", "url")


def with_artwork(picks: pl.DataFrame, artworks: pl.DataFrame, model: ArtworkModel, run_salt: str) -> pl.DataFrame:
    """`picks` with the artwork chosen for each (artwork_id, artwork_url, artwork_alt), its propensity, the candidates.

    Args:
        picks: member_id, title_id, device, country and what else the model looks at.
        artworks: artwork_id, title_id, url, alt, style.
        model: chooses, with exact propensities.
        run_salt: of the run, so that another day draws anew.

    Returns:
        The picks; where a title has no artwork, these columns are null.
    """
    candidates = artworks.sort("artwork_id").group_by("title_id", maintain_order=True).agg(candidates="artwork_id")
    asked = picks.join(candidates, on="title_id", how="left", maintain_order="left")
    key = pl.concat_str(pl.lit(run_salt), "member_id", "title_id", separator=":")
    drawn = model.choose(asked.with_columns(key=key))
    chosen = asked.with_columns(drawn["artwork_id"], drawn["propensity"])
    looks = artworks.select("artwork_id", artwork_url="url", artwork_alt="alt")
    return chosen.join(looks, on="artwork_id", how="left", maintain_order="left")


def named(picks: pl.DataFrame, titles: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """`picks` (with the member's `language`) with each title's facts, named in that language where it can be."""
    facts = picks.join(titles.select("title_id", *FACTS), on="title_id", how="left", maintain_order="left")
    short = names.with_columns(spoken=pl.col("language").str.split("-").list.first().str.to_lowercase())
    local = (
        short.sort("language").unique(["title_id", "spoken"], keep="first").select("title_id", "spoken", local="name")
    )
    spoken = pl.col("language").str.split("-").list.first().str.to_lowercase()
    joined = facts.with_columns(spoken=spoken).join(local, on=["title_id", "spoken"], how="left", maintain_order="left")
    return joined.with_columns(name=pl.coalesce("local", "name")).drop("spoken", "local")


def contents(picks: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Each member's content as JSON: member_id, content.

    Args:
        picks: member_id, row, kind, slot and what `with_artwork` and `named` add; sorted by row and slot.
        members: member_id, language, country, subject_arm.
    """
    pick = pl.struct(
        "title_id", "name", "genres", "minutes", "url", "artwork_id", "artwork_url", "artwork_alt", "propensity"
    )
    rows = picks.group_by("member_id", "row", "kind", maintain_order=True).agg(picks=pick)
    heroes = rows.filter(pl.col("kind") == HERO).select("member_id", hero=pl.col("picks").list.first())
    below = rows.filter(pl.col("kind") != HERO)
    strips = below.group_by("member_id", maintain_order=True).agg(rows=pl.struct("kind", "picks"))
    whole = members.join(heroes, on="member_id").join(strips, on="member_id", how="left")
    content = pl.struct("language", "country", "subject_arm", "hero", pl.col("rows").fill_null([])).struct.json_encode()
    return whole.select("member_id", content=content)
