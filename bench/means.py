"""Means over seeds, and how sure they are."""

from __future__ import annotations

from scoring.encoding import Floats


def error_of_mean(values: Floats) -> float:
    """The standard error of the mean of `values` [n]; nan where there is but one."""
    return float(values.std(ddof=1) / len(values) ** 0.5) if len(values) > 1 else float("nan")


def mean(values: Floats) -> str:
    """The mean of `values` [n] with its standard error."""
    return f"{values.mean():.3f} ± {error_of_mean(values):.3f}"
