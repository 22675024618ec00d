"""A small streaming service for tests: what is in its stores, and its campaigns' days as the flows run them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from psycopg.rows import dict_row

from campaigns import contacts, definition, lifecycle, outcomes, planning
from campaigns.planning import Run
from campaigns.planning.choose import choose_members
from campaigns.planning.recipe import score_run
from campaigns.stores import Stores
from scoring.contracts import ARTWORKS, MAILINGS, MEMBERS, OUTCOMES, PLAYS, TITLE_NAMES, TITLES, Table
from scoring.lake.schema import file_schema

DAY = date(2026, 12, 1)
JOINED = datetime(2026, 1, 1, tzinfo=UTC)
ALL = {"daily_budget": 1000, "explore": 0.0}
TABLES = {
    "members": MEMBERS,
    "titles": TITLES,
    "title_names": TITLE_NAMES,
    "artworks": ARTWORKS,
    "plays": PLAYS,
    "outcomes": OUTCOMES,
    "mailings": MAILINGS,
}


def at(day: date, hour: float = 0) -> datetime:
    """A moment of a day, in UTC."""
    return datetime.combine(day, time(), UTC) + timedelta(hours=hour)


def frame(table: Table, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Rows in the columns of the contract."""
    return pl.DataFrame([dict(row) for row in rows], schema=file_schema(table))


def member(member_id: str, **changes: Any) -> dict[str, Any]:
    """A member who signed up long ago, agreed to mails, and has not played since: lapsed."""
    return {
        "member_id": member_id,
        "email": f"{member_id.replace(':', '.')}@example.com",
        "given_name": "Ana",
        "country": "GB",
        "language": "en",
        "plan": "standard",
        "signed_up_at": JOINED,
        "email_consent": True,
        "email_consent_at": JOINED,
        "pixel_consent": False,
    } | changes


def title(title_id: str, **changes: Any) -> dict[str, Any]:
    """A title that may be shown everywhere."""
    return {"title_id": title_id, "name": title_id.upper(), "added_at": datetime(2020, 1, 1, tzinfo=UTC)} | changes


def play(member_id: str, title_id: str, when: datetime, **changes: Any) -> dict[str, Any]:
    """A play."""
    return {"member_id": member_id, "title_id": title_id, "played_at": when} | changes


class Service:
    """The stores of a test, filled and worked as the importer and the flows would."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores
        self.wall = at(DAY, 0)

    def has(self, *, as_of: datetime = JOINED, **tables: Sequence[Mapping[str, Any]]) -> None:
        """Import rows: `members=[…]`, `plays=[…]` and so on."""
        for name, rows in tables.items():
            told = frame(TABLES[name], rows)
            self.stores.lake.put(TABLES[name], told, as_of=as_of)
            if name == "members":
                contacts.put(self.stores.database, told)

    def campaign(self, name: str = "autumn", *, state: str = "running", **parts: Any) -> int:
        """A campaign, approved; parts as in its file. Unless told, it mails all who lapsed, at 09:00."""
        run = {"send": "09:00", **ALL} | parts.pop("run", {})
        lapsed = parts.pop("lapsed", {"inactive_days": [30, 3650]})
        asked = definition.from_values({"name": name, "lapsed": lapsed, "run": run, **parts}, name)
        with self.stores.database.session() as session:
            lifecycle.apply(session, asked, {"source_hash": "v1"}, "operator", self.wall)
            if state == "running":
                lifecycle.submit(session, name, "operator", self.wall)
                lifecycle.approve(session, name, "operator", self.wall)
            return lifecycle.find(session, name).id or 0

    def open(self, day: date = DAY, name: str = "autumn", *, wall: datetime | None = None, **values: Any) -> Run:
        """Open the run of a day; by default in the day's first minute."""
        campaign = planning.runnable(self.stores.database, day, name)[0]
        budget = values.pop("budget", campaign.asked.run.daily_budget)
        return planning.open_run(
            self.stores.database,
            campaign,
            day,
            settings=self.stores.settings,
            wall=wall or at(day),
            budget=budget,
            model=values.pop("model", None),
        )

    def score(self, run: Run) -> list[Path]:
        """Refresh and score all shards."""
        return score_run(self.stores, run, outcomes.mails(self.stores))

    def reasons(self, run: Run) -> dict[str, str | None]:
        """Whom the run looked at, and why not."""
        return dict(pl.read_parquet(self.score(run)).select("member_id", "reason").sort("member_id").iter_rows())

    def choose(self, run: Run) -> pl.DataFrame:
        """Whom the run chose."""
        return pl.read_parquet(choose_members(self.stores, run, self.score(run)))

    def plan(self, run: Run) -> dict[str, Any]:
        """The whole day, as the daily flow does it; returns the run's counts."""
        counts = planning.plan_run(self.stores, run, outcomes.mails(self.stores))
        planning.close_run(self.stores.database, run, counts, self.wall)
        return counts

    def day(self, day: date = DAY, name: str = "autumn", **values: Any) -> dict[str, Any]:
        """Open a day and plan it."""
        return self.plan(self.open(day, name, **values))

    def rows(self, query: str, values: Any = None) -> list[dict[str, Any]]:
        """What a query finds."""
        with self.stores.database.connect() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query, values).fetchall()

    def do(self, statement: str, values: Any = None) -> int:
        """Run a statement; how many rows it touched."""
        with self.stores.database.connect() as connection:
            return connection.execute(statement, values).rowcount

    def messages(self) -> list[dict[str, Any]]:
        """All messages, in order."""
        return self.rows("SELECT * FROM messages ORDER BY run_date, campaign_id, member_id, step")

    def entries(self) -> dict[str, dict[str, Any]]:
        """All entries by member, of one campaign."""
        return {row["member_id"]: row for row in self.rows("SELECT * FROM entries ORDER BY member_id")}

    def stored(self, table: str, values: Mapping[str, Any]) -> None:
        """Write a row of a table."""
        names, places = ", ".join(values), ", ".join(f"%({name})s" for name in values)
        told = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in values.items()}
        self.do(f"INSERT INTO {table} ({names}) VALUES ({places})", told)
