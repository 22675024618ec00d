"""Who a campaign may write to: its rules, read from text, checked, and applied to a snapshot of members."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal, NamedTuple, TypeAlias

import polars as pl

from campaigns.errors import BadCampaign
from campaigns.intake.places import is_country, is_language, is_zone, tidy_language

Kind: TypeAlias = Literal["text", "country", "language", "zone", "number", "flag"]


class Field(NamedTuple):
    """A column of the snapshot that a rule may name."""

    kind: Kind
    about: str


FIELDS: dict[str, Field] = {
    "country": Field("country", "ISO 3166 code of the member's country"),
    "language": Field("language", "BCP 47 tag of the member's language"),
    "timezone": Field("zone", "IANA name of the member's zone"),
    "plan": Field("text", "the plan's name, as the service calls it"),
    "tenure_days": Field("number", "days since sign-up"),
    "days_since_play": Field("number", "days since the last play; never played: since sign-up"),
    "days_since_cancel": Field("number", "days since the member cancelled; empty for those who have not"),
    "cancelled": Field("flag", "has cancelled and not come back"),
    "plays_lifetime": Field("number", "plays so far"),
    "plays_365d": Field("number", "plays in the year before"),
    "titles_lifetime": Field("number", "different titles played so far"),
}

ORDERED: dict[str, Callable[[Any, Any], Any]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
EQUAL: dict[str, Callable[[Any, Any], Any]] = {"==": operator.eq, "!=": operator.ne}
RULE = re.compile(r"\s*(?P<field>\w+)\s*(?P<op>==|!=|<=|>=|<|>|\bnot\s+in\b|\bin\b)\s*(?P<value>.+?)\s*")
WORD = r"""\s*("[^"]*"|'[^']*'|[^"'<>=!,()\[\]]+)\s*"""  # in quotes it may hold anything but these quotes
LIST = re.compile(rf"{WORD}(?:,{WORD})*")


@dataclass(frozen=True)
class Rule:
    """One rule: `field op value`; for `in` and `not in` the value is a tuple."""

    field: str
    op: str
    value: Any

    def expression(self) -> pl.Expr:
        """True where the rule holds; of numbers the whole part counts: a day is over when it is.

        A member whose field is empty meets only `!=` and `not in`.
        """
        column = pl.col(self.field)
        column = column.floor() if FIELDS[self.field].kind == "number" else column
        if self.op == "in":
            return column.is_in(self.value).fill_null(value=False)
        if self.op == "not in":
            return column.is_in(self.value).not_().fill_null(value=True)
        compare = (ORDERED | EQUAL)[self.op]
        held: pl.Expr = compare(column, self.value)
        return held.fill_null(value=self.op == "!=")


def holds(rules: Sequence[Rule]) -> pl.Expr:
    """True where all `rules` hold."""
    return reduce(operator.and_, (rule.expression() for rule in rules), pl.lit(value=True))


def parse(text: str, source: str) -> Rule:
    """A rule from text such as `country in BR, US` or `plays_lifetime >= 3`; a value may stand in quotes.

    Raises:
        BadCampaign: no such field (the error names those there are), operator, or value of that field.
    """
    where = f"audience.where {text!r}"
    match = RULE.fullmatch(text)
    if match is None:
        raise BadCampaign(source, where, "a rule is: field op value, with op one of ==, !=, <, <=, >, >=, in, not in")
    name, op = match["field"], " ".join(match["op"].split())
    if name not in FIELDS:
        raise BadCampaign(source, where, f"there is no field {name!r}; the fields are {', '.join(FIELDS)}")
    field = FIELDS[name]
    if op in ORDERED and field.kind != "number":
        raise BadCampaign(source, where, f"{name} has no order, so {op} says nothing; use ==, !=, in, not in")
    values = tuple(_value(field, word, source, where) for word in _words(match["value"], op, source, where))
    return Rule(name, op, values if op in ("in", "not in") else values[0])


def _words(text: str, op: str, source: str, where: str) -> list[str]:
    """The values in `text`, without their quotes: one, or for `in` and `not in` any number, in brackets or not."""
    several = op in ("in", "not in")
    bare = text[1:-1] if several and text[:1] + text[-1:] in ("[]", "()") else text
    if LIST.fullmatch(bare) is None:
        why = f"{text!r} is not a value; one that holds = < > ! , quotes or brackets stands in quotes"
        raise BadCampaign(source, where, why)
    words = [match[1].strip() for match in re.finditer(WORD, bare)]
    if len(words) > 1 and not several:
        raise BadCampaign(source, where, f"{op} takes one value; for several, use in or not in")
    return [word[1:-1] if word[:1] in ("'", '"') else word for word in words]


def _value(field: Field, word: str, source: str, where: str) -> Any:
    """`word` as a value of `field`."""
    read, expected = READERS[field.kind]
    value = read(word)
    if value is None:
        raise BadCampaign(source, where, f"{word!r} is not {expected}")
    return value


def _number(word: str) -> float | None:
    return float(word) if re.fullmatch(r"\d{1,9}(\.0+)?", word, re.ASCII) else None


READERS: dict[Kind, tuple[Callable[[str], Any], str]] = {
    "text": (lambda word: word or None, "a word"),
    "number": (_number, "a whole number of 0 or more"),
    "flag": ({"true": True, "false": False}.get, "true or false"),
    "country": (lambda word: word if is_country(word) else None, "an ISO 3166 country code such as BR"),
    "language": (lambda word: tidy_language(word) if is_language(word) else None, "a language tag such as pt-BR"),
    "zone": (lambda word: word if is_zone(word) else None, "an IANA time zone such as America/Sao_Paulo"),
}
