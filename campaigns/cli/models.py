"""Models: list, show, promote, roll back."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from campaigns.cli.shared import Json, app, load, say, say_json, say_table

if TYPE_CHECKING:
    from scoring.registry import Registry

models = typer.Typer(help="Versions of the win-back model.", no_args_is_help=True)
app.add_typer(models, name="models")

Version = Annotated[str, typer.Argument(help="The model's version.")]


def registry() -> Registry:
    """The win-back model's versions."""
    from scoring.registry import winback_models  # noqa: PLC0415 - `--help` must be quick

    return winback_models(load().home)


@models.command("list")
def list_models(as_json: Json = False) -> None:
    """All versions; the one in use is marked."""
    found = registry()
    live = found.live()
    rows = [asdict(card) | {"live": card.version == live} for card in found.versions()]
    if as_json:
        say_json(rows)
    elif rows:
        say_table(
            [row | {"live": "live" if row["live"] else ""} for row in rows], ["version", "rows", "live", "verdict"]
        )
    else:
        say("no model yet; members are drawn at random until there is one: encore train")


@models.command()
def show(version: Version, as_json: Json = False) -> None:
    """What a version was trained on, and why it was taken."""
    found = registry()
    found.path(version)
    card = next(asdict(card) for card in found.versions() if card.version == version)
    if as_json:
        say_json(card)
    for key, value in {} if as_json else card.items():
        say(f"{key:<14} {value}")


@models.command()
def promote(version: Version) -> None:
    """Use a version from the next run on."""
    registry().promote(version)
    say(f"{version} is in use from the next run on")


@models.command()
def rollback() -> None:
    """Go back to the version that was in use before."""
    before = registry().rollback()
    say(f"{before} is in use from the next run on" if before else "no model is in use; members are drawn at random")
