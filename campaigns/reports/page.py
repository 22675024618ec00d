"""The report as one page of HTML that needs nothing else: a sentence, where everyone went, what it won."""

from __future__ import annotations

from functools import cache
from typing import Any

import jinja2

from campaigns.pages import environment
from campaigns.rendering.sentences import in_country
from campaigns.reports import charts
from campaigns.reports.words import FILTERS, counted, day, noun

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
            whom=whom(report),
            ledger=ledger(report["ledger"]),
            curve=_curve(report),
            settling=_settling(report),
            groups=groups(report),
            period=period(report["days"]),
        )
    )


def sentence(report: dict[str, Any]) -> list[tuple[str, bool]]:
    """What matters, as pieces of text, those to stand out marked."""
    won = report["win_back"]["incremental"]
    if won["low"] is None:
        return [(_too_early(report), False)]
    estimate, low, high = (round(won[key]) for key in ("estimate", "low", "high"))
    if won["low"] > 0:
        return _likely(estimate, "more", low, high)
    if won["high"] < 0:
        return _likely(-estimate, "fewer", -high, -low)
    pieces = [("No difference can be told yet: between ", False), (f"{-low:,}", True), (" fewer and ", False)]
    return [*pieces, (f"{high:,}", True), (f" more {noun(high)} came back than would have without mail.", False)]


def _too_early(report: dict[str, Any]) -> str:
    known = report["known_on"]
    if report["win_back"]["mailed"]["members"] == 0:
        when = f" The last window closes on {day(known)}." if known else ""
        window = counted(report["within_days"], "day")
        return f"Too early to say: nobody's window of {window} has closed yet.{when}"
    when = f"; more is known by {day(known)}" if known else ""
    return f"Too early to say: too few members have come back yet{when}."


def _likely(estimate: int, which: str, low: int, high: int) -> list[tuple[str, bool]]:
    said = f" {which} {noun(estimate)} came back than would have without mail, likely between "
    return [
        (f"{estimate:,}", True),
        (said, False),
        (f"{low:,}", True),
        (" and ", False),
        (f"{high:,}", True),
        (".", False),
    ]


def below(report: dict[str, Any]) -> str:
    """What the sentence rests on."""
    mailed, held = (report["win_back"][arm]["members"] for arm in ("mailed", "holdout"))
    return f"{mailed:,} mailed against {held:,} held out, chosen by the same rule. Right at every look."


def whom(report: dict[str, Any]) -> str:
    """Whom the curve counts and whom the numbers, where these are not the same."""
    told, judged = report["time_to_first_play"], report["win_back"]
    followed, closed = ([found[arm]["members"] for arm in ("mailed", "holdout")] for found in (told, judged))
    if followed == closed:
        return ""
    window = counted(report["within_days"], "day")
    (mailed, held), (judged_mailed, judged_held) = followed, closed
    return (
        f"The curve follows all {mailed:,} mailed and {held:,} held out as far as their {window} have gone. The "
        f"sentence above and the numbers below count those whose time is over: {judged_mailed:,} and {judged_held:,}."
    )


def ledger(counts: dict[str, Any]) -> list[tuple[str, int, int]]:
    """Lines of the ledger: text, number, depth."""
    excluded = counts["excluded"]
    lines = [("Lapsed and in the audience", counts["eligible"], 0), ("Excluded", sum(excluded.values()), 0)]
    lines += [(REASONS.get(reason, reason), n, 1) for reason, n in excluded.items() if n]
    lines += [("Not chosen", counts["not_chosen"], 0), ("Held out", counts["held_out"], 0)]
    lines += [("Planned mails", counts["planned"], 0)]
    lines += [(text, counts[key], 1) for key, text in MESSAGES.items() if counts[key]]
    if counts["accepted_twice"]:
        lines.append(("accepted twice by SES", counts["accepted_twice"], 1))
    return lines


def period(days: list[str]) -> str:
    """The days on which the campaign ran."""
    if not days:
        return "has not run yet"
    return day(days[0]) if len(days) == 1 else f"{day(days[0])} – {day(days[-1])}"


def _curve(report: dict[str, Any]) -> list[tuple[str, str]]:
    """The chart for a page as wide as a desk's, and for one as narrow as a phone's: (class, SVG)."""
    told = report["time_to_first_play"]
    mailed, held = told["mailed"]["came_back_by_day"], told["holdout"]["came_back_by_day"]
    if min(len(mailed), len(held)) < 2:
        return []
    return [("at-desk", charts.came_back(mailed, held)), ("on-phone", charts.came_back(mailed, held, charts.PHONE))]


def _settling(report: dict[str, Any]) -> list[tuple[str, str]]:
    """The same."""
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


@cache
def _environment() -> jinja2.Environment:
    return environment(**FILTERS)
