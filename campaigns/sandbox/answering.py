"""A day answered by files: what its mails do is settled first, then the members live it, shard by shard."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import numpy as np
import polars as pl

from campaigns.sandbox import files, life
from campaigns.sandbox import ledger as book
from campaigns.sandbox.constants import CONSTANTS as C
from campaigns.sandbox.draws import Draws, Flags, Ints
from campaigns.sandbox.files import Folder
from campaigns.sandbox.life import State, World
from campaigns.sandbox.members import Members, member_id, members, number_of
from campaigns.sandbox.setup import Setup, day_number, write_setup
from campaigns.sandbox.states import known_mails, readable, state_at, state_folder, states


def answer(folder: Path, setup: Setup, world: World, shown: pl.DataFrame) -> None:
    """Live the next day; the folder's setup is then that of the day after.

    `shown` (`reader.SHOWN`) may hold mails of other days: those of later days wait, those known already are left out.
    Cut short, the day is lived again from its beginning, with the same outcome.
    """
    today = date.fromisoformat(setup.next_day)
    after = replace(setup, next_day=(today + timedelta(days=1)).isoformat())
    ledger = _with_new(folder, setup, world, shown)
    out, state = folder / "days" / setup.next_day, state_folder(folder, after.next_day)
    for path in (out, state):
        shutil.rmtree(path, ignore_errors=True)
    with Folder(out) as told, Folder(state, empty=True) as kept:
        kept.add("mails", ledger)
        for numbers, before in states(folder, setup):
            kept.add("members", _answer_shard(told, world, setup, numbers, before, ledger))
    write_setup(folder, after)
    for past in state.parent.iterdir():  # whoever is killed right here leaves one more
        if past != state:
            shutil.rmtree(past)


def _with_new(folder: Path, setup: Setup, world: World, shown: pl.DataFrame) -> pl.DataFrame:
    """The ledger with the mails that came for this day, or late for one before."""
    known = known_mails(folder, setup)
    today = date.fromisoformat(setup.next_day)
    came = shown.with_columns(number=pl.Series(number_of(shown["member_id"])))
    ours = came.filter(pl.col("run_date") <= today, pl.col("number") < setup.members)
    new = ours.join(known, on="message", how="anti").unique("message", keep="first").sort("number", "message")
    if not new.height:
        return known
    numbers, day = new["number"].to_numpy(), day_number(today)
    who, state = members(world.draws, numbers), state_at(folder, setup, numbers)
    seen = _seen(folder, new)
    before = book.mails_before(known, new["number"], day)
    return pl.concat([known, book.entries(world, who, state, day, new, before, seen)])


def _seen(folder: Path, mails: pl.DataFrame) -> Flags:
    """Which of the titles that mails show [mails × places] their readers have played."""
    place = pl.int_range(pl.len()).over("row")
    asked = mails.with_row_index("row").select("row", "member_id", title_id="titles").explode("title_id")
    placed = asked.with_columns(place=place).filter(pl.col("title_id").is_not_null(), pl.col("place") < C.places)
    paths = [folder / "start" / "plays.parquet", *(folder / "days").glob("*/plays.parquet")]
    readers = placed["member_id"].unique().implode()  # a filter is pushed into the scan, which a join is not
    played = pl.concat([_played(path, readers) for path in paths])
    found = placed.join(played, on=["member_id", "title_id"], how="semi")
    seen = np.zeros((mails.height, C.places), dtype=bool)
    seen[found["row"].to_numpy(), found["place"].to_numpy()] = True
    return seen


def _played(path: Path, readers: pl.Series) -> pl.DataFrame:
    """member_id and title_id of what these members played, by a file of plays."""
    with readable(path):
        plays = pl.scan_parquet(path).select("member_id", "title_id")
        return plays.filter(pl.col("member_id").is_in(readers)).unique().collect()


def _answer_shard(
    told: Folder, world: World, setup: Setup, numbers: Ints, before: State, ledger: pl.DataFrame
) -> pl.DataFrame:
    """Write what the members' day brought; returns their state at its end."""
    who, ids = _shard(world.draws, int(numbers[0]), len(numbers))
    day = day_number(date.fromisoformat(setup.next_day))
    lived = life.live(world, who, before, day, book.acting(ledger, numbers, day))
    files.add_plays(told, world, who, lived.plays, ids)
    files.add_outcomes(told, [lived], ids)
    if len(lived.cancelled):
        start = day_number(date.fromisoformat(setup.start))
        files.add_members(told, world, who.take(lived.cancelled), lived.state.take(lived.cancelled), start)
    return life.state_frame(who, lived.state)


@lru_cache(maxsize=1)
def _shard(draws: Draws, first: int, count: int) -> tuple[Members, pl.Series]:
    """Who the members of a shard are, and their ids; kept for its next day, since neither ever changes."""
    numbers = np.arange(first, first + count)
    return members(draws, numbers), member_id(numbers)
