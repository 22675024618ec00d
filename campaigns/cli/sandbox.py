"""The simulated service: build one, live a day, know the truth."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from campaigns.cli.shared import Json, app, day, load, moment, pasteable, say, say_json
from campaigns.errors import NotAllowed, NotFound, Unavailable

sandbox = typer.Typer(help="A simulated streaming service, to try things on.", no_args_is_help=True)
app.add_typer(sandbox, name="sandbox")

LONGEST_WINDOW = 365  # days
Folder = Annotated[Path, typer.Argument(help="The service's folder.")]


@sandbox.command()
def build(
    folder: Folder,
    members: Annotated[int, typer.Option(min=1_000, max=10_000_000, help="How many members.")] = 40_000,
    seed: Annotated[int, typer.Option(help="Another seed, another service.")] = 0,
    start: Annotated[str | None, typer.Option(help="The first day that it will live; four weeks ago.")] = None,
) -> None:
    """Build a service: members, titles, plays, and two months of dull mailings to learn from."""
    from campaigns.sandbox import Service  # noqa: PLC0415 - `--help` must be quick

    today = datetime.now(UTC).date()
    home, first = load().home, day(start) if start else today - timedelta(days=28)
    if first > today:
        raise NotAllowed(f"start a service on {first}", f"that day has not come yet; name one up to {today}")
    service = Service.build(folder, members=members, seed=seed, start=first)
    _say_next(home, service.start_folder, first)


@sandbox.command()
def live(
    folder: Folder,
    lived: Annotated[str | None, typer.Option("--day", help="The day; else the next one.")] = None,
    without: Annotated[bool, typer.Option("--no-mails", help="Where none were sent from this home at all.")] = False,
) -> None:
    """Live a day, with the mails that the bundled stand-in accepted, and say what to import then."""
    from campaigns.sandbox import Service  # noqa: PLC0415 - as above
    from campaigns.standin import mails  # noqa: PLC0415 - as above

    home, service = load().home, Service(folder)
    one = day(lived) if lived else service.next_day
    _refuse_unfinished(one)
    if one == service.next_day and not without:
        _refuse_without_mailbox(home)
    answer = service.live(one, [] if without else mails(home))
    say(f"{one}: {service.received(one):,} mails received")
    _say_next(home, answer, one + timedelta(days=1))


@sandbox.command()
def truth(
    folder: Folder,
    campaign: Annotated[str, typer.Option(help="The campaign's name.")],
    within_days: Annotated[int, typer.Option(min=1, max=LONGEST_WINDOW, help="How long a comeback counts.")] = 7,
    as_of: Annotated[str | None, typer.Option("--as-of", help="Only mails whose window had closed by then.")] = None,
    as_json: Json = False,
) -> None:
    """What a campaign's mails really won."""
    from campaigns.sandbox import Service  # noqa: PLC0415 - as above

    until = moment(as_of, load().timezone) if as_of else None
    service = Service(folder)
    known = service.campaigns()
    if campaign not in known:
        raise NotFound("campaign whose mails the service received", campaign, f"there are {', '.join(known) or 'none'}")
    found = service.truth(campaign, within_days=within_days, as_of=until)
    if as_json:
        say_json({"mailed": found.mailed, "incremental": found.incremental, "difference": found.difference})
    else:
        won = f"{found.incremental:,.1f} of {found.mailed:,} mailed"
        say(f"{won} came back because of the mail ({found.difference:+.2%})")


def _say_next(home: Path, folder: Path, as_of: date) -> None:
    say(f"next: {pasteable(home, 'import', str(folder), '--as-of', str(as_of))}")


def _refuse_unfinished(one: date) -> None:
    """A day that is not over could not be imported: its plays would lie in the future."""
    today = datetime.now(UTC).date()
    if one >= today:
        why = f"it is not over yet; the last day that is was {today - timedelta(days=1)}"
        raise NotAllowed(f"live {one}", why)


def _refuse_without_mailbox(home: Path) -> None:
    """A day lived without its mails looks like one on which they did nothing."""
    from campaigns.standin import mails_file  # noqa: PLC0415 - as above

    if not mails_file(home).exists():
        mend = "name the home that sent them by ENCORE_HOME, or live the day without any: --no-mails"
        raise Unavailable(str(mails_file(home)), "it is not there, so no mails can be received", mend)
