"""The mathematics of proof: sequences valid at every look, sample ratio, survival. Sums in, small named results out."""

from scoring.evidence.measures import FEW, Measure, Tally, tally, whole, within
from scoring.evidence.sample_ratio import SampleRatio, sample_ratio
from scoring.evidence.sequence import Interval, half_width, interval, planned_u, relative
from scoring.evidence.survival import (
    Earlier,
    LifeTable,
    Week,
    days_earlier,
    followed,
    life_table,
    survival,
    time_lost,
    weekly_retention,
)
from scoring.evidence.winners import Lift, winner_arms

__all__ = [
    "FEW",
    "Earlier",
    "Interval",
    "LifeTable",
    "Lift",
    "Measure",
    "SampleRatio",
    "Tally",
    "Week",
    "days_earlier",
    "followed",
    "half_width",
    "interval",
    "life_table",
    "planned_u",
    "relative",
    "sample_ratio",
    "survival",
    "tally",
    "time_lost",
    "weekly_retention",
    "whole",
    "winner_arms",
    "within",
]
