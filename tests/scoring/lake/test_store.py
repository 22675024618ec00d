import json
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.contracts import ARTWORKS, IMPORT, MEMBERS, OUTCOMES, PLAYS, TITLE_NAMES, TITLES
from scoring.errors import BadData
from scoring.lake import writer
from scoring.lake.store import Lake
from scoring.lake.writer import Counts

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)

WRITES_FOR_EVER = """
import sys
from datetime import datetime, timedelta, UTC
from pathlib import Path
import polars as pl
from scoring.contracts import PLAYS
from scoring.lake.store import Lake
lake, first = Lake(Path(sys.argv[1])), int(sys.argv[2])
for number in range(first, first + int(sys.argv[3])):
    at = [datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=number)] * 100
    members = [f"m{one}" for one in range(100)]
    lake.put(PLAYS, pl.DataFrame({"member_id": members, "title_id": "t", "played_at": at}), as_of=at[0])
    print(number, flush=True)
"""


@pytest.fixture
def lake(tmp_path):
    return Lake(tmp_path / "lake")


def plays(*rows):
    columns = ["member_id", "title_id", "played_at", "minutes"]
    schema = {
        "member_id": pl.String,
        "title_id": pl.String,
        "played_at": pl.Datetime("us", "UTC"),
        "minutes": pl.Float64,
    }
    return pl.DataFrame([dict(zip(columns, row, strict=False)) for row in rows], schema=schema)


def members(plan, *, joined=datetime(2020, 1, 1, tzinfo=UTC)):
    return pl.DataFrame({"member_id": ["m1"], "plan": [plan], "signed_up_at": [joined], "email": ["m1@lumen.test"]})


def titles(name, *, added=None):
    return pl.DataFrame({"title_id": ["t1"], "name": [name], "added_at": [added]})


def plan_at(lake, when):
    return lake.at("members", when).collect()["plan"].to_list()


def told(lake, table):
    frame = lake.scan(table).collect()
    return sorted(map(str, frame.rows()))


@pytest.mark.parametrize("table", [table.name for table in IMPORT])
def test_an_empty_table_has_its_columns_and_types(lake, table):
    frame = lake.scan(table).collect()
    assert frame.is_empty()
    assert lake.is_empty(table)
    assert duckdb.sql(f"SELECT * FROM read_parquet({lake.files(table)})").columns == frame.columns


def test_times_are_utc_in_microseconds_and_lists_lists_of_text(lake):
    lake.put(TITLES, titles("Heat", added=NOW).with_columns(genres=["Crime", "Drama"]), as_of=NOW)
    schema = lake.scan("titles").collect_schema()
    assert schema["added_at"] == pl.Datetime("us", "UTC")
    assert schema["genres"] == pl.List(pl.String)
    assert lake.scan("titles").select("genres", "tags").collect().row(0) == (["Crime", "Drama"], [])


def test_what_is_personal_stays_out_of_the_lake(lake):
    lake.put(MEMBERS, members("free"), as_of=NOW)
    private = {"email", "given_name", "email_consent", "email_consent_at", "email_consent_expires_at", "pixel_consent"}
    assert not private & set(lake.scan("members").collect_schema().names())


def test_only_the_owner_may_enter(lake):
    folders = [lake.folder, *(path for path in lake.folder.iterdir() if path.is_dir())]
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}


def test_duckdb_and_polars_read_the_same(lake):
    lake.put(PLAYS, plays(("m1", "t1", NOW, 5), ("m2", "t1", NOW, None)), as_of=NOW)
    query = f"SELECT member_id, minutes FROM read_parquet({lake.files('plays')}) ORDER BY 1"
    assert (
        duckdb.sql(query).fetchall()
        == lake.scan("plays").sort("member_id").select("member_id", "minutes").collect().rows()
    )


def test_plays_are_a_set_by_member_title_and_time(lake):
    rows = plays(("m1", "t1", NOW), ("m1", "t1", NOW + DAY), ("m1", "t2", NOW))
    assert lake.put(PLAYS, rows, as_of=NOW) == Counts(new=3)
    version = lake.version()
    assert lake.put(PLAYS, rows, as_of=NOW + DAY) == Counts()
    assert lake.version() == version
    assert lake.put(PLAYS, plays(("m1", "t1", NOW), ("m9", "t1", NOW)), as_of=NOW) == Counts(new=1)
    assert lake.version() != version
    assert lake.scan("plays").collect().height == 4


def test_a_changed_play_replaces_the_one_with_its_key(lake):
    lake.put(PLAYS, plays(("m1", "t1", NOW, 5), ("m2", "t1", NOW, 7)), as_of=NOW)
    assert lake.put(PLAYS, plays(("m1", "t1", NOW, 50)), as_of=NOW) == Counts(changed=1)
    rows = lake.scan("plays").sort("member_id").select("member_id", "minutes").collect().rows()
    assert rows == [("m1", 50.0), ("m2", 7.0)]


def test_of_a_frame_s_rows_with_one_key_the_last_counts(lake):
    assert lake.put(PLAYS, plays(("m1", "t1", NOW, 5), ("m1", "t1", NOW, 6)), as_of=NOW) == Counts(new=1)
    assert lake.scan("plays").collect()["minutes"].to_list() == [6.0]


def test_a_table_that_is_all_key_knows_its_rows(lake):
    comeback = pl.DataFrame({"member_id": ["m1"], "kind": ["resubscribed"], "at": [NOW]})
    assert lake.put(OUTCOMES, comeback, as_of=NOW) == Counts(new=1)
    assert lake.put(OUTCOMES, comeback, as_of=NOW) == Counts()


def test_the_first_version_holds_from_sign_up_and_later_ones_from_the_import(lake):
    lake.put(MEMBERS, members("free"), as_of=NOW)
    assert lake.put(MEMBERS, members("free"), as_of=NOW + DAY) == Counts()
    assert lake.put(MEMBERS, members("premium"), as_of=NOW + 9 * DAY) == Counts(changed=1)
    assert plan_at(lake, datetime(2019, 1, 1, tzinfo=UTC)) == []
    assert plan_at(lake, datetime(2020, 6, 1, tzinfo=UTC)) == ["free"]
    assert plan_at(lake, NOW + 8 * DAY) == ["free"]
    assert plan_at(lake, NOW + 10 * DAY) == ["premium"]


def test_a_day_knows_what_was_imported_as_of_its_start_but_nobody_who_signs_up_then(lake):
    lake.put(MEMBERS, members("free", joined=NOW), as_of=NOW)
    assert plan_at(lake, NOW) == []
    lake.put(MEMBERS, members("premium", joined=NOW), as_of=NOW + 9 * DAY)
    assert plan_at(lake, NOW + 9 * DAY) == ["premium"]


def test_without_a_date_of_its_own_a_first_version_holds_from_the_beginning(lake):
    lake.put(TITLES, titles("Heat"), as_of=NOW)
    lake.put(TITLE_NAMES, pl.DataFrame({"title_id": ["t1"], "language": ["pt"], "name": ["Fogo"]}), as_of=NOW)
    art = {"artwork_id": ["a1"], "title_id": ["t1"], "url": ["https://x.test/a"], "alt": ["Heat"]}
    lake.put(ARTWORKS, pl.DataFrame(art), as_of=NOW)
    for table in ("titles", "title_names", "artworks"):
        assert lake.at(table, datetime(1980, 1, 1, tzinfo=UTC)).collect().height == 1


def test_a_version_imported_late_holds_until_the_one_that_came_after_it(lake):
    lake.put(MEMBERS, members("free"), as_of=NOW)
    lake.put(MEMBERS, members("premium"), as_of=NOW + 20 * DAY)
    assert lake.put(MEMBERS, members("standard"), as_of=NOW + 10 * DAY) == Counts(changed=1)
    days = (5, 15, 25)
    assert [plan_at(lake, NOW + day * DAY) for day in days] == [["free"], ["standard"], ["premium"]]


def test_a_correction_of_what_is_not_there_yet_replaces_it(lake):
    lake.put(TITLES, titles("Haet", added=NOW + 30 * DAY), as_of=NOW)
    lake.put(TITLES, titles("Heat", added=NOW + 30 * DAY), as_of=NOW + DAY)
    assert lake.at("titles", NOW + 10 * DAY).collect().is_empty()
    assert lake.at("titles", NOW + 40 * DAY).collect()["name"].to_list() == ["Heat"]


def test_of_two_imports_of_one_moment_the_later_wins(lake):
    for plan in ("free", "standard", "premium"):
        lake.put(MEMBERS, members(plan), as_of=NOW)
    assert plan_at(lake, NOW + DAY) == ["premium"]


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_any_order_and_split_of_the_same_rows_gives_the_same_lake(tmp_path_factory, data):
    one = st.tuples(st.sampled_from(["m1", "m2"]), st.sampled_from(["t1", "t2"]), st.integers(0, 5), st.integers(0, 3))
    rows = data.draw(st.lists(one, min_size=1, max_size=12, unique_by=lambda row: row[:3]))
    timed = [(member, title, NOW + day * DAY, minutes or None) for member, title, day, minutes in rows]
    shuffled = data.draw(st.permutations(timed))
    cut = data.draw(st.integers(0, len(rows)))
    at_once, in_two = (Lake(tmp_path_factory.mktemp("lake") / name) for name in ("one", "two"))
    at_once.put(PLAYS, plays(*timed), as_of=NOW)
    for part in (shuffled[:cut], shuffled[cut:], shuffled[:cut]):
        in_two.put(PLAYS, plays(*part), as_of=NOW)
    assert told(at_once, "plays") == told(in_two, "plays")


def test_slices_of_time_change_nothing_but_the_files(lake, tmp_path, monkeypatch):
    rows = plays(*((f"m{number % 7}", "t", NOW + number * DAY, number) for number in range(300)))
    lake.put(PLAYS, rows, as_of=NOW)
    monkeypatch.setattr(writer, "SLICE", 40)
    sliced = Lake(tmp_path / "sliced")
    assert sliced.put(PLAYS, rows, as_of=NOW) == Counts(new=300)
    assert sliced.put(PLAYS, rows.with_columns(minutes=1.0), as_of=NOW) == Counts(changed=299)
    assert sliced.put(PLAYS, rows, as_of=NOW) == Counts(changed=299)
    assert len(sliced.files("plays")) > 3
    assert told(sliced, "plays") == told(lake, "plays")


def test_small_parts_are_merged_and_readers_keep_the_files_they_had(lake):
    held = None
    for number in range(writer.MANY + 5):
        lake.put(PLAYS, plays(("m1", "t1", NOW + number * DAY)), as_of=NOW)
        held = held or lake.files("plays")
    assert len(lake.files("plays")) < 10
    assert lake.scan("plays").collect()["played_at"].n_unique() == writer.MANY + 5
    assert pl.read_parquet(held).height == 1


def test_replaced_files_go_after_a_day(lake):
    lake.put(PLAYS, plays(("m1", "t1", NOW, 5)), as_of=NOW)
    old = lake.files("plays")[0]
    lake.put(PLAYS, plays(("m1", "t1", NOW, 6)), as_of=NOW)
    assert Path(old).exists()
    manifest = lake.folder / "manifest.json"
    aged = json.loads(manifest.read_text())
    aged["retired"] = {file: at - 25 * 3600 for file, at in aged["retired"].items()}
    manifest.write_text(json.dumps(aged))
    lake.put(PLAYS, plays(("m2", "t1", NOW, 6)), as_of=NOW)
    assert not Path(old).exists()


def test_rows_are_appended_as_they_are_and_a_named_part_is_replaced(lake):
    decisions = pl.DataFrame({"member_id": ["m1"], "propensity": [0.5]})
    lake.append("decisions", decisions, part="run-1")
    lake.append("decisions", decisions.with_columns(propensity=0.25), part="run-1")
    lake.append("decisions", decisions, part="run-2")
    lake.append("decisions", decisions)
    lake.append("decisions", decisions)
    assert sorted(lake.scan("decisions").collect()["propensity"]) == [0.25, 0.5, 0.5, 0.5]


def test_a_frame_with_other_columns_is_refused_by_name(lake):
    lake.append("decisions", pl.DataFrame({"member_id": ["m1"]}))
    with pytest.raises(BadData, match="decisions has the columns member_id"):
        lake.append("decisions", pl.DataFrame({"member": ["m1"]}))


def test_a_table_that_nobody_wrote_is_refused_by_name(lake):
    with pytest.raises(BadData, match="scores"):
        lake.scan("scores")


def test_erasing_a_member_takes_out_every_row_of_theirs(lake):
    lake.put(PLAYS, plays(("m'1", "t1", NOW), ("m'1", "t2", NOW), ("m2", "t1", NOW)), as_of=NOW)
    assert lake.erase("plays", "member_id", "m'1") == 2
    assert lake.scan("plays").collect()["member_id"].to_list() == ["m2"]
    assert lake.erase("plays", "member_id", "m'1") == 0


def writing(folder, first, count):
    command = [sys.executable, "-c", WRITES_FOR_EVER, str(folder), str(first), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_a_writer_that_is_killed_leaves_whole_writes_and_the_next_one_sweeps(lake):
    process = writing(lake.folder, 0, 10_000)
    for _ in range(3):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.wait()
    stray = lake.folder / "plays" / "part-dead.parquet.new"
    stray.write_bytes(b"half")
    written = lake.scan("plays").collect()
    assert written.height >= 300
    assert set(written.group_by("played_at").len()["len"]) == {100}
    lake.put(PLAYS, plays(("m1", "t1", NOW)), as_of=NOW)
    assert lake.scan("plays").collect().height == written.height + 1
    live = {Path(file).name for file in lake.files("plays")} | set(
        json.loads((lake.folder / "manifest.json").read_text())["retired"]
    )
    assert {path.name for path in (lake.folder / "plays").glob("part-*")} == live
    assert not list(lake.folder.glob(".spill-*"))


def test_two_writers_at_once_take_turns_and_lose_nothing(lake):
    processes = [writing(lake.folder, 0, 8), writing(lake.folder, 4, 8)]
    assert [process.wait() for process in processes] == [0, 0]
    for process in processes:
        process.stdout.close()
    assert lake.scan("plays").collect().height == 12 * 100
