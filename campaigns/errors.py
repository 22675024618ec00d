"""Everything Encore refuses or fails at, as one tree.

EncoreError
├── BadInput            a row we set aside: where it is, what it says, what was expected
├── RefusedFile         a file of which nothing was taken
├── BadCampaign         a campaign file that contradicts itself, or names what is not there
├── BadTemplate         a template that does not compile, with the line
├── NotAllowed          an act that a role, or a campaign's state, does not permit
├── NotFound            a name that nothing bears
├── Unavailable         something outside that Encore needs and cannot reach
└── DeliveryError       what a mail transport said
    ├── Throttled       not taken, may be sent again later
    ├── Refused         not taken, will never be
    ├── AccountStopped  not taken, nor will any other be until someone acts
    └── InDoubt         nobody knows whether it was taken

Each carries what it is about as attributes, survives pickling (its `args` are its attributes),
and its text ends with what mends it, where something does.
"""

from __future__ import annotations


class EncoreError(Exception):
    """Something Encore refuses or cannot do; the text is one line that a person can act on."""


class BadInput(EncoreError):
    """A row we set aside: where it is, what it says, what was expected."""

    def __init__(self, file: str, row: int, column: str, value: object, expected: str) -> None:
        super().__init__(file, row, column, value, expected)
        self.file, self.row, self.column, self.value, self.expected = self.args

    def __str__(self) -> str:
        return f"{self.file}, row {self.row}, {self.column}: {self.value!r} is not {self.expected}"


class RefusedFile(EncoreError):
    """A file of which nothing was taken."""

    def __init__(self, file: str, why: str) -> None:
        super().__init__(file, why)
        self.file, self.why = self.args

    def __str__(self) -> str:
        return f"{self.file}: {self.why}"


class BadCampaign(EncoreError):
    """A campaign file that contradicts itself, or names what is not there."""

    def __init__(self, source: str, where: str, why: str) -> None:
        super().__init__(source, where, why)
        self.source, self.where, self.why = self.args

    def __str__(self) -> str:
        return f"{self.source}, {self.where}: {self.why}" if self.where else f"{self.source}: {self.why}"


class BadTemplate(EncoreError):
    """A template that does not compile. `line` is of the source, 1 the first; 0 where it has none."""

    def __init__(self, template: str, line: int, why: str) -> None:
        super().__init__(template, line, why)
        self.template, self.line, self.why = self.args

    def __str__(self) -> str:
        return f"{self.template}, line {self.line}: {self.why}" if self.line else f"{self.template}: {self.why}"


class NotAllowed(EncoreError):
    """An act that a role, or a campaign's state, does not permit."""

    def __init__(self, act: str, why: str) -> None:
        super().__init__(act, why)
        self.act, self.why = self.args

    def __str__(self) -> str:
        return f"{self.act}: {self.why}"


class NotFound(EncoreError):
    """A name that nothing bears."""

    def __init__(self, kind: str, name: str, hint: str = "") -> None:
        super().__init__(kind, name, hint)
        self.kind, self.name, self.hint = self.args

    def __str__(self) -> str:
        return f"no {self.kind} is called {self.name!r}" + (f"; {self.hint}" if self.hint else "")


class Unavailable(EncoreError):
    """Something outside that Encore needs and cannot reach."""

    def __init__(self, what: str, why: str, mend: str) -> None:
        super().__init__(what, why, mend)
        self.what, self.why, self.mend = self.args

    def __str__(self) -> str:
        return f"{self.what}: {self.why}; {self.mend}"


class DeliveryError(EncoreError):
    """What a mail transport said of one message. `message` is its id, `said` the transport's own words."""

    def __init__(self, message: str, said: str) -> None:
        super().__init__(message, said)
        self.message, self.said = self.args

    def __str__(self) -> str:
        return f"message {self.message}: {self.said}"


class Throttled(DeliveryError):
    """Surely not taken; may be sent again later."""


class Refused(DeliveryError):
    """Surely not taken, and never will be."""


class AccountStopped(DeliveryError):
    """Surely not taken, nor will any other be until someone acts on the account."""


class InDoubt(DeliveryError):
    """Nobody knows whether it was taken: evidence has to tell."""
