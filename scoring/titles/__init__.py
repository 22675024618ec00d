"""Which titles to show a member who comes back: learnt from plays, kept to what they have the rights to see."""

from scoring.titles.model import TitleModel

__all__ = ["TitleModel"]
