"""What the models refuse, as one tree.

ScoringError (a ValueError)
├── BadData             an argument that cannot be used: which one, why, and what mends it
├── NotEnoughHistory    too few rows of a kind to learn from
├── NotFitted           asked before it has learnt
└── OtherVersion        files that another version of the features or of the format wrote

Each carries what it is about as attributes, survives pickling (its `args` are its attributes),
and its text ends with what mends it.
"""

from __future__ import annotations


class ScoringError(ValueError):
    """Something a model refuses; the text is one line that a person can act on."""


class BadData(ScoringError):
    """An argument, or a column of it, that cannot be used."""

    def __init__(self, argument: str, why: str, mend: str) -> None:
        super().__init__(argument, why, mend)
        self.argument, self.why, self.mend = self.args

    def __str__(self) -> str:
        return f"{self.argument}: {self.why}; {self.mend}"


class NotEnoughHistory(ScoringError):
    """Too few rows of a kind to learn from: what they are, how many there are, how many it takes."""

    def __init__(self, what: str, have: int, need: int) -> None:
        super().__init__(what, have, need)
        self.what, self.have, self.need = self.args

    def __str__(self) -> str:
        return f"only {self.have} {self.what}, where it takes {self.need}; choose at random until there are more"


class NotFitted(ScoringError):
    """A model asked before it has learnt."""

    def __init__(self, model: str) -> None:
        super().__init__(model)
        (self.model,) = self.args

    def __str__(self) -> str:
        return f"this {self.model} has learnt nothing yet; call fit first"


class OtherVersion(ScoringError):
    """Files of a model that another version wrote: what differs, what was found, what was expected."""

    def __init__(self, what: str, found: object, expected: object) -> None:
        super().__init__(what, found, expected)
        self.what, self.found, self.expected = self.args

    def __str__(self) -> str:
        return f"{self.what} is {self.found!r}, not {self.expected!r}; train the model again"
