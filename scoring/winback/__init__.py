"""Whom a mail brings back: features, labels, and the model of P(win-back) with and without a mail."""

from scoring.winback.model import WinbackModel

__all__ = ["WinbackModel"]
