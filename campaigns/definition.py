"""A campaign file: what a marketer asks for, read and checked as a whole."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from campaigns.audience import Rule, parse
from campaigns.errors import BadCampaign, RefusedFile
from campaigns.intake.places import is_language

MATURE_AFTER_LAST_STEP = 7  # days that the win-back window outlasts the last step by
Share = Annotated[float, Field(gt=0, lt=1)]


class Part(BaseModel):
    """A table of the file: frozen, and no key that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Lapsed(Part):
    """Who counts as lapsed on a day: by days without a play (both ends included), or by having cancelled."""

    inactive_days: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]] | None = None
    cancelled: bool = False

    @model_validator(mode="before")
    @classmethod
    def _by_inactivity_unless_by_cancelling(cls, values: Any) -> Any:
        if isinstance(values, dict) and not values.get("cancelled") and "inactive_days" not in values:
            return values | {"inactive_days": (30, 365)}
        return values

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.inactive_days is not None and self.inactive_days[0] > self.inactive_days[1]:
            raise ValueError("inactive_days is [from, to], and from is not later than to")
        return self


class Audience(Part):
    """Further rules, all of which must hold."""

    where: tuple[str, ...] = ()


class Run(Part):
    """When and how much."""

    start: date | None = None
    end: date | None = None
    daily_budget: int = Field(20_000, ge=1)
    explore: float = Field(0.10, ge=0, le=1)
    send: str = "member-best-hour"
    priority: int = Field(5, ge=0)
    again_after_days: int | None = Field(None, ge=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.start and self.end and self.end < self.start:
            raise ValueError(f"end {self.end} is before start {self.start}")
        if self.send != "member-best-hour" and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", self.send):
            raise ValueError(f"send is 'member-best-hour' or a local time such as '09:00', not {self.send!r}")
        return self


class Holdout(Part):
    """The share of those chosen that is never mailed: the report's yardstick."""

    share: Share = 0.10


class Series(Part):
    """Follow-ups: days after the first mail, each later than the one before."""

    after_days: tuple[Annotated[int, Field(ge=1)], ...] = ()

    @model_validator(mode="after")
    def _later_and_later(self) -> Self:
        if any(later <= earlier for earlier, later in zip(self.after_days, self.after_days[1:], strict=False)):
            raise ValueError("after_days counts from the first mail: each step is later than the one before")
        return self


class WinBack(Part):
    """How long after a mail was due a comeback counts."""

    within_days: int = Field(14, ge=1, le=365)


class Experiment(Part):
    """A layer's arms and their shares."""

    arms: dict[str, Share]

    @model_validator(mode="after")
    def _shares_add_up(self) -> Self:
        if len(self.arms) < 2 or abs(sum(self.arms.values()) - 1) > 1e-9:
            raise ValueError("arms are two or more, and their shares add up to 1")
        return self


class Words(Part):
    """Words of one language, where they are not the template's own; each a Jinja text."""

    subject: dict[str, str] = {}
    preheader: str | None = None
    headline: str | None = None


def _languages(message: dict[str, Words]) -> dict[str, Words]:
    for tag in message:
        if not is_language(tag):
            raise ValueError(f"{tag!r} is not a language tag such as pt-BR")
    return message


class Campaign(Part):
    """What a marketer asks for."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")
    template: str = Field("comeback", pattern=r"^[A-Za-z0-9_-]+$")
    lapsed: Lapsed = Lapsed(inactive_days=(30, 365))
    audience: Audience = Audience()
    run: Run = Run()
    holdout: Holdout = Holdout()
    series: Series = Series()
    win_back: WinBack = WinBack()
    experiments: dict[Literal["subject"], Experiment] = {}
    message: Annotated[dict[str, Words], AfterValidator(_languages)] = {}

    @model_validator(mode="after")
    def _window_outlasts_the_series(self) -> Self:
        last = self.series.after_days[-1] if self.series.after_days else 0
        if last and self.win_back.within_days < last + MATURE_AFTER_LAST_STEP:
            raise ValueError(
                f"win_back.within_days is {self.win_back.within_days}, but the last step comes on day {last}: "
                f"at least {last + MATURE_AFTER_LAST_STEP} are needed to see what it does"
            )
        return self

    def rules(self) -> tuple[Rule, ...]:
        """The audience's rules, read."""
        return tuple(parse(text, self.name) for text in self.audience.where)

    def salt(self, layer: str) -> str:
        """What a layer's draws are salted with: the campaign and the layer, never the run."""
        return f"{self.name}/{layer}"


def from_file(path: Path) -> Campaign:
    """The campaign in a TOML file.

    Raises:
        RefusedFile: there is no such file, or it is no TOML.
        BadCampaign: it contradicts itself or names what is not there; the first thing wrong, by its place.
    """
    try:
        return from_values(tomllib.loads(path.read_text(encoding="utf-8")), path.name)
    except OSError as error:
        raise RefusedFile(str(path), error.strerror or str(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RefusedFile(str(path), f"not TOML: {error}") from error


def from_values(values: dict[str, Any], source: str) -> Campaign:
    """The campaign in `values`, checked as `from_file` does."""
    try:
        campaign = Campaign.model_validate(values)
    except ValidationError as error:
        raise BadCampaign(source, *_first(error)) from None
    for text in campaign.audience.where:
        parse(text, source)
    return campaign


def _first(error: ValidationError) -> tuple[str, str]:
    """Where the first thing wrong is, and what it is."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    why = {"extra_forbidden": "there is no such key", "missing": "is missing"}.get(first["type"])
    if why is None:
        why = first["msg"].removeprefix("Value error, ")
        why = why[:1].lower() + why[1:] + ("" if first["type"] == "value_error" else f", not {first['input']!r}")
    return where, why
