"""Members made up for ratings that come without any: always the same ones, from their ids alone."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import polars as pl

from scoring.contracts import MEMBERS
from scoring.lake.schema import file_schema


class Place(NamedTuple):
    """A country with the most common zone, language and given names of its people."""

    country: str
    timezone: str
    language: str
    names: tuple[str, ...]


PLACES = (
    Place("US", "America/New_York", "en-US", ("Emma", "Noah", "Ava", "James", "Mia", "Ethan")),
    Place("BR", "America/Sao_Paulo", "pt-BR", ("Ana", "João", "Beatriz", "Lucas", "Larissa", "Gabriel")),
    Place("GB", "Europe/London", "en-GB", ("Olivia", "Oliver", "Amelia", "Harry", "Isla", "George")),
    Place("ES", "Europe/Madrid", "es-ES", ("Lucía", "Hugo", "Martina", "Pablo", "Sofía", "Álvaro")),
    Place("MX", "America/Mexico_City", "es-MX", ("Ximena", "Santiago", "Valentina", "Mateo", "Renata", "Diego")),
    Place("DE", "Europe/Berlin", "de-DE", ("Hanna", "Ben", "Lena", "Paul", "Greta", "Jonas")),
    Place("FR", "Europe/Paris", "fr-FR", ("Chloé", "Louis", "Camille", "Arthur", "Léa", "Jules")),
    Place("IT", "Europe/Rome", "it-IT", ("Giulia", "Leonardo", "Aurora", "Matteo", "Chiara", "Luca")),
    Place("IN", "Asia/Kolkata", "en-IN", ("Aarav", "Ananya", "Vivaan", "Diya", "Rohan", "Priya")),
    Place("JP", "Asia/Tokyo", "ja-JP", ("Yui", "Haruto", "Sakura", "Ren", "Hina", "Sota")),
    Place("CA", "America/Toronto", "en-CA", ("Charlotte", "Liam", "Zoe", "Logan", "Maya", "Owen")),
    Place("AU", "Australia/Sydney", "en-AU", ("Matilda", "Jack", "Ruby", "Cooper", "Willow", "Archie")),
)
PLANS = ("free", "standard", "standard", "premium")


def members(since: pl.DataFrame) -> pl.DataFrame:
    """Members (member_id, signed_up_at) with everything a member has, and consent given as they signed up."""
    told = pl.DataFrame([_attributes(member) for member in since["member_id"]], schema=_ATTRIBUTES, orient="row")
    joined = pl.concat([since.select("member_id", "signed_up_at"), told], how="horizontal")
    schema = file_schema(MEMBERS)
    made = joined.with_columns(
        pl.format("member{}@lumen.test", "member_id").alias("email"),
        email_consent=True,
        email_consent_at="signed_up_at",
        pixel_consent=False,
        cancelled_at=None,
        email_consent_expires_at=None,
        favourite_genres=pl.lit([], dtype=pl.List(pl.String)),
    )
    return made.select(pl.col(name).cast(kind) for name, kind in schema.items())


_ATTRIBUTES = ["given_name", "country", "language", "timezone", "plan"]


def _attributes(member: str) -> tuple[str, ...]:
    """By hash of the id: each draw from bytes of its own."""
    draws = hashlib.md5(f"movielens member {member}".encode(), usedforsecurity=False).digest()
    place = PLACES[draws[0] % len(PLACES)]
    name = place.names[draws[1] % len(place.names)]
    return name, place.country, place.language, place.timezone, PLANS[draws[2] % len(PLANS)]
