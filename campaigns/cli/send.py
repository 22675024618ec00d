"""Sending by hand: a worker, and settling what is in doubt."""

from __future__ import annotations

from typing import Annotated

import typer

from campaigns.cli.shared import Json, app, carried, day, load, opened, say, say_json
from campaigns.errors import NotAllowed


@app.command()
def deliver(
    date: Annotated[str | None, typer.Option(help="Only messages of runs of this day.")] = None,
    until_empty: Annotated[
        bool, typer.Option("--until-empty", help="End when nothing is due and nobody sends.")
    ] = False,
    as_json: Json = False,
) -> None:
    """A worker: sends what is due. Any number may run at once, and any may be killed."""
    from campaigns import sending  # noqa: PLC0415 - `--help` must be quick
    from campaigns.planning.runs import business_day  # noqa: PLC0415 - as above
    from campaigns.processes import until_stopped  # noqa: PLC0415 - as above

    only = None if date is None else day(date)
    if only is not None and only > business_day(load(), sending.wall_clock()):
        raise NotAllowed(f"deliver {only}", "that day has not begun")
    with opened() as stores, carried(stores.settings) as carrier, until_stopped() as stopping:
        counts = sending.deliver(stores, carrier, day=only, until_empty=until_empty, stopping=stopping)
    if as_json:
        say_json(counts)
    else:
        say("  ".join(f"{state} {n:,}" for state, n in sorted(counts.items())) or "nothing was due")


@app.command()
def reconcile(as_json: Json = False) -> None:
    """Find what dead workers left, and settle what is in doubt as far as SES's events tell."""
    from campaigns import sending  # noqa: PLC0415 - as above
    from campaigns.feedback import doubts  # noqa: PLC0415 - as above

    with opened() as stores, carried(stores.settings) as carrier:
        counts = sending.reconcile(stores, carrier)
        left = doubts(stores.database)
    if as_json:
        say_json({**counts, "in_doubt": left.messages})
        return
    for what, n in sorted(counts.items()):
        say(f"{what.replace('_', ' ')}: {n:,}")
    if left.messages:
        hours = stores.settings.in_doubt_after / 3600
        say(f"in doubt: {left.messages:,}, the oldest since {left.since:%Y-%m-%d %H:%M} UTC; it stays so until")
        say(f"events show the stream whole for {hours:g} h around the call: encore events import FILE.jsonl")
    else:
        say("nothing is in doubt")
