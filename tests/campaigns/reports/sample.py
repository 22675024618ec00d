"""A report as of the middle of a campaign, for tests of what shows it."""

from typing import Any


def share(members: int, won: int) -> dict[str, Any]:
    """An arm, counted."""
    return {"members": members, "won_back": won, "rate": won / members if members else None}


def interval(estimate: float | None, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    """An estimate, and what it likely lies between."""
    return {"estimate": estimate, "low": low, "high": high}


def group(**names: str) -> dict[str, Any]:
    """What a group's members did."""
    return {**names, "mailed": share(5_607, 375), "holdout": share(1_491, 61), "difference": interval(0.026)}


def sample(**changes: Any) -> dict[str, Any]:
    """The report; `changes` are of its keys."""
    difference = {**interval(0.026, 0.009, 0.044), "method": "normal-mixture confidence sequence"}
    return {
        "campaign": "comeback",
        "as_of": "2026-11-25T00:00:00+00:00",
        "timezone": "UTC",
        "state": "running",
        "within_days": 7,
        "holdout_share": 0.2,
        "days": [f"2026-10-{day}" for day in (28, 29, 30, 31)],
        "ledger": LEDGER,
        "win_back": {
            "mailed": share(6_227, 400),
            "holdout": share(1_643, 62),
            "difference": difference,
            "incremental": interval(164.6, 55.7, 273.6),
        },
        "experiments": [],
        "sequence": [{"day": f"2026-11-{day}", **interval(0.02, -0.01, 0.05)} for day in range(11, 26)],
        "known_on": "2026-12-02",
        "time_to_first_play": {
            "mailed": {"members": 8_288, "came_back_by_day": [0.0, 0.02, 0.04, 0.063]},
            "holdout": {"members": 2_161, "came_back_by_day": [0.0, 0.01, 0.02, 0.036]},
            "difference_days": interval(0.08, 0.02, 0.14),
        },
        "retention": {"weeks": [{"week": 1, "mailed": 0.066, "holdout": 0.04}]},
        "srm": {"alarm": False},
        "arms": [group(layer="subject", value="a_subject_line_with_a_long_name")],
        "segments": [group(segment="country", value="GB"), group(segment="explored", value="False")],
    } | changes


LEDGER = {
    "eligible": 430_086,
    "excluded": {"no_consent": 181_457},
    "not_chosen": 238_042,
    "held_out": 2_187,
    "planned": 8_400,
    "waiting": 112,
    "in_doubt": 0,
    "sent": 0,
    "delivered": 8_288,
    "bounced": 0,
    "complained": 0,
    "failed": 0,
    "suppressed": 0,
    "expired": 0,
    "accepted_twice": 0,
}
EARLY = {
    "mailed": share(120, 9),
    "holdout": share(30, 1),
    "difference": {**interval(0.042), "method": "exact winner-arm sequence"},
    "incremental": interval(5.0),
}
