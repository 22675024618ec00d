"""A model's card: what it was trained on, what it was worth on trials it had not seen, and what happened then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING, Any

import jinja2

from campaigns.pages import environment
from campaigns.reports import model_charts
from campaigns.reports.words import FILTERS, day, signed
from scoring.winback.backtest import backtests
from scoring.winback.effects import in_words
from scoring.winback.training import EVALUATION

if TYPE_CHECKING:
    from scoring.registry import Registry

ARMS = {"p_mailed": "mailed", "p_unmailed": "not mailed"}
NOTHING: dict[str, Any] = {"judged": None, "against": None, "effects": [], "window": None, "versions": None}
SEGMENTS = {"country": "Country", "plan": "Plan", "lapsed": "Lapsed"}


def model_card(registry: Registry, version: str) -> dict[str, Any]:
    """All that is known of a version, as plain values; `evaluation` is None of one that was stored without.

    Raises:
        BadData: there is no such version.
    """
    told = registry.kept(version, EVALUATION)
    return {
        **asdict(registry.card(version)),
        "state": _state(registry, version),
        "by_hand": registry.live() == version and registry.use().by_hand,
        "evaluation": told[0] if told else None,
        "backtests": backtests(registry, version),
    }


def model_page(card: Mapping[str, Any]) -> str:
    """The card as one page of HTML that needs nothing else."""
    told = NOTHING | (card["evaluation"] or {})
    judged = told["judged"]
    charts = _charts(judged) if judged else {}
    effects = [one | {"about": in_words(one["feature"])} for one in told["effects"]]
    return (
        _environment()
        .get_template("model.html")
        .render(
            card=card,
            state=state(card),
            told=told,
            judged=judged,
            charts=charts,
            effects=effects,
            drawn=model_charts.effects(effects) if effects else "",
            sentence=sentence(judged),
            names=SEGMENTS,
        )
    )


def card_lines(card: Mapping[str, Any]) -> list[str]:
    """The card for a terminal, a fact a line."""
    told = {**card, "state": state(card)}
    keys = ("version", "state", "trained_as_of", "rows", "verdict", "facts")
    lines = [f"{key:<14} {told[key]}" for key in keys]
    judged = (NOTHING | (card["evaluation"] or {}))["judged"]
    figures = _figures(judged) if judged else []
    return [*lines, *figures] + [f"by {day(test['as_of']):<11} {_worth(test)}" for test in card["backtests"]]


def state(card: Mapping[str, Any]) -> str:
    """Whether a version is in use, and whether a person put it there: then its verdict was not what counted."""
    return f"{card['state']}, by hand" if card["by_hand"] else str(card["state"])


def sentence(judged: Mapping[str, Any] | None) -> list[tuple[str, bool]]:
    """What matters, as pieces of text, those to stand out marked."""
    top = caused(judged, model_charts.TOP)
    if top is None:
        return [("Too early to say how much better than chance it chooses.", False)]
    pieces = [("Mail the top ", False), (f"{model_charts.TOP:.0%}", True), (", and it expects ", False)]
    return [*pieces, (f"{top:.0%}", True), (" of the comebacks that mail can cause.", False)]


def caused(judged: Mapping[str, Any] | None, share: float) -> float | None:
    """Of the comebacks that mail can cause, the part expected of the best `share`; None where nothing is expected."""
    steps = judged["targeting"] if judged else []
    return next((step["caused"] for step in steps if abs(step["share"] - share) < 1e-9), None)


def _figures(judged: Mapping[str, Any]) -> list[str]:
    """What it was worth on the newest trials, and how many mails it takes."""
    value, chance, top = judged["value"], judged["measured"], caused(judged, model_charts.TOP)
    by_mails = f"{_thousand(value['value'])} comebacks in 1,000 mails, likely {_between(value, 1000)}"
    at_random = f"at random {_thousand(chance['value'])}"
    off = ", ".join(f"{name} {100 * judged[key]['error']:.1f}" for key, name in ARMS.items())
    lines = [
        f"{'judged on':<14} {_worth(judged)}",
        f"{'its best':<14} {judged['share']:.0%}: {by_mails}; {at_random}",
        f"{'points off':<14} {off}",
    ]
    return (
        lines
        if top is None
        else [*lines, f"{'top 20%':<14} {top:.0%} of the comebacks that mail can cause, it expects"]
    )


def _worth(judged: Mapping[str, Any]) -> str:
    qini, measured = judged["qini"], judged["measured"]
    ranks = f"Qini {_thousand(qini['value'])} in 1,000, likely {_between(qini, 1000)}"
    means = f"expected {signed(judged['predicted'])} points, measured {signed(measured['value'])}"
    return f"{judged['members']:,} trials: {ranks}; {means}, likely {_between(measured, 100)}"


def _state(registry: Registry, version: str) -> str:
    if registry.live() == version:
        return "in use"
    if version in registry.withdrawn():
        return "rolled back"
    return "was in use" if version in registry.lived() else "never in use"


def _charts(judged: Mapping[str, Any]) -> dict[str, str]:
    return {
        "qini": model_charts.qini(judged["gains"]),
        "targeting": model_charts.targeting(judged["targeting"]) if judged["targeting"] else "",
        "levels": model_charts.levels(judged["p_mailed"]["bins"], judged["p_unmailed"]["bins"]),
        "uplifts": model_charts.uplifts(judged["uplifts"]),
    }


def _thousand(value: float) -> str:
    return signed(value, 1000)


def _between(estimate: Mapping[str, float], factor: int) -> str:
    return f"{signed(estimate['low'], factor)} to {signed(estimate['high'], factor)}"


@cache
def _environment() -> jinja2.Environment:
    return environment(**FILTERS | {"points": signed, "thousand": _thousand, "between": _between})
