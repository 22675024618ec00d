"""What the demo leaves to look at: the report beside the truth, and a dozen mails with why their members got them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from campaigns.cli.shared import pasteable
from campaigns.outcomes import mails
from campaigns.pages import environment
from campaigns.planning import midnight, run_folder
from campaigns.rendering.sentences import in_country, row_title
from campaigns.reports.export import delivered, encode_report, placed
from campaigns.reports.page import sentence
from campaigns.reports.words import FILTERS, noun
from campaigns.sandbox import ARTWORKS, Truth
from campaigns.sandbox.posters import Picture, write_posters
from campaigns.standin import mails as accepted
from campaigns.stores import Stores
from scoring.winback.snapshot import snapshot_of

DOZEN = 12
CANDIDATES = 600
SKEW = timedelta(seconds=5)  # between two clocks of this machine


class Showcase(NamedTuple):
    """The files to look at, and the numbers worth repeating."""

    page: Path
    report: Path
    estimate: float | None
    low: float | None
    high: float | None
    truth: float


def show(folder: Path, stores: Stores, found: dict[str, Any], truth: Truth) -> Showcase:
    """Write everything there is to look at into `folder`."""
    chosen = dozen(delivered(stores, found["campaign"], CANDIDATES))
    _pictures(folder, stores, chosen)
    _mails(folder, stores, chosen)
    (folder / "report.html").write_text(str(encode_report(found, "html")), encoding="utf-8")
    (folder / "report.json").write_text(str(encode_report(found, "json")), encoding="utf-8")
    known = zip(chosen, _known(stores, chosen), strict=True)
    cards = [_card(stores, found["campaign"], message, about) for message, about in known]
    served = pasteable(stores.home, "serve")
    (folder / "index.html").write_text(demo_page(found, truth.incremental, cards, served), encoding="utf-8")
    lift = found["win_back"]["incremental"]
    numbers = (lift["estimate"], lift["low"], lift["high"], truth.incremental)
    return Showcase(folder / "index.html", folder / "report.html", *numbers)


def demo_page(found: Mapping[str, Any], truth: float, cards: Sequence[Mapping[str, Any]], served: str) -> str:
    """The page of a demo: what its report says beside the truth, true win-backs, and a card for each mail.

    `served`: the command that serves what the links in the mails lead to.
    """
    lift = found["win_back"]["incremental"]
    early = lift["low"] is None and lift["estimate"] is not None
    return (
        environment(**FILTERS)
        .get_template("demo.html")
        .render(
            found=found,
            cards=cards,
            served=served,
            sentence=sentence(dict(found)),
            so_far=_so_far(round(lift["estimate"])) if early else None,
            truth=_brought_back(round(truth)),
        )
    )


def _so_far(estimate: int) -> str:
    """What the arms differ by while nothing sure can be said."""
    which = "fewer" if estimate < 0 else "more"
    return (
        f"So far {abs(estimate):,} {which} {noun(estimate)} came back than would have without mail, give or take many."
    )


def _brought_back(truth: int) -> tuple[str, str, str]:
    """What the mails did, to how many, of what."""
    return "put off" if truth < 0 else "brought back", f"{abs(truth):,}", noun(truth)


def dozen(messages: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Twelve mails as different as they come: each shares as little as can be with those before it."""
    left = list(messages)
    taken: list[Mapping[str, Any]] = []
    seen: dict[tuple[str, Any], int] = {}
    while left and len(taken) < DOZEN:
        best = min(left, key=lambda message: sum(seen.get(trait, 0) for trait in _traits(message)))
        taken.append(best)
        left.remove(best)
        for trait in _traits(best):
            seen[trait] = seen.get(trait, 0) + 1
    return taken


def _traits(message: Mapping[str, Any]) -> list[tuple[str, Any]]:
    content = message["content"]
    hero = content["hero"]
    shown = ("hero", hero["title_id"])
    rows = ("rows", tuple(row["kind"] for row in content["rows"]))
    speaks = (message["language"] or "en").split("-")[0]
    return [
        shown,
        rows,
        ("style", style_of(hero)),
        ("country", message["country"]),
        ("language", speaks),
        ("explored", message["explored"]),
    ]


def _pictures(folder: Path, stores: Stores, messages: Iterable[Mapping[str, Any]]) -> None:
    """Draw the posters that these mails show; a poster bears the title's own name in every language."""
    picks = [pick for message in messages for pick in placed(message["content"]) if pick["artwork_id"]]
    titles = stores.lake.scan("titles").select("title_id", "name").unique("title_id").collect()
    names = dict(titles.iter_rows())
    shown = sorted({(pick["title_id"], style_of(pick)) for pick in picks})
    write_posters(folder / "artwork", (Picture(title, names[title], style) for title, style in shown))


def style_of(pick: Mapping[str, Any]) -> str:
    """The style of a pick's artwork, as the service's ids tell; empty where it has none."""
    return str(pick["artwork_id"] or "").rpartition("-")[2]


def _mails(folder: Path, stores: Stores, messages: Sequence[Mapping[str, Any]]) -> None:
    """The mails as they were accepted, with their pictures from the folder beside them."""
    wanted = {message["ses_message_id"]: message["member_id"] for message in messages}
    since = min((message["called_at"] for message in messages), default=None)
    (folder / "emails").mkdir(parents=True, exist_ok=True)
    for mail in accepted(stores.home, since=since and since - SKEW):
        if mail.message_id in wanted:
            html = (mail.html or "").replace(ARTWORKS, "../artwork")
            (folder / "emails" / f"{wanted[mail.message_id]}.html").write_text(html, encoding="utf-8")


def _known(stores: Stores, messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What was known of the reader of each mail on its day."""
    days = (midnight(stores.settings, message["run_date"]) for message in messages)
    spine = pl.DataFrame({"member_id": [message["member_id"] for message in messages], "at": days})
    found = snapshot_of(stores.lake, spine, mails(stores))
    return spine.join(found, on=["member_id", "at"], maintain_order="left").to_dicts()


def _card(stores: Stores, campaign: str, message: Mapping[str, Any], about: dict[str, Any]) -> dict[str, Any]:
    """Who got a mail, why they did, and why these titles and pictures."""
    mine = pl.col("member_id") == message["member_id"]
    run = run_folder(stores.home, campaign, message["run_date"])
    chosen = pl.read_parquet(run / "chosen.parquet").filter(mine).row(0, named=True)
    hero = message["content"]["hero"]
    return {
        "file": f"emails/{message['member_id']}.html",
        "name": message["given_name"] or "A member",
        "subject": message["subject"],
        "country": in_country(message["country"] or "", "en"),
        "about": about,
        "chosen": chosen,
        "hero": hero["name"],
        "style": style_of(hero),
        "picture": (hero["artwork_url"] or "").replace(ARTWORKS, "artwork"),
        "propensity": hero["propensity"],
        "alt": hero["artwork_alt"],
        "language": message["language"] or "en",
        "rows": [_row(row, message["country"] or "") for row in message["content"]["rows"]],
        "hour": f"{(message['due_at'].hour * 60 + message['due_at'].minute + message['utc_offset']) // 60 % 24:02}:00",
        "day": message["run_date"],
    }


def _row(row: Mapping[str, Any], country: str) -> dict[str, Any]:
    """A row in English, whatever language its mail is in."""
    title = row_title(row["kind"], "en", country=country, title=row["about"] or "")
    return {"title": title, "names": [pick["name"] for pick in row["picks"]]}
