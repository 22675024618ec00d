"""What became of everyone a campaign looked at, as it was known at a time. Each ledger adds up by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from campaigns.delivery import Said, State, after

WAITING = ("planned", "claimed", "sending")
ENDED = ("in_doubt", "sent", "delivered", "bounced", "complained", "failed", "suppressed", "expired")


def ledgers(
    runs: Sequence[Mapping[str, Any]], states: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The ledger of first mails, and that of follow-ups.

    Args:
        runs: `counts`, what became of those whom a run looked at.
        states: `n` messages by follow_up, arm, state and said: the types of event that SES had told by the time, where
            it told more of them afterwards.
    """
    excluded: Counter[str] = Counter()
    for run in runs:
        excluded.update(run["counts"]["excluded"])
    seen = {
        "eligible": sum(run["counts"]["eligible"] for run in runs),
        "excluded": dict(excluded),
        "not_chosen": sum(run["counts"]["not_chosen"] for run in runs),
    }
    first, later = (_messages([row for row in states if row["follow_up"] is follow_up]) for follow_up in (False, True))
    return {**seen, **first}, later


def _messages(states: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    mailed: Counter[str] = Counter()
    for row in states:
        if row["arm"] == "mailed":
            mailed[_state(row)] += row["n"]
    return {
        "held_out": sum(row["n"] for row in states if row["arm"] == "holdout"),
        "planned": mailed.total(),
        "waiting": sum(mailed[state] for state in WAITING),
        **{state: mailed[state] for state in ENDED},
        "accepted_twice": sum(row["twice"] for row in states),
    }


def _state(row: Mapping[str, Any]) -> str:
    """The state of such messages, without what SES told later: it had accepted them, and perhaps said more."""
    if row["said"] is None:
        return str(row["state"])
    return reduce(after, map(Said, row["said"]), State.SENT).value
