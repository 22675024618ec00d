"""A campaign file: what a marketer asks for, read and checked as a whole."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from campaigns.audience import Rule, parse
from campaigns.errors import BadCampaign, RefusedFile
from campaigns.intake.places import is_language

BEST_HOUR = "member-best-hour"  # of `send`: else a local time
MATURE_AFTER_LAST_STEP = 7  # days that the win-back window outlasts the last step by


def _day(value: Any) -> Any:
    """A date; as text, ISO 8601, which is how a stored version holds it."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        return date.fromisoformat(value)
    return value


Share = Annotated[float, Field(gt=0, lt=1)]
Days = Annotated[int, Field(ge=1, le=36_500)]
Day = Annotated[date, BeforeValidator(_day)]
LISTED = Strict(False)  # TOML and JSON have lists; what is in them is still held to its type


class Part(BaseModel):
    """A table of the file: frozen, no key that it does not know, and no value of another type than it asks for."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Lapsed(Part):
    """Who counts as lapsed on a day: by days without a play (both ends included), or by having cancelled."""

    inactive_days: Annotated[tuple[Days, Days], LISTED] | None = None
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

    where: Annotated[tuple[str, ...], LISTED] = ()


class Run(Part):
    """When and how much."""

    start: Day | None = None
    end: Day | None = None
    daily_budget: int = Field(20_000, ge=1, le=1_000_000_000)
    explore: float = Field(0.10, ge=0, le=1)
    send: str = BEST_HOUR
    priority: int = Field(5, ge=0)
    again_after_days: Days | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.start and self.end and self.end < self.start:
            raise ValueError(f"end {self.end} is before start {self.start}")
        if self.send != BEST_HOUR and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", self.send, re.ASCII):
            raise ValueError(f"send is {BEST_HOUR!r} or a local time such as '09:00', not {self.send!r}")
        return self


class Titles(Part):
    """Which titles its mails may show, and which go first."""

    block: Annotated[tuple[str, ...], LISTED] = ()
    boost: Annotated[tuple[str, ...], LISTED] = ()
    maturity: Annotated[tuple[str, ...], LISTED] = ()


class Holdout(Part):
    """The share of those chosen that is never mailed: the report's yardstick."""

    share: Share = 0.10


class Series(Part):
    """Follow-ups: days after the first mail, each later than the one before."""

    after_days: Annotated[tuple[Days, ...], LISTED] = ()

    @model_validator(mode="after")
    def _later_and_later(self) -> Self:
        if any(later <= earlier for earlier, later in zip(self.after_days, self.after_days[1:], strict=False)):
            raise ValueError("after_days counts from the first mail: each step is later than the one before")
        return self

    @property
    def last_day(self) -> int:
        """The day of the last step; 0 without a series."""
        return self.after_days[-1] if self.after_days else 0


class WinBack(Part):
    """How long after a mail was due a comeback counts."""

    within_days: int = Field(14, ge=1, le=365)


ARMS = {  # those of subject are the words' own
    "rows": ("personal", "popular"),
    "artwork": ("personal", "everyone"),
    "popularity": ("as_predicted", "beyond_popular"),
    "hero": ("best", "newest"),
}
LEARNT = ("popularity", "hero")  # layers that are drawn and learnt from the first day, whether a file names them or not


class Experiment(Part):
    """A layer's arms and their shares; where it learns, the shares are those of the beginning."""

    arms: dict[Annotated[str, Field(min_length=1)], Share]
    learns: bool = False

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


def _name(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", name):
        raise ValueError(f"{name!r} is not a name such as autumn-comeback: up to 63 of a-z, 0-9, - and _")
    return name


def _template(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise ValueError(f"{name!r} is not the name of a template such as comeback: without folder and .mjml")
    return name


class Campaign(Part):
    """What a marketer asks for."""

    name: Annotated[str, AfterValidator(_name)]
    template: Annotated[str, AfterValidator(_template)] = "comeback"
    lapsed: Lapsed = Lapsed(inactive_days=(30, 365))
    audience: Audience = Audience()
    run: Run = Run()
    titles: Titles = Titles()
    holdout: Holdout = Holdout()
    series: Series = Series()
    win_back: Annotated[WinBack, Field(validate_default=True)] = WinBack()
    experiments: dict[Literal["subject", "rows", "artwork", "popularity", "hero"], Experiment] = {}
    message: Annotated[dict[str, Words], AfterValidator(_languages)] = {}

    @field_validator("experiments")
    @classmethod
    def _arms_are_known(cls, experiments: dict[str, Experiment]) -> dict[str, Experiment]:
        for layer, arms in ARMS.items():
            if layer in experiments and set(experiments[layer].arms) != set(arms):
                raise ValueError(f"the arms of {layer} are {' and '.join(arms)}")
        return experiments

    @field_validator("series")
    @classmethod
    def _ends_before_it_begins_again(cls, series: Series, info: ValidationInfo) -> Series:
        again = info.data["run"].again_after_days if "run" in info.data else None
        if again is not None and again <= series.last_day:
            raise ValueError(
                f"the last step comes on day {series.last_day}, but run.again_after_days is {again}: "
                f"a member would begin anew before the series has ended; at least {series.last_day + 1} are needed"
            )
        return series

    @field_validator("win_back")
    @classmethod
    def _window_outlasts_the_series(cls, win_back: WinBack, info: ValidationInfo) -> WinBack:
        last = info.data["series"].last_day if "series" in info.data else 0
        if last and win_back.within_days < last + MATURE_AFTER_LAST_STEP:
            raise ValueError(
                f"within_days is {win_back.within_days}, but the last step comes on day {last}: "
                f"at least {last + MATURE_AFTER_LAST_STEP} are needed to see what it does"
            )
        return win_back

    def rules(self) -> tuple[Rule, ...]:
        """The audience's rules, read."""
        return tuple(parse(text, self.name) for text in self.audience.where)

    def experiment(self, layer: str) -> Experiment | None:
        """The experiment on a layer: as the file asks, or, on those of `LEARNT`, with equal shares that learn."""
        asked: dict[str, Experiment] = dict(self.experiments)  # type: ignore[arg-type]  # any text may be asked for
        if layer in asked or layer not in LEARNT:
            return asked.get(layer)
        return Experiment(arms=dict.fromkeys(ARMS[layer], 1 / len(ARMS[layer])), learns=True)

    def salt(self, layer: str) -> str:
        """What a layer's draws are salted with: the campaign and the layer, never the run."""
        return f"{self.name}/{layer}"


def from_file(path: Path) -> Campaign:
    """The campaign in a TOML file.

    Raises:
        RefusedFile: there is no such file, or it is no TOML.
        BadCampaign: it contradicts itself or names what is not there; the first thing wrong, by its place.
    """
    return from_values(_read(path), path.name)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise RefusedFile(str(path), error.strerror or str(error)) from error
    except ValueError as error:  # what TOML, UTF-8 or Python's limit on digits refuses
        why = "it is not text in UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        raise RefusedFile(str(path), f"is not TOML: {why}") from error
    except RecursionError as error:
        raise RefusedFile(str(path), "is not a campaign: its lists are nested too deeply") from error


def from_values(values: dict[str, Any], source: str) -> Campaign:
    """The campaign in `values`, checked as `from_file` does."""
    try:
        campaign = Campaign.model_validate(values)
    except ValidationError as error:
        raise BadCampaign(source, *_first(error)) from None
    for text in campaign.audience.where:
        parse(text, source)
    return campaign


PLAIN = {  # what is wrong, where Python's own words would not help a marketer
    "extra_forbidden": "there is no such key",
    "missing": "is missing",
    "model_type": "is a table of the file, with keys of its own",
    "dict_type": "is a table of the file, with keys of its own",
    "tuple_type": "is a list, such as [7]",
    "literal_error": "there is no such layer; an experiment is on subject, rows, artwork, popularity or hero",
}


def _first(error: ValidationError) -> tuple[str, str]:
    """Where the first thing wrong is, and what it is."""
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"] if part != "[key]")
    if first["type"] in PLAIN:
        return where, PLAIN[first["type"]]
    why = first["msg"].removeprefix("Value error, ")
    shown = "" if first["type"] == "value_error" else f", not {_short(first['input'])}"
    return where, why[:1].lower() + why[1:] + shown


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
