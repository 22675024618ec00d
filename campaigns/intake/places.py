"""Where members are: the countries, time zones and language tags there are."""

from __future__ import annotations

import re
from functools import cache
from zoneinfo import available_timezones

# The 249 officially assigned codes of ISO 3166-1 alpha-2: https://www.iso.org/obp/ui/#search/code/ (2024)
_CODES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
    FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
    JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
    PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
    TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_CODES.split())

# RFC 5646: language, script, region, variants, extensions, private use
_LANGUAGE = re.compile(
    r"[a-z]{2,3}(-[a-z]{3}){0,3}(-[a-z]{4})?(-([a-z]{2}|\d{3}))?(-([a-z0-9]{5,8}|\d[a-z0-9]{3}))*"
    r"(-[a-wyz0-9](-[a-z0-9]{2,8})+)*(-x(-[a-z0-9]{1,8})+)?",
    re.IGNORECASE | re.ASCII,
)


def is_country(code: str) -> bool:
    """Whether it is a country's code, in upper case."""
    return code in COUNTRIES


def is_language(tag: str) -> bool:
    """Whether it has the shape of a language tag (BCP 47)."""
    return _LANGUAGE.fullmatch(tag) is not None


def is_zone(name: str) -> bool:
    """Whether it is a time zone of the IANA database."""
    return name in _zones()


def tidy_language(tag: str) -> str:
    """The tag as RFC 5646 recommends to write it: `pt-BR`, `zh-Hant-TW`."""
    first, *rest = tag.split("-")
    cases = {2: str.upper, 4: str.title}
    return "-".join([first.lower(), *(cases.get(len(part), str.lower)(part) for part in rest)])


@cache
def _zones() -> set[str]:
    return available_timezones() - {"localtime", "Factory"}
