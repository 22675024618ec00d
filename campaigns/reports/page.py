"""The report as one page of HTML that needs nothing else: a sentence, where everyone went, what it won."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import Any

import jinja2

from campaigns.pages import environment
from campaigns.rendering.sentences import in_country
from campaigns.reports import charts

LEDGER = {
    "eligible": "Lapsed and in the audience",
    "not_chosen": "Not chosen",
    "held_out": "Held out",
    "planned": "Planned mails",
}
MESSAGES = {
    "delivered": "delivered",
    "sent": "accepted by SES, nothing further heard",
    "waiting": "waiting",
    "bounced": "bounced",
    "complained": "complained",
    "suppressed": "suppressed at their time",
    "expired": "expired",
    "failed": "failed",
    "in_doubt": "in doubt",
}
REASONS = {
    "no_consent": "without consent",
    "no_address": "without an address",
    "suppressed": "suppressed address",
    "same_address": "shares another member's address",
    "already_in_campaign": "already in this campaign",
    "other_campaign": "taken by another campaign today",
    "global_holdout": "never mailed by anyone",
    "frequency_cap": "mailed often enough of late",
    "no_titles": "nothing left to show",
}


def page(report: dict[str, Any]) -> str:
    """The page of a report."""
    return (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            sentence=sentence(report),
            below=below(report),
            ledger=ledger(report["ledger"]),
            curve=_curve(report),
            settling=_settling(report),
            groups=groups(report),
            period=period(report["days"]),
        )
    )


def sentence(report: dict[str, Any]) -> list[tuple[str, bool]]:
    """What matters, as pieces of text, those to stand out marked."""
    won, known = report["win_back"], report["known_on"]
    incremental = won["incremental"]
    if won["mailed"]["members"] == 0:
        when = f" The last window closes on {_day(known)}." if known else ""
        return [(f"Too early to say: nobody's window of {report['within_days']} days has closed yet.{when}", False)]
    if incremental["low"] is None:
        when = f"; more is known by {_day(known)}" if known else ""
        return [(f"Too early to say: too few members have come back yet{when}.", False)]
    estimate, low, high = (round(incremental[key]) for key in ("estimate", "low", "high"))
    if incremental["low"] > 0:
        more = " more members came back than would have without mail, likely between "
        pieces = [(f"{estimate:,}", True), (more, False)]
        return [*pieces, (f"{low:,}", True), (" and ", False), (f"{high:,}", True), (".", False)]
    if incremental["high"] < 0:
        fewer = " fewer members came back than would have without mail, likely between "
        pieces = [(f"{-estimate:,}", True), (fewer, False)]
        return [*pieces, (f"{-high:,}", True), (" and ", False), (f"{-low:,}", True), (".", False)]
    pieces = [("No difference can be told yet: between ", False), (f"{-low:,}", True), (" fewer and ", False)]
    return [*pieces, (f"{high:,}", True), (" more members came back than would have without mail.", False)]


def below(report: dict[str, Any]) -> str:
    """What the sentence rests on."""
    won = report["win_back"]
    mailed, held = won["mailed"]["members"], won["holdout"]["members"]
    return f"{mailed:,} mailed against {held:,} held out, chosen by the same rule. Right at every look."


def ledger(counts: dict[str, Any]) -> list[tuple[str, int, int]]:
    """Lines of the ledger: text, number, depth."""
    lines = [(LEDGER["eligible"], counts["eligible"], 0), ("Excluded", sum(counts["excluded"].values()), 0)]
    lines += [(REASONS.get(reason, reason), n, 1) for reason, n in counts["excluded"].items() if n]
    lines += [(LEDGER[key], counts[key], 0) for key in ("not_chosen", "held_out", "planned")]
    lines += [(text, counts[key], 1) for key, text in MESSAGES.items() if counts[key]]
    if counts["accepted_twice"]:
        lines.append(("accepted twice by SES", counts["accepted_twice"], 1))
    return lines


def period(days: list[str]) -> str:
    """The days on which the campaign ran."""
    if not days:
        return "has not run yet"
    return _day(days[0]) if len(days) == 1 else f"{_day(days[0])} – {_day(days[-1])}"


def _curve(report: dict[str, Any]) -> str:
    told = report["time_to_first_play"]
    mailed, held = told["mailed"]["came_back_by_day"], told["holdout"]["came_back_by_day"]
    return charts.came_back(mailed, held) if len(mailed) > 1 and len(held) > 1 else ""


def _settling(report: dict[str, Any]) -> list[tuple[str, str]]:
    """The chart for a page as wide as a desk's, and for one as narrow as a phone's: (class, SVG)."""
    looks = report["sequence"]
    if not any(look["low"] is not None for look in looks):
        return []
    return [("at-desk", charts.settling(looks)), ("on-phone", charts.settling(looks, charts.PHONE))]


def groups(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Arms of experiments and segments, each with its name in words."""
    arms = [found | {"name": f"{found['layer']}: {found['value']}"} for found in report["arms"]]
    return arms + [found | {"name": _segment(found["segment"], str(found["value"]))} for found in report["segments"]]


def _segment(segment: str, value: str) -> str:
    if segment == "explored":
        return "drawn at random" if value == "True" else "chosen by rank"
    place = in_country(value, "en")
    return place.removeprefix("in ").removeprefix("the ") if segment == "country" and place else f"{segment}: {value}"


def _day(text: str) -> str:
    day = date.fromisoformat(text[:10])
    return f"{day.day} {day:%b %Y}"


def _percent(value: float | None, digits: int = 1) -> str:
    return "–" if value is None else f"{value:.{digits}%}"


def _points(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:+.1f} points".replace("-", "−")


def _number(value: float | None, digits: int = 0) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"


def _moment(text: str) -> str:
    at = datetime.fromisoformat(text)
    return f"{at.day} {at:%b %Y, %H:%M}"


@cache
def _environment() -> jinja2.Environment:
    return environment(percent=_percent, points=_points, number=_number, moment=_moment, day=_day)
