"""Files in the import contract: what a service hands over, shard by shard, so that memory does not grow with it."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from campaigns.sandbox import history, plays
from campaigns.sandbox.draws import Ints
from campaigns.sandbox.history import Lot
from campaigns.sandbox.life import NOT_YET, Day, State, World
from campaigns.sandbox.members import Members, members_table
from campaigns.sandbox.plays import Plays
from campaigns.sandbox.titles import TIME, artworks_table, names_table, titles_table


class Folder:
    """A folder of Parquet files, each written in parts.

    A file of which no part has a row is not there, unless `empty` ones are to be told from missing ones.
    """

    def __init__(self, path: Path, *, empty: bool = False) -> None:
        self.path, self.empty = path, empty
        self._files: dict[str, pq.ParquetWriter] = {}
        path.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files.values():
            file.close()

    def add(self, name: str, rows: pa.Table | pl.DataFrame) -> None:
        """Write more rows of a file."""
        table = rows.to_arrow() if isinstance(rows, pl.DataFrame) else rows
        if not table.num_rows and not self.empty:
            return
        if name not in self._files:
            self._files[name] = pq.ParquetWriter(self.path / f"{name}.parquet", table.schema, compression="zstd")
        self._files[name].write_table(table)


def add_titles(folder: Folder, world: World) -> None:
    """The catalogue: titles, their names and artworks."""
    folder.add("titles", titles_table(world.titles))
    folder.add("title_names", names_table(world.titles))
    folder.add("artworks", artworks_table(world.titles))


def add_members(folder: Folder, world: World, who: Members, state: State, start: int) -> None:
    """Members as they are; who came back after cancelling has not cancelled."""
    since = pl.Series(np.where(state.cancelled, state.cancelled_at, NOT_YET)).replace(NOT_YET, None)
    joined = history.signed_up(world.draws, who.numbers, start)
    folder.add("members", members_table(world.draws, who, joined, since))


def add_plays(folder: Folder, world: World, who: Members, seen: Plays, ids: pl.Series) -> None:
    """Plays of members whose ids these are."""
    folder.add("plays", plays.table(world.draws, world.titles, who, seen, ids))


def add_outcomes(folder: Folder, days: list[Day], ids: pl.Series) -> None:
    """Members who subscribed again."""
    row, at = (np.concatenate([getattr(day, name) for day in days]) for name in ("back", "resubscribed_at"))
    came = at != NOT_YET
    told = {"member_id": ids.gather(row[came]), "kind": ["resubscribed"] * int(came.sum()), "at": _times(at[came])}
    folder.add("outcomes", pl.DataFrame(told))


def add_mailings(folder: Folder, lots: list[Lot], ids: pl.Series, held: float) -> None:
    """What the earlier system did."""
    folder.add("mailings", pl.concat([_mailings(lot, ids, held) for lot in lots]))


def _mailings(lot: Lot, ids: pl.Series, held: float) -> pl.DataFrame:
    sent_at = _times(lot.sent_at)
    frame = pl.DataFrame({"member_id": ids.gather(lot.row), "sent_at": sent_at, "went": lot.mailed})
    return frame.select(
        "member_id",
        campaign=pl.lit(history.CAMPAIGN),
        run_date=pl.lit(lot.day, pl.Int32).cast(pl.Date),
        arm=pl.when("went").then(pl.lit("mailed")).otherwise(pl.lit("holdout")),
        propensity=pl.lit(1 - held),
        sent_at=pl.when("went").then("sent_at"),
    )


def _times(moments: Ints) -> pl.Series:
    return pl.Series(moments).cast(TIME)
