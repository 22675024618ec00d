"""Models: list, show, promote, roll back."""

from __future__ import annotations

import json
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campaigns.cli.shared import Json, app, load, say, say_json, say_table, write

if TYPE_CHECKING:
    from scoring.registry import Registry

models = typer.Typer(help="Versions of the win-back model.", no_args_is_help=True)
app.add_typer(models, name="models")

Version = Annotated[str, typer.Argument(help="The model's version.")]


class CardFormat(StrEnum):
    """How a model's card is handed out."""

    text = "text"
    json = "json"
    html = "html"


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
def show(
    version: Version,
    form: Annotated[CardFormat, typer.Option("--format", help="How.")] = CardFormat.text,
    out: Annotated[Path | None, typer.Option(help="A file; else standard output.")] = None,
    as_json: Json = False,
) -> None:
    """A version's card: what it was trained on, why it was taken, what it was worth, and what happened then."""
    from campaigns.reports.model_card import card_lines, model_card, model_page  # noqa: PLC0415 - as above

    card = model_card(registry(), version)
    if as_json or form is CardFormat.json:
        told = json.dumps(card, ensure_ascii=False, indent=2)
    else:
        told = model_page(card) if form is CardFormat.html else "\n".join(card_lines(card))
    write(told, out)
    if out is not None:
        say(out.absolute().as_uri())


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
