"""Where Encore keeps things and how fast it sends.

Built once where a program starts, and handed in: no other module reads the environment.
"""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from campaigns.errors import Unavailable
from scoring.once import name_once


class FrequencyCap(NamedTuple):
    """At most `mails` to one member in any `within`."""

    mails: int
    within: timedelta


class QuietHours(NamedTuple):
    """Local hours in which nothing is sent: from `start` up to, not including, `end`; equal: none."""

    start: int
    end: int

    def __contains__(self, hour: object) -> bool:
        if not isinstance(hour, int):
            return False
        if self.start <= self.end:
            return self.start <= hour < self.end
        return hour >= self.start or hour < self.end


def _zone(value: Any) -> Any:
    if isinstance(value, str):
        if value not in available_timezones():
            raise ValueError(f"{value!r} is not an IANA time zone such as Europe/Berlin")
        return ZoneInfo(value)
    return value


def _cap(value: Any) -> Any:
    if isinstance(value, str):
        match = re.fullmatch(r"\s*(\d+) per (\d+) days?\s*", value)
        if match is None:
            raise ValueError(f"{value!r} is not like '2 per 7 days'")
        return FrequencyCap(int(match[1]), timedelta(days=int(match[2])))
    return value


def _quiet(value: Any) -> Any:
    if isinstance(value, str):
        match = re.fullmatch(r"\s*(\d{1,2})-(\d{1,2})\s*", value)
        if match is None or not all(0 <= int(hour) <= 24 for hour in match.groups()):
            raise ValueError(f"{value!r} is not like '23-7'")
        return QuietHours(int(match[1]) % 24, int(match[2]) % 24)
    return value


class Settings(BaseSettings):
    """Where Encore keeps things and how fast it sends. Every default works on a laptop."""

    model_config = SettingsConfigDict(
        env_prefix="ENCORE_", env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True
    )

    home: Path = Field(Path(".encore"), description="everything Encore keeps on this machine")
    database_url: SecretStr | None = Field(None, description="a PostgreSQL; none: the bundled one, under `home`")
    lake_url: str | None = Field(None, description="a folder for the lake, as duckdb:///FOLDER; none: under `home`")
    public_url: str = Field("http://127.0.0.1:8000", description="links in mails point here")
    secret_key: SecretStr | None = Field(None, description="signs links; none: made once and kept under `home`")
    transport: Literal["local", "ses"] = Field("local", description="the bundled SES stand-in, or Amazon")
    sender: str = Field("Lumen <hello@lumen.example>", description="Name <address>")
    postal_address: str = Field("Lumen, 1 Curtain Street, London", description="stands in every mail's footer")
    configuration_set: str | None = Field(None, description="of SES, with its event destination")
    timezone: Annotated[ZoneInfo, NoDecode, BeforeValidator(_zone)] = Field(
        ZoneInfo("UTC"), description="where a business day begins"
    )
    frequency_cap: Annotated[FrequencyCap, NoDecode, BeforeValidator(_cap)] = FrequencyCap(2, timedelta(days=7))
    quiet_hours: Annotated[QuietHours, NoDecode, BeforeValidator(_quiet)] = QuietHours(23, 7)
    global_holdout: float = Field(0.0, ge=0, lt=1, description="share of members that no campaign ever mails")
    in_doubt_after: float = Field(3600.0, ge=0, description="seconds until silence about a call means something")
    workers: int = Field(
        default_factory=lambda: os.cpu_count() or 1, ge=1, description="processes that one command sends with"
    )
    warm_up: str | None = Field(None, description="mails a day while a domain is new, such as 200,400,800")
    user: str | None = Field(None, description="who acts; none: `operator`")

    @field_validator("sender")
    @classmethod
    def _sender_has_an_address(cls, value: str) -> str:
        if "@" not in parseaddr(value)[1] or any(ord(character) < 32 for character in value):
            raise ValueError(f"{value!r} is not like 'Name <address>'")
        return value

    @field_validator("public_url")
    @classmethod
    def _public_url_is_one(cls, value: str) -> str:
        if not re.fullmatch(r"https?://[^\s/]+(/[^\s]*)?", value):
            raise ValueError(f"{value!r} is not like https://news.example.com")
        return value.rstrip("/")

    @field_validator("lake_url")
    @classmethod
    def _lake_is_a_folder(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith("duckdb:///"):
            raise ValueError(
                f"{value!r} is not like duckdb:///srv/encore/lake; DuckDB over Parquet is what there is so far"
            )
        return value

    @property
    def lake_folder(self) -> Path:
        """Where the lake's Parquet is."""
        return Path(self.lake_url.removeprefix("duckdb://")) if self.lake_url else self.home / "lake"

    @field_validator("warm_up")
    @classmethod
    def _warm_up_is_a_plan(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"\s*\d+(\s*,\s*\d+)*\s*", value):
            raise ValueError(f"{value!r} is not a list of mails a day such as '200,400,800'")
        return value


def load() -> Settings:
    """Settings from the environment and `.env`.

    Raises:
        Unavailable: a variable holds something that it can't, by the variable's name.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "ENCORE_" + str(first["loc"][0]).upper() if first["loc"] else "ENCORE_…"
        raise Unavailable(
            name, first["msg"].removeprefix("Value error, "), "docs/settings.md lists what it can be"
        ) from None
    return settings.model_copy(update={"home": settings.home.absolute()})


def secret_key(settings: Settings) -> bytes:
    """The key that signs links: the one set, else one made once and kept under the home.

    Raises:
        Unavailable: real mails are to go out and no key is set; a key made on this machine would not outlive it.
    """
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value().encode()
    if settings.transport == "ses":
        raise Unavailable(
            "ENCORE_SECRET_KEY",
            "not set, and links in real mails must stay valid",
            "set it to 32 random characters or more",
        )
    return made_once(settings.home / "secret_key").read_bytes()


def made_once(path: Path) -> Path:
    """A file of 43 random characters that only its owner may read; where it is missing it is made, whole."""
    private_folder(path.parent)
    if not path.exists():
        descriptor, staged = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(32))
            name_once(Path(staged), path)
        finally:
            Path(staged).unlink(missing_ok=True)
    return path


def private_folder(path: Path) -> Path:
    """Make a folder that only its owner may enter: it holds secrets, mails or members' rows."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.chmod(0o700)
    except OSError as error:
        raise Unavailable(
            str(path), error.strerror or str(error), "point ENCORE_HOME at a folder that you may write to"
        ) from error
    return path
