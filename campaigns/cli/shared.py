"""What every command shares: the application, how it speaks, and how it opens the stores."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from campaigns.errors import EncoreError, NotAllowed

if TYPE_CHECKING:
    from campaigns.sending import Carrier
    from campaigns.settings import Settings
    from campaigns.stores import Stores

app = typer.Typer(
    name="encore",
    help="Win-back for streaming services: whom to write to, what to show, and proof of what it won.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
As = Annotated[str | None, typer.Option("--as", help="Who acts; else ENCORE_USER, else the operator.")]
Name = Annotated[str, typer.Argument(help="The campaign's name.")]


def load() -> Settings:
    """This environment's settings."""
    from campaigns.settings import load as from_environment  # noqa: PLC0415 - `--help` must not wait for pydantic

    return from_environment()


def say(text: str = "") -> None:
    """A line for a person."""
    typer.echo(text)


def warn(text: str) -> None:
    """A line that is no result."""
    typer.echo(text, err=True)


def pasteable(home: Path, *words: str) -> str:
    """A command for `home` that a shell takes as it stands, wherever this program is installed."""
    return f"ENCORE_HOME={shlex.quote(str(home))} {shlex.join([*_program(), *words])}"


def _program() -> list[str]:
    """How this program is run: as a module where it was, else by its name, or by where it lies."""
    if module := sys.modules["__main__"].__spec__:
        return [sys.executable, "-m", module.name]
    return ["encore" if shutil.which("encore") else str(Path(sys.argv[0]).absolute())]


def say_json(value: Any) -> None:
    """A result for a program."""
    typer.echo(json.dumps(value, default=_plain, ensure_ascii=False, indent=2))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if hasattr(value, "_asdict"):
        return value._asdict()
    return str(value)


def say_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Aligned columns; numbers to the right."""
    cells = [[_cell(row.get(column)) for column in columns] for row in rows]
    widths = [
        max(map(len, [column, *column_cells]))
        for column, column_cells in zip(columns, _turned(cells, columns), strict=True)
    ]
    say("  ".join(column.ljust(width) for column, width in zip(columns, widths, strict=True)).rstrip())
    for row, texts in zip(rows, cells, strict=True):
        parts = [
            text.rjust(width) if isinstance(row.get(column), int | float) else text.ljust(width)
            for column, text, width in zip(columns, texts, widths, strict=True)
        ]
        say("  ".join(parts).rstrip())


def _turned(cells: Sequence[Sequence[str]], columns: Sequence[str]) -> list[list[str]]:
    return [[row[place] for row in cells] for place in range(len(columns))]


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


@contextmanager
def waiting(text: str) -> Iterator[None]:
    """A sign of life on a terminal while something long goes on; nothing elsewhere."""
    if not (sys.stderr.isatty() and sys.stdout.isatty()):  # rich would lead what is said meanwhile past a pipe
        yield
        return
    from rich.console import Console  # noqa: PLC0415 - only where there is somebody to see it

    with Console(stderr=True).status(text):
        yield


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[Stores]:
    """The stores of `settings`; None: of this environment's."""
    from campaigns.stores import open_stores  # noqa: PLC0415 - `--help` must not wait for polars and psycopg

    with open_stores(settings or load()) as stores:
        yield stores


@contextmanager
def carried(settings: Settings) -> Iterator[Carrier]:
    """Where mails go: Amazon, or the bundled stand-in, which runs for as long as it is needed."""
    from campaigns.sending import Carrier  # noqa: PLC0415 - as above

    if settings.transport == "ses":
        yield Carrier()
        return
    from campaigns.standin import events_file, standin  # noqa: PLC0415 - started by commands that send, alone

    with standin(settings) as url:
        yield Carrier(url, events_file(settings.home))


def actor(settings: Settings, named: str | None) -> str:
    """Who acts."""
    from campaigns.people import OPERATOR  # noqa: PLC0415 - as above

    return named or settings.user or OPERATOR


def moment(text: str | None, zone: ZoneInfo) -> datetime:
    """A time from an option: a day (its start, in the business zone), or ISO 8601; none: now.

    Raises:
        BadParameter: it is neither.
        NotAllowed: it has not come yet, and what will have happened by then nobody knows.
    """
    now = datetime.now(UTC)
    if text is None:
        return now
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no time; write it like 2026-12-01 or 2026-12-01T09:00+01:00") from None
    at = (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
    if at > now:
        raise NotAllowed(f"as of {text}", "that time has not come yet")
    return at


def day(text: str) -> date:
    """A day from an option.

    Raises:
        BadParameter: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day; write it like 2026-12-01") from None


def write(text: str | bytes, out: Path | None) -> None:
    """A result to a file, whole or not at all, else to standard output."""
    if out is None:
        if isinstance(text, bytes):
            sys.stdout.buffer.write(text)
        else:
            typer.echo(text, nl=not text.endswith("\n"))
        return
    staged = out.with_name(f".{out.name}.new")
    try:
        staged.write_bytes(text if isinstance(text, bytes) else text.encode())
        staged.replace(out)
    except OSError as error:
        raise NotAllowed(f"write {out}", error.strerror or str(error)) from error


def main(run: typer.Typer) -> None:
    """Run the application: refusals are one line on stderr and exit 1, wrong usage exit 2."""
    from scoring.errors import ScoringError  # noqa: PLC0415 - cheap, but only needed here

    try:
        run()
    except (EncoreError, ScoringError) as error:
        warn(f"encore: {' '.join(str(error).split())}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        warn(f"encore: {error.filename or 'the system'}: {error.strerror or error}")
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - a newcomer gets one line, and whoever mends it the whole story
        warn(f"encore: this should not have happened ({type(error).__name__}); {_kept()}")
        sys.exit(1)


def _kept() -> str:
    """Keep the traceback, without values that PostgreSQL tells in details: they may be personal."""
    story = "".join(line for line in traceback.format_exc().splitlines(keepends=True) if not line.startswith("DETAIL"))
    from campaigns.settings import private_folder  # noqa: PLC0415 - as above

    try:
        file = private_folder(load().home) / "crash.log"
        file.write_text(story, encoding="utf-8")
    except (EncoreError, OSError):
        return story
    return f"the whole story is in {file}"
