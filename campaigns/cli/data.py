"""Data in and out: import, SES events, exports."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from campaigns.cli.shared import Json, app, moment, opened, say, say_json, waiting, warn, write
from campaigns.errors import NotFound

if TYPE_CHECKING:
    import polars as pl

    from campaigns.intake import FileReport

events = typer.Typer(help="What SES said.", no_args_is_help=True)
app.add_typer(events, name="events")


class Format(StrEnum):
    """Whose files they are."""

    encore = "encore"
    movielens = "movielens"


class Export(StrEnum):
    """What can be exported."""

    unsubscribes = "unsubscribes"
    entries = "entries"
    decisions = "decisions"
    views = "views"
    searches = "searches"
    openings = "openings"
    pictures = "pictures"


@app.command("import")
def import_files(
    folder: Annotated[Path, typer.Argument(help="A folder of files in the import contract.")],
    file_format: Annotated[Format, typer.Option("--format", help="Whose files they are.")] = Format.encore,
    as_of: Annotated[str | None, typer.Option("--as-of", help="When the files were true; now.")] = None,
    as_json: Json = False,
) -> None:
    """Take in a folder of files; importing it again changes nothing."""
    from campaigns import contacts  # noqa: PLC0415 - `--help` must be quick
    from campaigns.intake import import_folder  # noqa: PLC0415 - as above

    with waiting(f"reading {folder}"), opened() as stores:
        done = import_folder(
            folder,
            lake=stores.lake,
            contacts=partial(contacts.put, stores.database),
            as_of=moment(as_of, stores.settings.timezone),
            quarantine=stores.home / "quarantine",
            format=file_format.value,
        )
    if as_json:
        say_json([_report(report) for report in done.files])
    for report in [] if as_json else done.files:
        _say_file(report)
    if done.refused:
        raise typer.Exit(1)


def _report(report: FileReport) -> dict[str, Any]:
    values = report._asdict()
    return values | {"examples": [str(example) for example in report.examples]}


def _say_file(report: FileReport) -> None:
    if report.refused:
        warn(f"encore: {report.file}: {report.refused}; nothing of it was taken")
        return
    aside = f"  {report.set_aside:,} set aside" if report.set_aside else ""
    say(f"{report.file:<24}{report.new:>12,} new{report.changed:>10,} changed{report.unchanged:>12,} unchanged{aside}")
    for example in report.examples[:3]:
        say(f"    {example}")
    if report.quarantine is not None:
        say(f"    all of them: {report.quarantine}")
    if report.ignored_columns:
        say(f"    columns it does not know: {', '.join(report.ignored_columns)}")


@events.command("import")
def import_events(
    file: Annotated[Path, typer.Argument(help="SES events, one JSON object a line.")], as_json: Json = False
) -> None:
    """Take in SES events; repeats and their order make no difference."""
    from campaigns.feedback import import_file  # noqa: PLC0415 - `--help` must be quick

    with opened() as stores:
        counts, bad = import_file(stores.database, file)
    if as_json:
        say_json({"events": counts, "refused": [str(error) for error in bad]})
        return
    for kind, count in sorted(counts.items()):
        say(f"{kind:<20}{count:>10,} new")
    for error in bad[:3]:
        warn(f"encore: {error}")
    if len(bad) > 3:
        warn(f"encore: and {len(bad) - 3:,} lines more")


@app.command("export")
def export(
    what: Annotated[Export, typer.Argument(help="What.")],
    out: Annotated[
        Path | None, typer.Option(help="A .csv, .json or .parquet file; else CSV on standard output.")
    ] = None,
) -> None:
    """Hand out unsubscribes, entries, decisions, or what members did on the way back."""
    with opened() as stores:
        write(_encoded(_exported(stores, what), out), out)


def _exported(stores: Any, what: Export) -> pl.DataFrame:
    from campaigns import contacts, outcomes  # noqa: PLC0415 - `--help` must be quick

    if what is Export.unsubscribes:
        return contacts.unsubscribed(stores.database)
    if what is Export.entries:
        return outcomes.entries(stores)
    if what is Export.decisions:
        return outcomes.decisions(stores)
    return outcomes.signals(stores, what.value)


def _encoded(frame: pl.DataFrame, out: Path | None) -> str | bytes:
    from campaigns.reports.export import encode  # noqa: PLC0415 - `--help` must be quick

    suffix = out.suffix.lstrip(".") if out else "csv"
    if suffix not in ("csv", "parquet", "json"):
        raise NotFound("format", suffix, "end the file's name with .csv, .json or .parquet")
    return encode(frame, suffix)
