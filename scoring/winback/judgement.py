"""What a model's predictions were worth on trials that it had not seen: all figures of its card."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from scoring.encoding import Codes, Floats, numbered
from scoring.winback.curve import STEPS, Step, targeting_curve
from scoring.winback.qini import Estimate, Outcomes, Ranking
from scoring.winback.reliability import Bin, Reliability, mean_effect, no_surer, reliability, slope, uplifts

SHARE = 0.2  # of the members: what the budget mails where nobody says otherwise
GROUPS = {  # of members: on whom a model might be wrong
    "country": pl.col("country"),
    "plan": pl.col("plan"),
    "lapsed": pl.col("lapse_kind"),
}
LARGEST = 8  # values of a group that are told
SMALLEST = 100  # members of a value that is told


@dataclass(frozen=True)
class Gain:
    """Incremental win-backs, a member of all, when the best `share` of them is mailed."""

    share: float
    gain: Estimate


@dataclass(frozen=True)
class Segment:
    """A group's members, their mean predicted uplift, and the measured one."""

    segment: str
    value: str
    members: int
    predicted: float
    measured: Estimate


@dataclass(frozen=True)
class Judgement:
    """How predictions compare with what happened to `members` of a trial.

    Attributes:
        qini: area between the model's gains and chance's, in win-backs a member.
        gains: the Qini curve; its last point is everybody mailed.
        value: of the share that the budget mails, in incremental win-backs a mail; drawn at random they win `measured`.
        slope: of measured on predicted uplift; None where all predictions are the same.
    """

    members: int
    mailed: int
    won_mailed: int
    won_held_out: int
    qini: Estimate
    gains: list[Gain]
    share: float
    value: Estimate
    targeting: list[Step]
    p_mailed: Reliability
    p_unmailed: Reliability
    uplifts: list[Bin]
    slope: Estimate | None
    predicted: float
    measured: Estimate
    segments: list[Segment]

    def to_json(self) -> dict[str, Any]:
        """Plain lists and dicts."""
        return asdict(self)


def outcomes_of(trials: pl.DataFrame) -> Outcomes:
    """What became of the members of a trial: columns arm, came_at, propensity."""
    mailed, won = trials["arm"] == "mailed", trials["came_at"].is_not_null()
    return Outcomes(mailed.to_numpy(), won.cast(pl.Float64).to_numpy(), trials["propensity"].to_numpy())


def judge(predicted: pl.DataFrame, trials: pl.DataFrame, share: float = SHARE) -> Judgement:
    """The figures of `predicted` (p_mailed, p_unmailed, uplift) on `trials`, row by row, both arms among them.

    `trials`: member_id, arm, came_at, propensity, and the columns of `GROUPS`. `share`: of these members, whose best
    are the value.
    """
    outcomes, uplift = outcomes_of(trials), predicted["uplift"].to_numpy()
    area, gains, value = _ranked(uplift, outcomes, numbered(trials["member_id"]), share)
    measured, mailed = mean_effect(outcomes), int(outcomes.mailed.sum())
    won = int(outcomes.won_back[outcomes.mailed].sum())
    return Judgement(
        members=len(uplift),
        mailed=mailed,
        won_mailed=won,
        won_held_out=int(outcomes.won_back.sum()) - won,
        qini=area,
        gains=gains,
        share=share,
        value=value,
        targeting=targeting_curve(uplift),
        p_mailed=reliability(predicted["p_mailed"].to_numpy(), outcomes, mailed=True),
        p_unmailed=reliability(predicted["p_unmailed"].to_numpy(), outcomes, mailed=False),
        uplifts=uplifts(uplift, outcomes),
        slope=slope(uplift, outcomes),
        predicted=float(uplift.mean()),
        measured=measured,
        segments=segments(uplift, trials, outcomes),
    )


def _ranked(uplift: Floats, outcomes: Outcomes, members: Codes, share: float) -> tuple[Estimate, list[Gain], Estimate]:
    """What depends on the order of members alone: Qini area, Qini curve, value of the share that the budget mails.

    Gains are no surer than if one more had come back in each arm: of the few best none may have, of either.
    """
    ranking, one = Ranking(uplift, outcomes.effect), outcomes.one_more / len(uplift)
    value, *gains = ranking.gains([share, *STEPS])
    curve = [
        Gain(step, no_surer(gain.estimate(members), one if step else 0.0))
        for step, gain in zip(STEPS, gains, strict=True)
    ]
    return ranking.qini().estimate(members), curve, no_surer((value / share).estimate(members), one / share)


def segments(uplift: Floats, trials: pl.DataFrame, outcomes: Outcomes) -> list[Segment]:
    """Predicted and measured uplift of the largest values of each group."""
    found = []
    for name, column in GROUPS.items():
        values = trials.select(value=column.fill_null("unknown"))["value"]
        counts = values.value_counts(sort=True).sort("count", "value", descending=[True, False]).head(LARGEST)
        for value, members in counts.filter(pl.col("count") >= SMALLEST).iter_rows():
            rows = (values == value).to_numpy()
            measured = mean_effect(outcomes.take(rows))
            found.append(Segment(name, value, members, float(uplift[rows].mean()), measured))
    return found
