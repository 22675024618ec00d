"""What may go wrong with a call, on purpose: how a test proves that nobody is mailed twice.

A fault plan is a function that sees every call and says what shall go wrong with it, if anything:

    Standin(home, faults=lambda call: HangUp(accept=True) if call.number == 3 else None)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Call:
    """One request. `number` counts all of a stand-in's, from 1; `operation` is SES's name; `content` its JSON."""

    number: int
    operation: str
    content: Mapping[str, Any]


@dataclass(frozen=True)
class HangUp:
    """Close the connection without an answer. `accept`: only after the mail was taken, and its events written."""

    accept: bool


@dataclass(frozen=True)
class Fail:
    """Answer with an error of this status in place of SES's own answer. `accept`: the mail is taken all the same."""

    status: int
    code: str = "InternalFailure"
    message: str = "on purpose"
    accept: bool = False


@dataclass(frozen=True)
class Late:
    """Do what SES would, and answer `seconds` later."""

    seconds: float


Fault: TypeAlias = HangUp | Fail | Late
FaultPlan: TypeAlias = Callable[[Call], Fault | None]
