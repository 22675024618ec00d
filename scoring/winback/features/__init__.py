"""What is known of a member at a moment: one Ibis expression for training and serving, on every engine.

A row of the *spine* is a question: this member, at this moment. Nothing that happened at or after the moment is read.
Each feature is named, typed and described in `FEATURES`; `VERSION` changes whenever their meaning does.
"""

from scoring.winback.features.clocks import CLOCKS, clocks
from scoring.winback.features.listed import FEATURES, NAMES, PERIODS, VERSION, Feature
from scoring.winback.features.members import ATTRIBUTES
from scoring.winback.features.snapshot import snapshot
from scoring.winback.features.tables import Frame, Tables

__all__ = [
    "ATTRIBUTES",
    "CLOCKS",
    "FEATURES",
    "NAMES",
    "PERIODS",
    "VERSION",
    "Feature",
    "Frame",
    "Tables",
    "clocks",
    "snapshot",
]
