"""Where the simulated members live, what they speak and what they are called."""

from __future__ import annotations

from typing import NamedTuple


class Country(NamedTuple):
    """A country: its share of the members, its zones and languages with their shares, and given names."""

    code: str
    share: float
    zones: dict[str, float]
    languages: dict[str, float]
    names: tuple[str, ...]


_ENGLISH = ("Emma", "Noah", "Ava", "James", "Mia", "Ethan", "Grace", "Henry", "Nora", "Caleb", "Ruth", "Miles")
_BRITISH = (
    "Olivia",
    "Oliver",
    "Amelia",
    "Harry",
    "Isla",
    "George",
    "Freya",
    "Alfie",
    "Poppy",
    "Arthur",
    "Elsie",
    "Jude",
)
_BRAZILIAN = (
    "Ana",
    "João",
    "Beatriz",
    "Lucas",
    "Larissa",
    "Gabriel",
    "Camila",
    "Rafael",
    "Júlia",
    "Thiago",
    "Letícia",
    "Caio",
)
_PORTUGUESE = (
    "Inês",
    "Tomás",
    "Mariana",
    "Duarte",
    "Leonor",
    "Afonso",
    "Rita",
    "Gonçalo",
    "Matilde",
    "Rui",
    "Carolina",
    "Nuno",
)
_SPANISH = (
    "Lucía",
    "Hugo",
    "Martina",
    "Pablo",
    "Sofía",
    "Álvaro",
    "Carmen",
    "Iker",
    "Elena",
    "Javier",
    "Nerea",
    "Marcos",
)
_MEXICAN = (
    "Ximena",
    "Santiago",
    "Valentina",
    "Mateo",
    "Renata",
    "Diego",
    "Regina",
    "Emiliano",
    "Fernanda",
    "Luis",
    "Paola",
    "Iván",
)
_ARGENTINE = (
    "Catalina",
    "Bautista",
    "Delfina",
    "Joaquín",
    "Milagros",
    "Tomás",
    "Agustina",
    "Facundo",
    "Julieta",
    "Nicolás",
)
_COLOMBIAN = ("Mariana", "Samuel", "Isabella", "Andrés", "Daniela", "Felipe", "Laura", "Sebastián", "Manuela", "Camilo")
_GERMAN = ("Hanna", "Ben", "Lena", "Paul", "Greta", "Jonas", "Mila", "Felix", "Clara", "Emil", "Frieda", "Moritz")
_FRENCH = ("Chloé", "Louis", "Camille", "Arthur", "Léa", "Jules", "Manon", "Hugo", "Inès", "Gabriel", "Zoé", "Théo")
_INDIAN = ("Aarav", "Ananya", "Vivaan", "Diya", "Rohan", "Priya", "Ishaan", "Kavya", "Arjun", "Meera", "Kabir", "Nisha")
_JAPANESE = ("Yui", "Haruto", "Sakura", "Ren", "Hina", "Sota", "Aoi", "Riku", "Mei", "Kaito")

COUNTRIES = (
    Country(
        "US",
        0.20,
        {
            "America/New_York": 0.48,
            "America/Chicago": 0.29,
            "America/Denver": 0.07,
            "America/Los_Angeles": 0.16,
        },
        {"en-US": 0.87, "es-US": 0.13},
        _ENGLISH,
    ),
    Country("BR", 0.18, {"America/Sao_Paulo": 0.91, "America/Manaus": 0.09}, {"pt-BR": 1.0}, _BRAZILIAN),
    Country("MX", 0.09, {"America/Mexico_City": 0.9, "America/Tijuana": 0.1}, {"es-MX": 1.0}, _MEXICAN),
    Country("GB", 0.08, {"Europe/London": 1.0}, {"en-GB": 1.0}, _BRITISH),
    Country("ES", 0.07, {"Europe/Madrid": 0.95, "Atlantic/Canary": 0.05}, {"es-ES": 0.97, "en-GB": 0.03}, _SPANISH),
    Country("DE", 0.07, {"Europe/Berlin": 1.0}, {"de-DE": 0.92, "en-GB": 0.08}, _GERMAN),
    Country("FR", 0.06, {"Europe/Paris": 1.0}, {"fr-FR": 0.95, "en-GB": 0.05}, _FRENCH),
    Country("IN", 0.06, {"Asia/Kolkata": 1.0}, {"en-IN": 0.8, "hi-IN": 0.2}, _INDIAN),
    Country("AR", 0.05, {"America/Argentina/Buenos_Aires": 1.0}, {"es-AR": 1.0}, _ARGENTINE),
    Country("CO", 0.04, {"America/Bogota": 1.0}, {"es-CO": 1.0}, _COLOMBIAN),
    Country("PT", 0.04, {"Europe/Lisbon": 1.0}, {"pt-PT": 0.96, "en-GB": 0.04}, _PORTUGUESE),
    Country("CA", 0.03, {"America/Toronto": 0.7, "America/Vancouver": 0.3}, {"en-CA": 0.8, "fr-CA": 0.2}, _ENGLISH),
    Country("AU", 0.02, {"Australia/Sydney": 0.8, "Australia/Perth": 0.2}, {"en-AU": 1.0}, _BRITISH),
    Country("JP", 0.01, {"Asia/Tokyo": 1.0}, {"ja-JP": 1.0}, _JAPANESE),
)
CODES = tuple(country.code for country in COUNTRIES)
ZONES = tuple(zone for country in COUNTRIES for zone in country.zones)
LANGUAGES = tuple(sorted({language for country in COUNTRIES for language in country.languages}))
