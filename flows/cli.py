"""`encore …`: the commands of campaigns, and those that need flows. Prefect is imported inside those alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from campaigns.cli import (  # noqa: F401 - they add their commands
    app,
    campaign,
    data,
    evaluate,
    models,
    report,
    sandbox,
    send,
    setup,
)
from campaigns.cli.shared import Json, carried, day, load, moment, opened, pasteable, say, say_json, say_table, waiting
from campaigns.cli.shared import main as run_app
from campaigns.errors import NotAllowed

if TYPE_CHECKING:
    from pathlib import Path

    from campaigns.settings import Settings
    from flows.daily import Day

ENDPOINTS = ("AWS_ENDPOINT_URL_SESV2", "AWS_ENDPOINT_URL")  # boto3's own; set, mails do not go to Amazon

run = typer.Typer(help="Runs.", no_args_is_help=True)
app.add_typer(run, name="run")


@app.callback()
def encore() -> None:
    """Win-back for streaming services: whom to write to, what to show, and proof of what it won."""


@run.command()
def daily(
    date_: Annotated[str | None, typer.Option("--date", help="The business day; today.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="The first of several days.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="The last of several days.")] = None,
    name: Annotated[str | None, typer.Option("--campaign", help="Only this campaign.")] = None,
    deliver: Annotated[bool, typer.Option(help="Send what is due.")] = True,
    allow_past: Annotated[bool, typer.Option("--allow-past", help="Let Amazon mail for a day that is over.")] = False,
    as_json: Json = False,
) -> None:
    """Write to the members worth writing to. Run twice, a day sends nothing twice; cut short, it goes on."""
    from campaigns.planning import runnable  # noqa: PLC0415 - `--help` must be quick

    settings = load()
    days = _days(settings, date_, start, end)
    _refuse_wrong_days(settings, days, sends=deliver, allow_past=allow_past)
    with opened() as stores, prefect(settings) as ready, carried(settings) as carrier:
        runnable(stores.database, days[0], name)  # a name that nothing bears is refused before anyone waits
        with waiting("starting"):
            ready()
        from flows.daily import daily as flow  # noqa: PLC0415 - Prefect takes two seconds, and other commands need none
        from flows.daily import ledger_line  # noqa: PLC0415 - as above

        said = (lambda _: None) if as_json else _say_day
        found = flow(stores, carrier, days, name=name, sends=deliver, said=said)
    if as_json:
        say_json([ledger_line(one) for one in found])


def _say_day(one: Day) -> None:
    from flows.daily import ledger_line  # noqa: PLC0415 - Prefect is there by now

    line = ledger_line(one)
    shown = "  ".join(f"{name.replace('_', ' ')} {n:>6,}" for name, n in line.items() if name != "day")
    say(f"{line['day']}  {shown}")


def _days(settings: Settings, only: str | None, start: str | None, end: str | None) -> list[date]:
    from campaigns.planning.runs import business_day  # noqa: PLC0415 - `--help` must be quick

    if only and (start or end):
        raise typer.BadParameter("--date is one day, --from and --to are several; give one or the other")
    if (start is None) != (end is None):
        raise typer.BadParameter("--from and --to go together")
    if start and end:
        first, last = day(start), day(end)
        if last < first:
            raise typer.BadParameter(f"--to {last} is before --from {first}")
        return [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]
    return [day(only) if only else business_day(settings, datetime.now(UTC))]


def _refuse_wrong_days(settings: Settings, days: list[date], *, sends: bool, allow_past: bool) -> None:
    """No day that has not begun; and no real mail for a day that is over, unless someone means it."""
    from campaigns.planning.runs import business_day  # noqa: PLC0415 - `--help` must be quick

    today = business_day(settings, datetime.now(UTC))
    if days[-1] > today:
        raise NotAllowed(f"run {days[-1]}", f"that day has not begun; today is {today}")
    amazon = settings.transport == "ses" and not any(os.environ.get(name) for name in ENDPOINTS)
    if sends and amazon and days[0] < today and not allow_past:
        raise NotAllowed(
            f"run {days[0]}", "would mail real members for a day that is over; --allow-past if you mean it"
        )


@contextmanager
def prefect(settings: Settings) -> Iterator[Callable[[], None]]:
    """A Prefect server for the flows of a command, started beside what else starts.

    The block gets a function that waits for it, to be called before Prefect is imported.
    """
    from flows import server  # noqa: PLC0415 - `--help` must be quick

    with server.starting(settings.home, os.environ) as variables:
        yield lambda: os.environ.update(variables())


@app.command()
def train(
    as_of: Annotated[str | None, typer.Option("--as-of", help="Learn from what had matured by then; now.")] = None,
    as_json: Json = False,
) -> None:
    """Train the win-back model on what has matured; promote it, or say why not."""
    settings = load()
    with prefect(settings) as ready, opened() as stores:
        with waiting("starting"):
            ready()
        from flows.training import train as flow  # noqa: PLC0415 - Prefect takes two seconds

        card = flow(stores, moment(as_of, settings.timezone))
    if as_json:
        say_json(vars(card))
    else:
        say(f"{card.version}: {card.verdict}")
        say_table([card.facts], list(card.facts))


@app.command()
def demo(
    members: Annotated[int, typer.Option(min=1_000, max=10_000_000, help="How many members the service has.")] = 40_000,
) -> None:
    """A simulated service, four weeks of a campaign, and the truth beside the report."""
    from campaigns.sending import wall_clock  # noqa: PLC0415 - `--help` must be quick
    from flows.world import ground  # noqa: PLC0415 - as above

    with ground(load().home) as folder:
        _demo(folder, members, wall_clock())


def _demo(folder: Path, members: int, wall: datetime) -> None:
    from campaigns.settings import Settings  # noqa: PLC0415 - `--help` must be quick
    from flows.world import begin, build  # noqa: PLC0415 - as above

    own = Settings.model_construct(home=folder / "home")  # whatever is set here, a demo is a demo
    with prefect(own) as ready, opened(own) as stores, carried(own) as carrier:
        say(f"a streaming service with {members:,} members, half of them lapsed")
        with waiting("building it"):  # while Prefect starts
            service = build(folder, members=members, wall=wall)
            begin(stores, service, wall)
            ready()
        from flows.demo import Demo, live  # noqa: PLC0415 - Prefect takes two seconds

        say("two months of its own mails to learn from, then four weeks of Encore's")
        with waiting("living"):
            shown = live(Demo(folder, stores, carrier, service), say)
    if shown.low is None or shown.high is None:
        say("the report: too early to say")
    else:
        likely = f"likely {shown.low:,.0f} to {shown.high:,.0f}"
        say(f"the report: {shown.estimate:,.0f} members came back because of a mail, {likely}")
    say(f"the truth:  {shown.truth:,.0f}")
    say(f"mails, and why:  {shown.page.as_uri()}")
    say(f"the mails alone: {(folder / 'emails').as_uri()}")
    say(f"the report:      {shown.report.as_uri()}")
    say(f"the same, JSON:  {shown.report.with_suffix('.json').as_uri()}")
    say(f"as a web page:   {pasteable(own.home, 'serve')}")


def main() -> None:
    """The program."""
    run_app(app)


if __name__ == "__main__":
    main()
