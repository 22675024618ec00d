"""Campaigns: apply, list, show, submit, approve, pause, resume, stop; preview; templates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from campaigns.cli.shared import As, Json, Name, actor, app, load, opened, say, say_json, say_table, write

if TYPE_CHECKING:
    from campaigns.lifecycle import CampaignRow
    from campaigns.stores import Stores

campaign = typer.Typer(help="Campaigns and their states.", no_args_is_help=True)
app.add_typer(campaign, name="campaign")
templates = typer.Typer(help="Email templates.", no_args_is_help=True)
app.add_typer(templates, name="template")


@campaign.command()
def apply(
    file: Annotated[Path, typer.Argument(help="A campaign file (TOML).")], who: As = None, as_json: Json = False
) -> None:
    """Make a campaign, or a new version of it, from a file; its template is compiled and tried."""
    from campaigns import definition, lifecycle  # noqa: PLC0415 - `--help` must be quick
    from campaigns.checks import checked_template  # noqa: PLC0415 - as above

    asked = definition.from_file(file)
    with opened() as stores:
        template = checked_template(asked, stores.settings)
        with stores.database.session() as session:
            acting = actor(stores.settings, who)
            row = lifecycle.apply(session, asked, template.to_dict(), acting, datetime.now(UTC))
    if as_json:
        say_json(_brief(row))
    else:
        say(f"{row.name}: version {row.version}, {row.state}; next: encore campaign submit {row.name}")


@campaign.command("list")
def list_campaigns(as_json: Json = False) -> None:
    """All campaigns, with their state."""
    from campaigns import lifecycle  # noqa: PLC0415 - as above

    with opened() as stores, stores.database.session() as session:
        rows = [_brief(row) for row in lifecycle.every(session)]
    if as_json:
        say_json(rows)
    elif rows:
        say_table(rows, ["name", "state", "version", "approved_version"])
    else:
        say("no campaigns yet; encore campaign apply FILE.toml makes one")


@campaign.command()
def show(name: Name, as_json: Json = False) -> None:
    """A campaign's state, and what its newest version asks for."""
    from campaigns import lifecycle  # noqa: PLC0415 - as above

    with opened() as stores, stores.database.session() as session:
        row = lifecycle.find(session, name)
        newest = lifecycle.version(session, row)
        shown = _brief(row) | {"definition": newest.definition}
    if as_json:
        say_json(shown)
        return
    say(f"{row.name}: {row.state}, version {row.version}, approved {row.approved_version or 'none yet'}")
    for part, value in newest.definition.items():
        if value and part != "name":
            say(f"  {part:<12} {value}")


def _brief(row: CampaignRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "state": row.state,
        "version": row.version,
        "submitted_version": row.submitted_version,
        "approved_version": row.approved_version,
    }


@campaign.command()
def submit(name: Name, who: As = None) -> None:
    """Hand a campaign in for approval; its template is compiled and tried again."""
    from campaigns import definition, lifecycle  # noqa: PLC0415 - as above
    from campaigns.checks import checked_template  # noqa: PLC0415 - as above

    with opened() as stores:
        with stores.database.session() as session:
            newest = lifecycle.version(session, lifecycle.find(session, name))
            asked = definition.from_values(newest.definition, name)
        checked_template(asked, stores.settings)
        _move(stores, lifecycle.submit, name, who)


@campaign.command()
def approve(name: Name, who: As = None) -> None:
    """Let what was submitted run."""
    from campaigns import lifecycle  # noqa: PLC0415 - as above

    with opened() as stores:
        _move(stores, lifecycle.approve, name, who)


@campaign.command()
def pause(name: Name, who: As = None) -> None:
    """Hold back what waits, and start no run."""
    from campaigns import lifecycle  # noqa: PLC0415 - as above

    with opened() as stores:
        _move(stores, lifecycle.pause, name, who)


@campaign.command()
def resume(name: Name, who: As = None) -> None:
    """Go on after a pause."""
    from campaigns import lifecycle  # noqa: PLC0415 - as above

    with opened() as stores:
        _move(stores, lifecycle.resume, name, who)


@campaign.command()
def stop(name: Name, who: As = None) -> None:
    """End a campaign for good; what waits is suppressed."""
    from campaigns import lifecycle  # noqa: PLC0415 - as above
    from campaigns.delivery import suppress_stopped  # noqa: PLC0415 - as above

    with opened() as stores:
        row = _move(stores, lifecycle.stop, name, who)
        say(f"{suppress_stopped(stores.database, row.id or 0):,} waiting messages suppressed")


@app.command("pause")
def pause_all(
    every: Annotated[bool, typer.Option("--all", help="All campaigns that run.")] = False, who: As = None
) -> None:
    """Pause every running campaign at once."""
    from campaigns import lifecycle  # noqa: PLC0415 - as above

    if not every:
        raise typer.BadParameter("`encore pause --all` pauses all; `encore campaign pause NAME` one")
    with opened() as stores:
        with stores.database.session() as session:
            running = [row.name for row in lifecycle.every(session) if row.state == "running"]
        for name in running:
            _move(stores, lifecycle.pause, name, who)


Move = Callable[..., "CampaignRow"]


def _move(stores: Stores, move: Move, name: str, who: str | None) -> CampaignRow:
    """Move a campaign's state, and say where it is now."""
    with stores.database.session() as session:
        row = move(session, name, actor(stores.settings, who), datetime.now(UTC))
    waiting = f", version {row.version} waits" if row.state == "running" and row.approved_version != row.version else ""
    say(f"{row.name}: {row.state}{waiting}")
    return row


@app.command()
def preview(
    name: Name,
    member: Annotated[str, typer.Option(help="The member's id.")],
    out: Annotated[Path | None, typer.Option(help="A file for the HTML; else standard output.")] = None,
) -> None:
    """The mail that a member would get from a campaign now."""
    from campaigns.preview import preview as made  # noqa: PLC0415 - as above

    with opened() as stores:
        mail = made(stores, name, member, datetime.now(UTC))
    write(mail.html, out)
    if out is not None:
        say(f"{mail.subject}\n{out.absolute().as_uri()}")


@templates.command("check")
def check_template(
    template: Annotated[str, typer.Argument(help="A template's name, or a .mjml file.")], as_json: Json = False
) -> None:
    """Compile a template, try it on sample members, and say what is wrong with it."""
    from campaigns.checks import findings_of  # noqa: PLC0415 - as above

    findings = findings_of(template, load())
    if as_json:
        say_json([finding._asdict() for finding in findings])
    for finding in [] if as_json else findings:
        say(f"{finding.level}: {finding.what}")
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(1)
    if not findings and not as_json:
        say(f"{template}: good")
