import csv
import random
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.errors import RefusedFile
from campaigns.intake import import_folder
from scoring.lake.store import Lake
from scoring.lake.writer import Counts

NOW = datetime(2026, 1, 1, tzinfo=UTC)

MEMBERS = """member_id,email,given_name,country,language,timezone,plan,signed_up_at,favourite_genres,email_consent
m1,ana@lumen.test,Ana,BR,pt-BR,America/Sao_Paulo,premium,2020-01-01T09:00:00Z,Drama|Crime,true
m2,bob@lumen.test,Bob,US,en,America/New_York,free,2021-02-03,,
"""
GOOD = {
    "members": MEMBERS,
    "titles": "title_id,name,kind,genres,countries,added_at,minutes\nt1,Heat,film,Crime|Drama,BR|US,2019-01-01,170\n",
    "title_names": "title_id,language,name\nt1,pt-br,Fogo contra Fogo\n",
    "artworks": "artwork_id,title_id,url,alt,style\na1,t1,https://art.lumen.test/a1.png,Two men,faces\n",
    "plays": "member_id,title_id,played_at,minutes\nm1,t1,2022-05-05T20:00:00-03:00,31.5\nm2,t1,2022-05-05T20:00:00,\n",
    "outcomes": "member_id,kind,at\nm1,resubscribed,2023-01-01\n",
    "mailings": "member_id,campaign,run_date,arm,propensity,sent_at\nm1,spring,2023-04-01,mailed,.9,2023-04-01\n",
}
BAD_CELLS = [
    ("members", "member_id", "", "text of one line, of at most 200 characters (required)"),
    ("members", "member_id", "m\x001", "text of one line, of at most 200 characters (required)"),
    ("members", "member_id", "m" * 201, "text of one line, of at most 200 characters (required)"),
    ("members", "email", "ana@lumen", "one email address"),
    ("members", "email", "a@x.test;b@x.test", "one email address"),
    ("members", "email", "añá@lumen.test", "one email address"),
    ("members", "email", "a" * 250 + "@x.test", "one email address"),
    ("members", "given_name", "Ana\nBcc: all@x.test", "text of one line"),
    ("members", "country", "UK", "a country of ISO 3166 such as BR"),
    ("members", "language", "english", "a language tag such as pt-BR"),
    ("members", "timezone", "Mars/Olympus", "a time zone such as America/Sao_Paulo"),
    ("members", "signed_up_at", "", "a time such as 2026-12-01T09:30:00Z (required)"),
    ("members", "signed_up_at", "2021-02-30", "a time such as 2026-12-01T09:30:00Z (required)"),
    ("members", "signed_up_at", "03/02/2021", "a time such as 2026-12-01T09:30:00Z (required)"),
    ("members", "email_consent", "maybe", "true or false"),
    ("titles", "countries", "BR|Narnia", "countries of ISO 3166 joined with | such as BR|PT"),
    ("titles", "minutes", "inf", "a finite number"),
    ("titles", "minutes", "two", "a finite number"),
    ("artworks", "url", "javascript:alert(1)", "an address that begins with https:// or http:// (required)"),
    ("artworks", "alt", "", "text of one line (required)"),
    ("plays", "played_at", "yesterday", "a time such as 2026-12-01T09:30:00Z (required)"),
    ("mailings", "propensity", "1", "a number between 0 and 1, both excluded (required)"),
    ("mailings", "arm", "control", "mailed or holdout (required)"),
    ("mailings", "run_date", "2023-04-31", "a date such as 2026-12-01 (required)"),
]


class Contacts(dict):
    """Keeps contacts by member, as the state does."""

    def __call__(self, frame):
        rows = {row["member_id"]: row for row in frame.to_dicts()}
        new = sum(member not in self for member in rows)
        changed = sum(member in self and self[member] != row for member, row in rows.items())
        self.update(rows)
        return Counts(new, changed)


class House:
    """A home with a lake and contacts, into which folders are imported."""

    def __init__(self, home):
        self.home, self.inbox = home, home / "inbox"
        self.lake, self.contacts, self.quarantine = Lake(home / "lake"), Contacts(), home / "quarantine"
        self.inbox.mkdir(parents=True)

    def write(self, name, content):
        (self.inbox / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    def take(self, as_of=NOW, folder=None):
        told = import_folder(
            folder or self.inbox, lake=self.lake, contacts=self.contacts, as_of=as_of, quarantine=self.quarantine
        )
        return {report.file: report for report in told.files}

    def rows(self, table):
        return self.lake.scan(table).collect()

    def set_aside(self):
        paths = sorted(self.quarantine.glob("*.csv"))
        return [row for path in paths for row in csv.DictReader(path.open(newline=""))]


@pytest.fixture
def house(tmp_path):
    return House(tmp_path / "home")


@pytest.fixture
def full(house):
    for table, text in GOOD.items():
        house.write(f"{table}.csv", text)
    return house


def with_row(table, **cells):
    """The table's good file and one row more: its first, with other cells and another id."""
    reader = csv.DictReader(GOOD[table].splitlines())
    first = next(reader)
    own = {name: f"other-{first[name]}" for name in reader.fieldnames[:1]}
    values = (first | own | cells).values()
    return GOOD[table] + ",".join('"' + value.replace('"', '""') + '"' for value in values) + "\n"


def test_every_file_of_the_contract_is_taken(full):
    reports = full.take()
    assert {name: (one.rows, one.new, one.set_aside, one.refused) for name, one in reports.items()} == {
        f"{table}.csv": (text.count("\n") - 1, text.count("\n") - 1, 0, "") for table, text in GOOD.items()
    }
    assert full.rows("plays").sort("member_id")["played_at"].to_list() == [
        datetime(2022, 5, 5, 23, tzinfo=UTC),
        datetime(2022, 5, 5, 20, tzinfo=UTC),
    ]
    assert full.rows("titles")["countries"].to_list() == [["BR", "US"]]
    assert full.rows("title_names")["language"].to_list() == ["pt-BR"]


def test_addresses_and_consent_go_to_the_contacts_alone(full):
    full.take()
    assert full.contacts["m1"]["email"] == "ana@lumen.test"
    assert [full.contacts[member]["email_consent"] for member in ("m1", "m2")] == [True, False]
    assert "email" not in full.rows("members").columns


def test_a_second_import_changes_nothing(full):
    full.take()
    version = full.lake.version()
    reports = full.take(as_of=NOW + timedelta(days=9))
    assert all(one.unchanged == one.rows and one.new == one.changed == 0 for one in reports.values())
    assert full.lake.version() == version


def test_a_changed_row_wins_by_its_key(full):
    full.take()
    full.write("members.csv", MEMBERS.replace("free", "standard"))
    full.write("plays.csv", GOOD["plays"].replace("31.5", "90"))
    reports = full.take(as_of=NOW + timedelta(days=9))
    assert [reports[f"{table}.csv"].changed for table in ("members", "plays")] == [1, 1]
    assert full.lake.at("members", NOW + timedelta(days=10)).collect().sort("member_id")["plan"].to_list() == [
        "premium",
        "standard",
    ]
    assert full.rows("plays")["minutes"].drop_nulls().to_list() == [90.0]


def test_a_changed_address_counts_as_a_changed_member(full):
    full.take()
    full.write("members.csv", MEMBERS.replace("bob@", "robert@"))
    assert full.take()["members.csv"].changed == 1


@pytest.mark.parametrize(("table", "column", "value", "expected"), BAD_CELLS)
def test_a_bad_cell_costs_its_row_and_is_named(house, table, column, value, expected):
    house.write(f"{table}.csv", with_row(table, **{column: value}))
    good = GOOD[table].count("\n") - 1
    report = house.take()[f"{table}.csv"]
    assert (report.rows, report.new, report.set_aside) == (good + 1, good, 1)
    (fault,) = report.examples
    assert fault.args == (f"{table}.csv", good + 2, column, value, expected)
    (kept,) = house.set_aside()
    assert (kept["file"], kept["row"], kept["column"], kept["value"]) == (f"{table}.csv", str(good + 2), column, value)
    assert kept["expected"] == expected


def test_a_row_set_aside_is_kept_whole(house):
    house.write("members.csv", with_row("members", country="XX"))
    house.take()
    (kept,) = house.set_aside()
    assert [kept[name] for name in ("member_id", "email", "country", "favourite_genres")] == [
        "other-m1",
        "ana@lumen.test",
        "XX",
        "Drama|Crime",
    ]


def test_the_same_bad_file_leaves_one_copy_that_only_its_owner_reads(house):
    house.write("members.csv", with_row("members", country="XX"))
    reports = [house.take()["members.csv"] for _ in range(3)]
    (path,) = house.quarantine.glob("*.csv")
    assert {report.quarantine for report in reports} == {path}
    assert path.name.startswith("members-")
    assert path.stat().st_mode & 0o777 == 0o600
    assert house.quarantine.stat().st_mode & 0o777 == 0o700


def test_other_bad_rows_are_kept_beside_the_earlier_ones(house):
    for country in ("XX", "YY"):
        house.write("members.csv", with_row("members", country=country))
        house.take()
    assert [row["value"] for row in house.set_aside()] in (["XX", "YY"], ["YY", "XX"])


def test_the_same_id_with_other_values_is_set_aside_naming_the_row_that_has_it(house):
    house.write("members.csv", MEMBERS + MEMBERS.splitlines()[1].replace("premium", "free") + "\n")
    report = house.take()["members.csv"]
    assert (report.rows, report.new, report.set_aside) == (3, 2, 1)
    assert report.examples[0].args == (
        "members.csv", 4, "member_id", "m1", "member_id of its own (row 2 has it with other values)",
    )  # fmt: skip
    assert house.rows("members").sort("member_id")["plan"].to_list() == ["premium", "free"]


def test_the_same_id_with_another_address_is_set_aside(house):
    house.write("members.csv", MEMBERS + MEMBERS.splitlines()[1].replace("ana@", "eva@") + "\n")
    assert house.take()["members.csv"].set_aside == 1
    assert house.contacts["m1"]["email"] == "ana@lumen.test"


def test_exact_repeats_fall_away(house):
    house.write("members.csv", MEMBERS + "\n".join(MEMBERS.splitlines()[1:]) + "\n")
    report = house.take()["members.csv"]
    assert (report.rows, report.new, report.unchanged, report.set_aside) == (4, 2, 2, 0)


def test_a_play_told_twice_with_other_minutes_is_set_aside(house):
    house.write("plays.csv", GOOD["plays"] + GOOD["plays"].splitlines()[1].replace("31.5", "5") + "\n")
    assert house.take()["plays.csv"].set_aside == 1
    assert house.set_aside()[0]["value"] == "m1, t1, 2022-05-05T23:00:00Z"


def test_rows_with_too_few_cells_odd_bytes_and_open_quotes_cost_themselves_alone(house):
    lines = GOOD["plays"].encode().splitlines()
    lines[1:1] = [b"m1,t1", b"m\xff,t1,2022-01-01,1", b'm1,"t1,2022-01-01,1', b""]
    house.write("plays.csv", b"\n".join(lines))
    report = house.take()["plays.csv"]
    assert (report.rows, report.new, report.set_aside) == (5, 2, 3)
    assert [(fault.row, fault.column, fault.expected) for fault in report.examples] == [
        (2, "(row)", "4 cells, as in the header"),
        (3, "member_id", "text in UTF-8"),
        (4, "(row)", "a row of CSV, its quotes closed"),
    ]


def test_columns_may_come_in_any_order_with_others_among_them(house):
    house.write("outcomes.csv", "at,note,kind,member_id\n2023-01-01,hello,resubscribed,m1\n")
    report = house.take()["outcomes.csv"]
    assert (report.new, report.ignored_columns) == (1, ("note",))


def test_excel_s_mark_and_line_ends_are_fine(house):
    house.write("members.csv", b"\xef\xbb\xbf" + MEMBERS.replace("\n", "\r\n").encode())
    assert house.take()["members.csv"].new == 2


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty; its first line must name the columns"),
        (b"\n\n", "is empty; its first line must name the columns"),
        (b"member_id,email\nm1,a@x.test\n", "has no column signed_up_at; it must have member_id, signed_up_at"),
        (MEMBERS.encode("utf-16"), "is not CSV in UTF-8; write it as that"),
        (MEMBERS.replace("email,", "member_id,", 1).encode(), "names the column member_id twice; keep one"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole_and_the_others_go_on(full, content, why):
    full.write("members.csv", content)
    reports = full.take()
    assert reports["members.csv"].refused == why
    assert full.lake.is_empty("members")
    assert not full.contacts
    assert reports["plays.csv"].new == 2


def test_a_folder_in_a_file_s_place_is_refused(full):
    (full.inbox / "members.csv").unlink()
    (full.inbox / "members.csv").mkdir()
    assert full.take()["members.csv"].refused.startswith("is not a file")


def test_what_is_no_parquet_is_refused(house):
    house.write("plays.parquet", b"PAR1 not really")
    assert house.take()["plays.parquet"].refused.startswith("is not Parquet that can be read")


def test_a_file_with_a_header_alone_is_taken(house):
    house.write("plays.csv", "member_id,title_id,played_at\n")
    assert house.take()["plays.csv"][1:6] == (0, 0, 0, 0, 0)


def test_two_forms_of_one_table_are_refused(full):
    full.write("plays.parquet", b"")
    assert (
        full.take()["plays"].refused == "there are plays.csv and plays.parquet, and they may differ; keep one of them"
    )
    assert full.lake.is_empty("plays")


def test_a_folder_without_any_of_the_files_is_refused(house):
    house.write("readme.txt", "hello")
    with pytest.raises(RefusedFile, match=r"holds none of members\.csv, members\.parquet"):
        house.take()


def test_a_folder_that_is_not_there_is_refused(house):
    with pytest.raises(RefusedFile, match="is not a folder"):
        house.take(folder=house.home / "nowhere")


def test_parquet_gives_what_csv_gives(full, tmp_path):
    full.take()
    other = House(tmp_path / "other")
    for table in GOOD:
        frame = pl.read_csv(full.inbox / f"{table}.csv", try_parse_dates=True)
        frame.write_parquet(other.inbox / f"{table}.parquet")
    other.take()
    for table in GOOD:
        assert sorted(map(str, other.rows(table).rows())) == sorted(map(str, full.rows(table).rows()))
    assert other.contacts == full.contacts


ROW = st.tuples(
    st.sampled_from(["m1", "m2", "m3", ""]),
    st.sampled_from(["t1", "t2"]),
    st.sampled_from(["2022-01-01", "2022-01-02T00:00:00Z", "2022-01-02T01:00:00+01:00", "never"]),
    st.sampled_from(["5", "", "x"]),
)


@settings(max_examples=12, deadline=None)
@given(rows=st.lists(ROW, min_size=1, max_size=12), seed=st.integers(0, 99), cut=st.integers(0, 12))
def test_any_order_and_split_of_the_same_rows_gives_the_same_lake(tmp_path_factory, rows, seed, cut):
    distinct = list(
        {(member, title, at[:10]): (member, title, at, minutes) for member, title, at, minutes in rows}.values()
    )
    shuffled = random.Random(seed).sample(distinct, len(distinct))
    told = []
    for parts in ([distinct], [shuffled[:cut], shuffled[cut:], shuffled[:cut]]):
        house = House(tmp_path_factory.mktemp("house") / "home")
        for part in parts:
            lines = ["member_id,title_id,played_at,minutes", *(",".join(row) for row in part)]
            house.write("plays.csv", "\n".join(lines))
            house.take()
        told.append(sorted(map(str, house.rows("plays").rows())))
    assert told[0] == told[1]


IN_LITTLE_ROOM = """
import resource, signal, sys
from datetime import datetime, UTC
from pathlib import Path
from campaigns.errors import Unavailable
from campaigns.intake import import_folder
from scoring.lake.store import Lake
home = Path(sys.argv[1])
lake = Lake(home / "lake")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    as_of, quarantine = datetime(2026, 1, 1, tzinfo=UTC), home / "quarantine"
    import_folder(home / "inbox", lake=lake, contacts=None, as_of=as_of, quarantine=quarantine)
except Unavailable as error:
    print(error)
"""


def many_plays(count):
    at = pl.Series(range(count)).cast(pl.Int64) * 1_000_000 + 1_600_000_000_000_000
    return pl.DataFrame({"member_id": [f"m{n * 7919 % 10007}" for n in range(count)], "title_id": "t"}).with_columns(
        played_at=at.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    )


@pytest.mark.parametrize("room", [300_000, 600_000])
def test_a_full_disk_leaves_nothing_and_a_later_import_completes(house, room):
    many_plays(250_000).write_parquet(house.inbox / "plays.parquet")
    command = [sys.executable, "-c", IN_LITTLE_ROOM, str(house.home), str(room)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "see that there is room to write, and import again" in told
    assert house.lake.is_empty("plays")
    assert not list(house.quarantine.glob(".import-*"))
    assert not list((house.home / "lake" / "plays").glob("part-*"))
    assert house.take()["plays.parquet"].new == 250_000


def test_an_import_that_is_killed_leaves_nothing_half_taken_and_a_later_one_completes(house):
    many_plays(200_000).write_parquet(house.inbox / "plays.parquet")
    process = subprocess.Popen([sys.executable, "-c", IN_LITTLE_ROOM, str(house.home), str(1 << 30)])
    while not list(house.quarantine.glob(".import-*/plays*")) and process.poll() is None:
        pass
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert house.rows("plays").height in (0, 200_000)
    report = house.take()["plays.parquet"]
    assert report.new + report.unchanged == 200_000
    assert house.rows("plays").height == 200_000
    assert not list(Path(house.quarantine).glob(".import-*"))
