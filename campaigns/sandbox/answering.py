"""A day answered by files: what its mails do is settled first, then the members live it, shard by shard."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from campaigns.sandbox import files, life
from campaigns.sandbox import ledger as book
from campaigns.sandbox.building import Setup, day_number, read_ledger, shards, state_folder, write_setup
from campaigns.sandbox.constants import CONSTANTS as C
from campaigns.sandbox.draws import Flags, Ints
from campaigns.sandbox.files import Folder
from campaigns.sandbox.life import State, World
from campaigns.sandbox.members import member_id, members, number_of


def answer(folder: Path, setup: Setup, world: World, shown: pl.DataFrame) -> Setup:
    """Live the next day and return the setup of the day after.

    `shown` (`letters.SHOWN`) may hold mails of other days: those of later days wait, those known already are left out.
    Cut short, the day is lived again from its beginning, with the same outcome.
    """
    today = date.fromisoformat(setup.next_day)
    after = replace(setup, next_day=(today + timedelta(days=1)).isoformat())
    ledger = _with_new(folder, setup, world, shown)
    out, state = folder / "days" / setup.next_day, state_folder(folder, after.next_day)
    for path in (out, state):
        shutil.rmtree(path, ignore_errors=True)
    with Folder(out) as told, Folder(state) as kept:
        kept.add("mails", ledger)
        for numbers, before in states(folder, setup):
            kept.add("members", _answer_shard(told, world, setup, numbers, before, ledger))
    write_setup(folder, after)
    shutil.rmtree(state_folder(folder, setup.next_day))
    return after


def states(folder: Path, setup: Setup) -> Iterator[tuple[Ints, State]]:
    """The members' state as the next day begins, shard by shard."""
    return ((numbers, state_at(folder, setup, numbers)) for numbers in shards(setup.members))


def state_at(folder: Path, setup: Setup, numbers: Ints) -> State:
    """The state of these members as the next day begins, in the order of `numbers`."""
    kept = pl.scan_parquet(state_folder(folder, setup.next_day) / "members.parquet")
    wanted = pl.DataFrame({"number": numbers})
    if len(numbers) and len(numbers) == numbers[-1] - numbers[0] + 1:
        return life.state_of(kept.slice(int(numbers[0]), len(numbers)).collect())
    found = kept.join(wanted.lazy().unique(), on="number", how="semi").collect()
    return life.state_of(wanted.join(found, on="number", how="left", maintain_order="left"))


def _with_new(folder: Path, setup: Setup, world: World, shown: pl.DataFrame) -> pl.DataFrame:
    """The ledger with the mails that came for this day, or late for one before."""
    known = read_ledger(folder, setup.next_day)
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
    played = pl.scan_parquet(paths).select("member_id", "title_id")
    theirs = played.join(placed.lazy().select("member_id").unique(), on="member_id", how="semi").unique().collect()
    found = placed.join(theirs, on=["member_id", "title_id"], how="semi")
    seen = np.zeros((mails.height, C.places), dtype=bool)
    seen[found["row"].to_numpy(), found["place"].to_numpy()] = True
    return seen


def _answer_shard(
    told: Folder, world: World, setup: Setup, numbers: Ints, before: State, ledger: pl.DataFrame
) -> pl.DataFrame:
    """Write what the members' day brought; returns their state at its end."""
    who, ids = members(world.draws, numbers), member_id(numbers)
    day = day_number(date.fromisoformat(setup.next_day))
    lived = life.live(world, who, before, day, book.acting(ledger, numbers, day))
    files.add_plays(told, world, who, lived.plays, ids)
    files.add_outcomes(told, [lived], ids)
    if len(lived.cancelled):
        start = day_number(date.fromisoformat(setup.start))
        files.add_members(told, world, who.take(lived.cancelled), lived.state.take(lived.cancelled), start)
    return life.state_frame(who, lived.state)
