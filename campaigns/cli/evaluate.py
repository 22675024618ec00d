"""What another policy would have won: evaluate."""

from __future__ import annotations

from typing import Annotated

import typer

from campaigns.cli.shared import Json, Name, app, load, moment, opened, say, say_json


@app.command()
def evaluate(
    name: Name,
    policy: Annotated[
        str,
        typer.Option(
            help="An arm for all, as rows=popular; or pictures=evenly, pictures=learnt, order=evenly, order=learnt."
        ),
    ],
    as_of: Annotated[str | None, typer.Option("--as-of", help="Judge by what was known then; now.")] = None,
    as_json: Json = False,
) -> None:
    """Replay the log of a campaign: what another policy would have won, with its interval."""
    from campaigns.replay import replay  # noqa: PLC0415 - `--help` must be quick

    with opened() as stores:
        found = replay(stores, name, policy, moment(as_of, load().timezone))
    if as_json:
        say_json(found._asdict())
        return
    value, low, high, sample = found.estimate
    say(f"{found.policy}: {value:.2%} of the {found.of}, likely between {low:.2%} and {high:.2%}")
    say(f"as it was: {found.logged:.2%} of {found.choices:,}")
    say(f"the log is worth {sample:,.0f} choices of the policy's own")
