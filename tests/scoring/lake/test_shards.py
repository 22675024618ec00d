"""Members in shards that fit in memory."""

from datetime import UTC, datetime

import polars as pl
import pytest

from scoring.contracts import MEMBERS
from scoring.lake import shards as cut
from scoring.lake.schema import file_schema
from scoring.lake.shards import members_of_shard, shards
from scoring.lake.store import Lake

AT = datetime(2026, 6, 1, tzinfo=UTC)


def put(lake, *members):
    told = [{"member_id": member, "signed_up_at": AT} for member in members]
    lake.put(MEMBERS, pl.DataFrame(told, schema=file_schema(MEMBERS)), as_of=AT)


@pytest.fixture
def lake(tmp_path):
    made = Lake(tmp_path / "lake")
    put(made, *(f"m:{n}" for n in range(60)))
    return made


def test_a_members_shard_does_not_depend_on_who_else_there_is(lake):
    before = {n: set(members_of_shard(lake, n, 4)) for n in range(4)}
    put(lake, *(f"new{n}" for n in range(40)))
    after = {n: set(members_of_shard(lake, n, 4)) for n in range(4)}
    assert all(before[n] <= after[n] for n in range(4))
    assert sum(map(len, after.values())) == 100


def test_there_are_as_many_shards_as_members_ask_for(lake, monkeypatch, tmp_path):
    assert shards(lake) == 1
    monkeypatch.setattr(cut, "SHARD", 25)
    assert shards(lake) == 3
    assert shards(Lake(tmp_path / "empty")) == 1
    assert members_of_shard(Lake(tmp_path / "empty"), 0, 1).is_empty()
