"""The gate: is a newly trained model taken, or does the one in use stay, and why.

A candidate is judged on the newest trials, which it was not fitted on. Against the model in use it is judged on those
of them that had not matured when that one was trained: neither has seen them. It is refused where it is *surely worse*
(the whole likely range of the difference), or where it is worse by more than a standard error while on its own it can't
be told from chance. Where the two can't be told apart it is taken, since what is stored in the end is fitted on the
newest trials, too. To ask for proof of being better at every retraining would keep an old model against most of its
rivals: at the size of a week proofs are rare. Only what a person put to use asks for one, and what knows later trials
yields to nothing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from scoring import chance
from scoring.encoding import numbered
from scoring.winback.judgement import Judgement, outcomes_of
from scoring.winback.qini import Estimate, Ranking
from scoring.winback.reliability import slope, standard_error

FEWEST_JUDGED = 50  # comebacks in the smaller arm of what is judged
FEWEST_COMPARED = 20  # the same of what two models are compared on: below it, intervals are no longer to be trusted
NEWEST, MOST = 0.2, 0.5  # of the trials: what is judged, and the most that it may grow to until there are enough
SLOPES = (0.5, 1.5)  # of measured on predicted uplift: outside, uplifts are out of scale
KNOWN = 0.25  # standard error from which on a slope is known well enough to refuse by
PATIENT = 3.3  # standard errors: of 40 years of weekly looks one takes what is no better for better; by 1.96, most do


class Split(NamedTuple):
    """Trials that a candidate is fitted on, and the newest, which it is judged on."""

    older: pl.DataFrame
    newest: pl.DataFrame


@dataclass(frozen=True)
class Contest:
    """A candidate against the model in use, on trials that neither had seen: differences, candidate less incumbent."""

    incumbent: str
    members: int
    qini: Estimate
    incumbent_qini: Estimate
    value: Estimate
    slopes: tuple[Estimate | None, Estimate | None]

    def to_json(self) -> dict[str, Any]:
        """Plain lists and dicts."""
        return asdict(self) | {"slopes": [None if found is None else asdict(found) for found in self.slopes]}


class Decision(NamedTuple):
    """Whether the candidate is taken, and why, in a sentence."""

    promote: bool
    why: str

    def __str__(self) -> str:
        return f"{'promoted' if self.promote else 'refused'}: {self.why}"


def split(trials: pl.DataFrame) -> Split | None:
    """The newest fifth by the end of their windows, more where that has too few comebacks; None: too few in all.

    Trials that end at one moment are divided by lot. Of members who are in both parts, those newest trials are left
    out that had begun before an older one of theirs ended: a comeback would count in both.
    """
    ranked = trials.with_columns(draw=chance.uniforms(trials["member_id"], "gate")).sort(
        "until", "draw", "at", descending=[True, False, True]
    )
    outcomes = outcomes_of(ranked)
    wins = [np.cumsum(outcomes.won_back * arm) for arm in (outcomes.mailed, ~outcomes.mailed)]
    enough = int(np.searchsorted(np.minimum(*wins), FEWEST_JUDGED)) + 1
    count = max(enough, int(trials.height * NEWEST))
    if count > trials.height * MOST:
        return None
    older, newest = ranked[count:].drop("draw"), ranked[:count].drop("draw")
    ended = older.group_by("member_id").agg(ended=pl.col("until").max())
    apart = newest.join(ended, on="member_id", how="left", maintain_order="left").filter(
        pl.col("ended").is_null() | (pl.col("ended") <= pl.col("at"))
    )
    found = Split(older, apart.drop("ended"))
    return found if all(outcomes_of(part).fewest_wins >= FEWEST_JUDGED for part in found) else None


def unseen(trials: pl.DataFrame, since: datetime) -> pl.Series:
    """Which trials had not matured by `since`: a model that was trained then knows nothing of them."""
    return trials["until"] > since


def contest(incumbent: str, new: pl.DataFrame, old: pl.DataFrame, trials: pl.DataFrame, share: float) -> Contest | None:
    """Predictions of two models for `trials`, compared; None where there are too few comebacks to tell anything."""
    outcomes = outcomes_of(trials)
    if outcomes.fewest_wins < FEWEST_COMPARED:
        return None
    scores = [told["uplift"].to_numpy() for told in (new, old)]
    members, rankings = numbered(trials["member_id"]), [Ranking(score, outcomes.effect) for score in scores]
    area, before = (ranking.qini() for ranking in rankings)
    value, worth = (ranking.gains([share])[0] / share for ranking in rankings)
    better, was, more = (one.estimate(members) for one in (area - before, before, value - worth))
    slopes = (slope(scores[0], outcomes), slope(scores[1], outcomes))
    return Contest(incumbent, trials.height, better, was, more, slopes)


def decide(
    judged: Judgement | None,
    against: Contest | None,
    incumbent: str | None,
    *,
    by_hand: bool = False,
    outdated: bool = False,
) -> Decision:
    """Whether to take a candidate.

    Args:
        judged: the candidate on the newest trials; None: too few of them.
        against: the same against the model in use; None: nothing to compare on.
        incumbent: the model in use; None: members are drawn at random.
        by_hand: a person decided on what is in use: it holds until a candidate is better by `PATIENT` standard errors.
        outdated: the model in use knows later trials than the candidate does.
    """
    if outdated:
        return outdated_by(incumbent)
    found = _decided(judged, against, incumbent)
    if not by_hand or not found.promote or _clearly_better(judged, against, incumbent):
        return found
    chosen = incumbent or "drawing at random"
    until = f"stays until a model is better by {PATIENT} standard errors"
    return Decision(False, f"{found.why}; but {chosen} was chosen by hand, and {until}")


def outdated_by(incumbent: str | None) -> Decision:
    """The refusal of a candidate that was trained as of an earlier time than the model in use."""
    return Decision(False, f"{incumbent}, which is in use, was trained as of a later time")


def _decided(judged: Judgement | None, against: Contest | None, incumbent: str | None) -> Decision:
    if judged is None:
        return Decision(True, "enough comebacks in both arms to learn from, too few to judge by")
    if incumbent is None:
        return _against_chance(judged)
    found = _against_incumbent(judged, against, incumbent)
    if found.promote and judged.qini.high < 0:
        return Decision(False, f"on {judged.members:,} newer trials it ranks surely worse than chance")
    return found


def _clearly_better(judged: Judgement | None, against: Contest | None, incumbent: str | None) -> bool:
    rival = judged if incumbent is None else against
    return rival is not None and rival.qini.value > PATIENT * standard_error(rival.qini)


def _against_chance(judged: Judgement) -> Decision:
    where = f"on {judged.members:,} newer trials"
    if judged.qini.high < 0:
        return Decision(False, f"{where} it ranks surely worse than chance, which is what there is without a model")
    if judged.qini.low > 0:
        return Decision(True, f"{where} it ranks surely better than chance")
    return Decision(True, f"{where} it can't be told from chance, which is what there is without a model")


def _against_incumbent(judged: Judgement, against: Contest | None, incumbent: str) -> Decision:
    if against is None:
        return Decision(True, f"too little has matured since {incumbent} was trained to compare them")
    return _compared(judged, against)


def _compared(judged: Judgement, against: Contest) -> Decision:
    other, where = against.incumbent, f"on {against.members:,} trials that neither had seen"
    if against.qini.high < 0:
        return Decision(False, f"{where} it ranks surely worse than {other}")
    if against.value.high < 0:
        low, high = -1000 * against.value.high, -1000 * against.value.low
        return Decision(False, f"{where} it wins surely less than {other}: {low:.1f} to {high:.1f} in 1,000 mails")
    if _out_of_scale(against):
        return Decision(
            False, f"{where} its uplifts are out of scale (slope {_value(against.slopes[0])}), unlike {other}'s"
        )
    if against.qini.value < -standard_error(against.qini) and judged.qini.low <= 0:
        return Decision(False, f"{where} it looks worse than {other}, and on its own it can't be told from chance")
    if against.qini.low > 0:
        return Decision(True, f"{where} it ranks surely better than {other}")
    return Decision(True, f"{where} it can't be told from {other}, and it knows newer data")


def _out_of_scale(against: Contest) -> bool:
    """Is the candidate's slope known, and wrong, and further from 1 than the incumbent's?"""
    new, old = against.slopes
    if new is None or standard_error(new) >= KNOWN or SLOPES[0] <= new.value <= SLOPES[1]:
        return False
    return old is not None and abs(old.value - 1) < abs(new.value - 1)


def _value(estimate: Estimate | None) -> str:
    return "unknown" if estimate is None else f"{estimate.value:.2f}"
