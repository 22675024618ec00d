"""Reports and messages as files: HTML, JSON, CSV, Parquet."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import polars as pl

from campaigns.errors import NotFound
from campaigns.reports.report import SQL
from scoring.lake.schema import TIME

if TYPE_CHECKING:
    from campaigns.stores import Stores

RUNNABLE = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for a formula
MESSAGES: dict[str, Any] = {
    "campaign": pl.String,
    "run_date": pl.Date,
    "member_id": pl.String,
    "arm": pl.String,
    "step": pl.Int64,
    "state": pl.String,
    "reason": pl.String,
    "propensity": pl.Float64,
    "due_at": TIME,
    "sent_at": TIME,
    "ses_message_id": pl.String,
    "template_version": pl.String,
    "subject": pl.String,
    "picks": pl.String,
}


def messages_of(stores: Stores, name: str) -> pl.DataFrame:
    """One row a message of a campaign; `picks` is JSON: the picks in the order in which the mail shows them.

    Raises:
        NotFound: no campaign is called that.
    """
    with stores.database.connect() as connection:
        if connection.execute("SELECT FROM campaigns WHERE name = %s", [name]).fetchone() is None:
            raise NotFound("campaign", name, "`encore campaign list` shows those there are")
        found = connection.execute(SQL["messages"], {"name": name})
        rows = [(*row[:-1], json.dumps(picks(row[-1]))) for row in found]
    return pl.DataFrame(rows, schema=MESSAGES, orient="row")


def delivered(stores: Stores, name: str, limit: int) -> list[dict[str, Any]]:
    """A campaign's first mails that were delivered, the newest first, each with who got it."""
    return stores.database.rows(SQL["delivered"], {"name": name, "limit": limit})


def picks(content: dict[str, Any]) -> list[dict[str, Any]]:
    """A message's picks, the hero first, then row by row."""
    kept = ("row", "title_id", "artwork_id", "propensity")
    return [{key: pick[key] for key in kept} for pick in placed(content)]


def placed(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The same with all that is known of each pick, and the row it stands in: a link's place counts in this list."""
    if "hero" not in content:
        return []
    rows = [("hero", [content["hero"]]), *((row["kind"], row["picks"]) for row in content["rows"])]
    return [{"row": kind, **pick} for kind, some in rows for pick in some]


def encode(frame: pl.DataFrame, form: str) -> str | bytes:
    """A frame as `csv`, `json` or `parquet`. In CSV, cells that a spreadsheet would run get a leading '."""
    if form == "parquet":
        buffer = io.BytesIO()
        frame.write_parquet(buffer)
        return buffer.getvalue()
    if form == "json":
        return json.dumps(frame.to_dicts(), default=str, ensure_ascii=False, indent=1)
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    return frame.with_columns(_harmless(name) for name in texts).write_csv()


def _harmless(column: str) -> pl.Expr:
    runs = pl.col(column).str.slice(0, 1).is_in(RUNNABLE)
    return pl.when(runs).then(pl.concat_str(pl.lit("'"), column)).otherwise(column).alias(column)


def encode_report(report: dict[str, Any], form: str) -> str | bytes:
    """A report as `html`, `json`, `csv` or `parquet`; the last two as one row a number, by its place in the JSON."""
    if form == "html":
        from campaigns.reports.page import page  # noqa: PLC0415 - charts take seconds to import, and data have none

        return page(report)
    if form == "json":
        return json.dumps(report, ensure_ascii=False, indent=2)
    rows = [
        (place, _number(value), None if _number(value) is not None else str(value)) for place, value in _flat(report)
    ]
    schema = {"place": pl.String, "number": pl.Float64, "text": pl.String}
    return encode(pl.DataFrame(rows, schema=schema, orient="row"), form)


def _flat(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _flat(part, f"{place}.{key}" if place else key)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _flat(part, f"{place}[{number}]")
    elif value is not None:
        yield place, value


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None
