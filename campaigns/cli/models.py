"""Models: list, show, promote, roll back."""

from __future__ import annotations

import json
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from campaigns.cli.shared import Json, app, load, say, say_json, say_table, warn, write

if TYPE_CHECKING:
    from scoring.inuse import Use
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
    from scoring.winback.versions import winback_models  # noqa: PLC0415 - `--help` must be quick

    return winback_models(load().home)


@models.command("list")
def list_models(as_json: Json = False) -> None:
    """All versions; the one in use is marked."""
    from scoring.errors import BadData  # noqa: PLC0415 - as above
    from scoring.inuse import Use  # noqa: PLC0415 - as above

    found = registry()
    try:
        now, lost = found.use(), None
    except BadData as error:
        now, lost = Use(), error
    _say_versions([asdict(card) for card in found.versions()], now, as_json=as_json)
    if lost is not None:
        raise lost
    if now.live is not None and not found.usable(now.live):
        warn(f"{now.live} cannot be used: the next run trains before it opens, or encore models rollback")


def _say_versions(cards: list[dict[str, Any]], now: Use, *, as_json: bool) -> None:
    rows = [card | {"live": card["version"] == now.live} for card in cards]
    if as_json:
        say_json([row | {"by_hand": row["live"] and now.by_hand} for row in rows])
    elif rows:
        live = "live, by hand" if now.by_hand else "live"
        shown = [row | {"live": live if row["live"] else ""} for row in rows]
        say_table(shown, ["version", "rows", "live", "verdict"])
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
    """Use a version from the next run on, until training finds one that is clearly better."""
    registry().promote(version)
    say(f"{version} is in use from the next run on, until training finds one that is clearly better")


@models.command()
def rollback() -> None:
    """Go back to the latest version before that can be used, until training finds one that is clearly better."""
    from scoring.errors import BadData  # noqa: PLC0415 - as above

    found = registry()
    if found.live() is None:
        raise BadData("rollback", "no model is in use", "`encore models list` shows those there are")
    before = found.rollback()
    told = f"{before} is in use from the next run on" if before else "no model is in use; members are drawn at random"
    say(f"{told}, until training finds one that is clearly better")
