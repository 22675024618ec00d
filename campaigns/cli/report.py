"""What a campaign did and won: report, messages, why."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from campaigns.cli.shared import Json, Name, app, moment, opened, say, say_json, write


class ReportFormat(StrEnum):
    """How a report is handed out."""

    html = "html"
    json = "json"
    csv = "csv"
    parquet = "parquet"


class MessagesFormat(StrEnum):
    """How messages are handed out."""

    csv = "csv"
    json = "json"
    parquet = "parquet"


Out = Annotated[Path | None, typer.Option(help="A file; else standard output.")]


@app.command()
def report(
    name: Name,
    as_of: Annotated[str | None, typer.Option("--as-of", help="A day or time; the facts before it. Else now.")] = None,
    form: Annotated[ReportFormat, typer.Option("--format", help="How.")] = ReportFormat.html,
    out: Out = None,
) -> None:
    """What a campaign did with everyone, and what that won against the holdout."""
    from campaigns.reports.export import encode_report  # noqa: PLC0415 - as above
    from campaigns.reports.report import report as made  # noqa: PLC0415 - `--help` must be quick

    with opened() as stores:
        found = made(stores, name, moment(as_of, stores.settings.timezone))
    write(encode_report(found, form.value), out)
    if out is not None:
        say(f"{out.absolute().as_uri()}")


@app.command()
def messages(
    name: Name,
    form: Annotated[MessagesFormat, typer.Option("--format", help="How.")] = MessagesFormat.csv,
    out: Out = None,
) -> None:
    """One row a message, shadows of the held out included."""
    from campaigns.reports.export import encode, messages_of  # noqa: PLC0415 - as above

    with opened() as stores:
        write(encode(messages_of(stores, name), form.value), out)


@app.command()
def why(
    member: Annotated[str, typer.Argument(help="The member's id.")],
    campaign: Annotated[str | None, typer.Option(help="Only this campaign.")] = None,
    as_json: Json = False,
) -> None:
    """Why a member is, or is not, written to: eligibility, score, what was planned."""
    from campaigns.why import why as told  # noqa: PLC0415 - as above

    with opened() as stores:
        found = told(stores, member, campaign, datetime.now(UTC))
    if as_json:
        say_json(found)
        return
    say(f"member {member}: last play {found['last_play_at'] or 'never'}, {found['days_since_play']:.0f} days ago")
    for reason in found["reasons"]:
        say(f"  {100 * reason['effect']:+.2f} points for {reason['about']}: {_value(reason['value'])}")
    for title in found["titles"]:
        because = f", because they watched {title['because']}" if title["because"] else ""
        say(f"  {title['score']:.2f} for {title['name']}{because}")
    for row in found["campaigns"]:
        say(f"  {row['campaign']}: {row['verdict']}")
        if row["rank"] is not None:
            say(f"    expected gain {row['gain']:+.2%}, {_standing(**row['rank'])}")
        for message in row["messages"]:
            place = f"{message['run_date']} step {message['step']} {message['arm']}"
            say(f"    {place}: {message['state']} {message['reason'] or ''}".rstrip())
            if message["drawn"]:
                say(f"      drawn: {', '.join(map(_choice, message['drawn']))}")
            for strip in message["rows"]:
                chance = f" ({strip['drawn']['propensity']:.0%})" if strip["drawn"] else ""
                say(f"      {strip['row']}{chance}: {', '.join(map(_pick, strip['picks']))}")


def _pick(pick: dict[str, Any]) -> str:
    """A title, and its picture with the chance of it."""
    shown = f" ({pick['artwork_id']}, {pick['propensity']:.0%})" if pick["artwork_id"] else ""
    return f"{pick['name']}{shown}"


def _choice(one: dict[str, Any]) -> str:
    """Of what something was drawn, and what, with the chance of it where it is known."""
    chance = "" if one["propensity"] is None else f" ({one['propensity']:.0%})"
    return f"{one['kind']} {one['choice']}{chance}"


def _value(value: str | float | None) -> str:
    if value is None:
        return "unknown"
    return value if isinstance(value, str) else f"{value:,.4g}"


def _standing(run_date: date, members: int, percentile: float) -> str:
    return f"more than for {percentile:.0f}% of the {members:,} who could be chosen on {run_date}"
