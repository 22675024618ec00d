"""The member snapshot: nothing that happened at or after its moment is in it, however it is computed."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from scoring.contracts import MAILINGS, MEMBERS, OUTCOMES, PLAYS, TITLES
from scoring.lake.schema import file_schema
from scoring.lake.store import Lake
from scoring.winback import snapshot
from scoring.winback.features import FEATURES, NAMES
from scoring.winback.snapshot import MAILS, clocks_of, numbered, snapshot_of, state, write

AT = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)
NO_MAILS = pl.DataFrame(schema=MAILS)
MEMBER_IDS, TITLE_IDS = ("a", "b:日", "c"), ("t1", "t2", "t3")
GENRES = {"t1": ["drama"], "t2": ["drama", "crime"], "t3": []}


def rows(table, *told):
    return pl.DataFrame([dict(row) for row in told], schema=file_schema(table))


class World:
    """A lake to fill."""

    def __init__(self, folder):
        self.lake = Lake(folder)
        self.put(TITLES, *({"title_id": t, "name": t, "genres": g} for t, g in GENRES.items()))

    def put(self, table, *told, as_of=AT - 100 * DAY):
        self.lake.put(table, rows(table, *told), as_of=as_of)
        return self

    def at(self, when=AT, members=MEMBER_IDS, mails=NO_MAILS):
        return snapshot_of(self.lake, pl.DataFrame({"member_id": members, "at": [when] * len(members)}), mails)

    def one(self, member="a", when=AT, mails=NO_MAILS):
        return self.at(when, [member], mails).row(0, named=True)


@pytest.fixture
def world(tmp_path):
    joined = {"a": AT - 400 * DAY, "b:日": AT - 100 * DAY, "c": AT - 5 * DAY}
    made = World(tmp_path / "lake")
    return made.put(MEMBERS, *({"member_id": m, "signed_up_at": when, "plan": "basic"} for m, when in joined.items()))


def play(member, title, ago, minutes=None):
    return {"member_id": member, "title_id": title, "played_at": AT - ago, "minutes": minutes}


# --- what it says ---------------------------------------------------------------------------------------------------


def test_who_has_never_done_anything_has_counts_of_nothing(world):
    found = world.one()
    zeros = ["plays_7d", "plays_lifetime", "titles_lifetime", "active_days", "minutes_lifetime", "genres_lifetime"]
    assert [found[name] for name in (*zeros, "mails_lifetime", "mails_90d")] == [0.0] * 8
    assert found["days_since_play"] == found["tenure_days"] == 400
    assert [found[name] for name in ("last_play_at", "top_genre", "days_since_cancel", "minutes_a_play")] == [None] * 4
    assert found["cancelled"] is False


def test_every_feature_has_its_column_and_type(world):
    found = world.at()
    assert set(NAMES) <= set(found.columns)
    kinds = {"number": pl.Float64, "category": pl.String}
    assert {f.name: found.schema[f.name] for f in FEATURES} == {f.name: kinds[f.kind] for f in FEATURES}
    assert found["member_id"].to_list() == sorted(MEMBER_IDS)


def test_members_who_had_not_signed_up_are_left_out(world):
    assert world.at(AT - 50 * DAY)["member_id"].to_list() == ["a", "b:日"]
    assert world.at(AT - 100 * DAY)["member_id"].to_list() == ["a"]
    assert world.at(members=["nobody"]).is_empty()


def test_the_same_member_may_be_asked_at_several_moments(world):
    world.put(PLAYS, play("a", "t1", 40 * DAY))
    spine = pl.DataFrame({"member_id": ["a", "a"], "at": [AT - 60 * DAY, AT]})
    found = snapshot_of(world.lake, spine, NO_MAILS)
    assert found.select("at", "plays_lifetime").rows() == [(AT - 60 * DAY, 0), (AT, 1)]


def test_the_last_month_is_the_members_last_month_of_viewing(world):
    world.put(PLAYS, *(play("a", "t1", days * DAY) for days in (300, 250, 229, 221)))
    assert world.one()["last_month_share"] == 0.75
    assert world.one()["plays_30d"] == 0


def test_minutes_are_of_plays_that_tell(world):
    world.put(PLAYS, play("a", "t1", 3 * DAY, 10.0), play("a", "t2", 2 * DAY, 20.0), play("a", "t1", DAY))
    found = world.one()
    assert (found["minutes_lifetime"], found["minutes_a_play"]) == (30, 15)


# --- cancelling -----------------------------------------------------------------------------------------------------


def member(cancelled=None, **changes):
    return {"member_id": "a", "signed_up_at": AT - 400 * DAY, "plan": "basic", "cancelled_at": cancelled} | changes


def cancelled(world, when=AT):
    found = world.one(when=when)
    return found["cancelled"], found["days_since_cancel"]


def test_a_cancelling_counts_from_its_own_time_even_where_it_is_told_of_late(world):
    world.put(MEMBERS, member(AT - 10 * DAY), as_of=AT + 30 * DAY)
    assert cancelled(world) == (True, 10)
    assert cancelled(world, AT - 10 * DAY) == (False, None)
    assert cancelled(world, AT - 9 * DAY) == (True, 1)


def test_a_cancelling_to_come_is_none_yet(world):
    world.put(MEMBERS, member(AT), as_of=AT - 20 * DAY)
    assert cancelled(world) == (False, None)
    assert cancelled(world, AT + DAY) == (True, 1)


def test_a_resubscription_undoes_it(world):
    world.put(MEMBERS, member(AT - 30 * DAY), as_of=AT - 29 * DAY)
    world.put(OUTCOMES, {"member_id": "a", "kind": "resubscribed", "at": AT - 10 * DAY})
    assert cancelled(world) == (False, None)
    assert cancelled(world, AT - 10 * DAY) == (True, 20)


def test_a_later_import_without_it_undoes_it_from_then_on(world):
    world.put(MEMBERS, member(AT - 30 * DAY), as_of=AT - 29 * DAY)
    world.put(MEMBERS, member(None), as_of=AT - 10 * DAY)
    assert cancelled(world) == (False, None)
    assert cancelled(world, AT - 11 * DAY) == (True, 19)


def test_what_was_true_before_it_does_not_undo_it(world):
    world.put(MEMBERS, member(AT - 30 * DAY), as_of=AT + 30 * DAY)  # the version in force at AT says nothing of it
    world.put(MEMBERS, member(None, plan="gold"), as_of=AT - 40 * DAY)
    assert cancelled(world) == (True, 30)


def test_cancelling_again_counts_from_the_second_time(world):
    world.put(MEMBERS, member(AT - 90 * DAY), as_of=AT - 89 * DAY)
    world.put(OUTCOMES, {"member_id": "a", "kind": "resubscribed", "at": AT - 60 * DAY})
    world.put(MEMBERS, member(AT - 20 * DAY), as_of=AT - 19 * DAY)
    assert cancelled(world) == (True, 20)


# --- mails ----------------------------------------------------------------------------------------------------------


def mailing(day, arm="mailed", sent_at=None):
    return {"member_id": "a", "campaign": f"c{day}", "run_date": day, "arm": arm, "propensity": 0.5, "sent_at": sent_at}


def test_mails_of_ours_and_of_another_system_count_and_shadows_do_not(world):
    ours = pl.DataFrame({"member_id": ["a", "a", "c"], "mailed_at": [AT - 100 * DAY, AT, AT - DAY]}, schema=MAILS)
    told = mailing(date(2026, 5, 1)), mailing(date(2026, 5, 2), "holdout"), mailing(date(2026, 6, 1))
    world.put(MAILINGS, *told, mailing(date(2026, 5, 20), sent_at=datetime(2026, 5, 20, 12, tzinfo=UTC)))
    found = world.one(mails=ours)
    assert (found["mails_lifetime"], found["mails_90d"], found["days_since_mail"]) == (3, 2, 11.5)


def test_another_systems_mail_is_never_before_its_day(world):
    early = mailing(date(2026, 6, 1), sent_at=AT - timedelta(hours=5))  # its clock is in another zone
    assert world.put(MAILINGS, early).one()["mails_lifetime"] == 0


# --- point in time --------------------------------------------------------------------------------------------------

TIMES = st.integers(-200 * 24, 60 * 24).map(lambda hours: AT + timedelta(hours=hours))
DAYS = st.integers(-200, 60).map(lambda days: (AT + days * DAY).date())
PLAYED = st.lists(st.tuples(st.sampled_from(MEMBER_IDS), st.sampled_from((*TITLE_IDS, "gone")), TIMES), max_size=12)
CAME = st.lists(st.tuples(st.sampled_from(MEMBER_IDS), TIMES), max_size=4)
ZONES, COUNTRIES = st.sampled_from(["Asia/Tokyo", "America/New_York", None]), st.sampled_from(["BR", "GB", None])
RIGHTS = st.lists(st.sampled_from(["BR", "GB"]), unique=True)
STYLES = st.sampled_from([["drama"], ["horror"], ["drama", "crime"], []])
VERSIONS = st.lists(
    st.tuples(
        st.sampled_from(MEMBER_IDS), TIMES, st.sampled_from(["basic", "gold"]), st.none() | TIMES, ZONES, COUNTRIES
    ),
    max_size=6,
)
ADDED = st.lists(st.tuples(TIMES, STYLES, RIGHTS), max_size=5)
RETITLED = st.lists(
    st.tuples(st.sampled_from((*TITLE_IDS, "n0", "n1")), TIMES, STYLES, RIGHTS, st.none() | TIMES), max_size=5
)
MAILED = st.lists(st.tuples(st.sampled_from(MEMBER_IDS), TIMES), max_size=4)
MAILINGS_TOLD = st.lists(
    st.tuples(st.sampled_from(MEMBER_IDS), DAYS, st.none() | TIMES), max_size=4, unique_by=lambda row: row[:2]
)
JOINED = {"a": AT - 400 * DAY, "b:日": AT - 100 * DAY, "c": AT - 5 * DAY}


class History(NamedTuple):
    """All that may be told of a service, in whatever order it happened."""

    plays: Sequence = ()
    came: Sequence = ()
    versions: Sequence = ()
    added: Sequence = ()  # titles, numbered by their place
    retitled: Sequence = ()
    mailings: Sequence = ()

    def before(self, at):
        """What had happened before a moment, or was known at it."""
        return History(
            [row for row in self.plays if row[2] < at],
            [row for row in self.came if row[1] < at],
            # A version told of later may tell of a cancelling before: that is an earlier fact, and counts by its time.
            [row for row in self.versions if row[1] <= at or (row[3] is not None and row[3] < at)],
            [row if row[0] < at else None for row in self.added],
            [row for row in self.retitled if row[1] <= at],
            [(who, day, sent) for who, day, sent in self.mailings if max(sent or midnight(day), midnight(day)) < at],
        )

    def lake(self, folder):
        """A lake with all of it, each import at its own time."""
        world = World(folder)
        told = {m: {"member_id": m, "signed_up_at": when, "plan": "basic"} for m, when in JOINED.items()}
        world.put(MEMBERS, *told.values())
        for m, as_of, plan, gone, zone, country in sorted(self.versions, key=lambda version: version[1]):
            told[m] |= {"plan": plan, "cancelled_at": gone, "timezone": zone, "country": country}
            world.put(MEMBERS, told[m], as_of=as_of)
        self._put_titles(world)
        world.put(PLAYS, *(_play(*row) for row in self.plays))
        world.put(OUTCOMES, *({"member_id": m, "kind": "resubscribed", "at": at} for m, at in self.came))
        trial = {"campaign": "c", "arm": "mailed", "propensity": 0.5}
        told = ({"member_id": m, "run_date": day, "sent_at": sent, **trial} for m, day, sent in self.mailings)
        return world.put(MAILINGS, *told)

    def _put_titles(self, world):
        for n, row in enumerate(self.added):
            if row is not None:
                world.put(TITLES, _title(f"n{n}", *row))
        known = {f"n{n}": row[0] for n, row in enumerate(self.added) if row is not None} | dict.fromkeys(TITLE_IDS)
        for t, as_of, genres, countries, leaves in sorted(self.retitled, key=lambda version: version[1]):
            if t in known:
                world.put(TITLES, _title(t, known[t], genres, countries) | {"leaves_at": leaves}, as_of=as_of)


def midnight(day):
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _play(member, title, at):
    return {"member_id": member, "title_id": title, "played_at": at, "minutes": 30.1, "device": f"tv{at.hour % 2}"}


def _title(name, added, genres, countries):
    return {"title_id": name, "name": name, "added_at": added, "minutes": 90.0, "genres": genres} | {
        "countries": countries
    }


def history(folder, plays, came):
    return History(plays, came).lake(folder)


def mails(sent):
    return pl.DataFrame(sent, schema=MAILS, orient="row")


@settings(max_examples=10, deadline=None)
@given(st.builds(History, PLAYED, CAME, VERSIONS, ADDED, RETITLED, MAILINGS_TOLD), MAILED)
def test_features_at_a_moment_are_the_same_with_and_without_all_that_came_later(tmp_path_factory, told, sent):
    everything = told.lake(tmp_path_factory.mktemp("all") / "lake")
    known = told.before(AT).lake(tmp_path_factory.mktemp("known") / "lake")
    before = mails([row for row in sent if row[1] < AT])
    assert_frame_equal(everything.at(mails=mails(sent)), known.at(mails=before), check_exact=True)


@settings(max_examples=10, deadline=None)
@given(PLAYED, CAME)
def test_counting_by_hand_gives_the_same(tmp_path_factory, plays, came):
    found = {
        row["member_id"]: row for row in history(tmp_path_factory.mktemp("w") / "lake", plays, came).at().to_dicts()
    }
    for m in MEMBER_IDS:
        seen = sorted({(at, t) for who, t, at in plays if who == m and at < AT})
        ages = [(AT - at) / DAY for at, _ in seen]
        row = found[m]
        assert row["plays_lifetime"] == len(seen)
        for days in (7, 30, 90, 365):
            assert row[f"plays_{days}d"] == sum(age < days for age in ages)
        assert row["titles_lifetime"] == len({t for _, t in seen})
        assert row["active_days"] == len({at.date() for at, _ in seen})
        assert row["minutes_lifetime"] == pytest.approx(30.1 * len(seen))
        assert row["days_since_play"] == pytest.approx(min(ages, default=(AT - JOINED[m]) / DAY), abs=1e-6)
        assert row["last_play_at"] == (seen[-1][0] if seen else None)
        genres = [genre for _, t in seen for genre in GENRES.get(t, [])]
        assert row["genres_lifetime"] == len(set(genres))
        best = min(set(genres), key=lambda genre: (-genres.count(genre), genre), default=None)
        assert row["top_genre"] == best
        if genres:
            assert row["top_genre_share"] == pytest.approx(genres.count(best) / len(genres), abs=1e-6)
        back = [(AT - at) / DAY for who, at in came if who == m and at < AT]
        assert (row["days_since_return"] is None) == (not back)


def test_earlier_facts_told_of_late_count_by_their_own_time(world):
    before = world.one()
    world.put(PLAYS, play("a", "t1", 3 * DAY), as_of=AT + 100 * DAY)
    world.put(OUTCOMES, {"member_id": "a", "kind": "resubscribed", "at": AT - 2 * DAY}, as_of=AT + 100 * DAY)
    after = world.one()
    assert (before["plays_lifetime"], after["plays_lifetime"]) == (0, 1)
    assert after["days_since_return"] == 2


def test_an_import_as_of_the_moment_is_known_at_it_and_a_later_one_is_not(world):
    world.put(MEMBERS, member(plan="gold"), as_of=AT)
    world.put(MEMBERS, member(plan="platinum"), as_of=AT + timedelta(microseconds=1))
    assert world.one()["plan"] == "gold"


def test_what_happens_at_the_moment_is_not_known_at_it(world):
    world.put(PLAYS, play("a", "t1", timedelta(0)))
    world.put(OUTCOMES, {"member_id": "a", "kind": "resubscribed", "at": AT})
    found = world.one()
    assert (found["plays_lifetime"], found["days_since_return"]) == (0, None)
    assert world.one(when=AT + timedelta(seconds=1))["plays_lifetime"] == 1


# --- kept, a shard at a time ----------------------------------------------------------------------------------------


@pytest.fixture
def many(tmp_path):
    world = World(tmp_path / "lake")
    ids = [f"m:{n}" for n in range(60)]
    world.put(MEMBERS, *({"member_id": m, "signed_up_at": AT - 300 * DAY, "country": "GB"} for m in ids))
    plays = [
        play(m, TITLE_IDS[(n + k) % 3], (k * 37 % 250 + 1) * DAY, 0.1 * k)
        for n, m in enumerate(ids)
        for k in range(n % 9)
    ]
    return world.put(PLAYS, *plays)


def test_a_snapshot_in_one_shard_is_that_in_three(many, tmp_path):
    whole = pl.read_parquet(write(many.lake, tmp_path / "whole.parquet", AT, 0, 1, NO_MAILS))
    parts = [pl.read_parquet(write(many.lake, tmp_path / f"{n}.parquet", AT, n, 3, NO_MAILS)) for n in range(3)]
    assert all(0 < part.height < 60 for part in parts)
    assert pl.concat(parts).sort("member_id").equals(whole)


def test_a_lake_without_members_has_a_snapshot_without_rows(tmp_path):
    path = write(Lake(tmp_path / "lake"), tmp_path / "s.parquet", AT, 0, 1, NO_MAILS)
    assert pl.read_parquet(path).is_empty()
    assert set(NAMES) <= set(pl.read_parquet(path).columns)


# --- kept -----------------------------------------------------------------------------------------------------------


def test_a_snapshot_that_is_there_is_left_as_it_is(many, tmp_path):
    path = write(many.lake, tmp_path / "deep" / "s.parquet", AT, 0, 1, NO_MAILS)
    before = path.read_bytes()
    many.put(PLAYS, play("m:1", "t1", DAY))
    assert write(many.lake, path, AT, 0, 1, NO_MAILS).read_bytes() == before


def test_another_state_of_the_lake_is_another_snapshot(many):
    before = state(many.lake)
    many.lake.append("decisions", pl.DataFrame({"x": [1]}))
    assert state(many.lake) == before
    many.put(PLAYS, play("m:1", "t1", DAY))
    assert state(many.lake) != before


def test_another_version_of_the_features_is_another_snapshot(many, monkeypatch):
    before = state(many.lake)
    monkeypatch.setattr(snapshot, "VERSION", "another")
    assert state(many.lake) != before


def test_questions_are_numbered_and_in_utc():
    told = numbered(pl.DataFrame({"member_id": ["a", "b"], "at": [AT, AT]}))
    assert told.schema == snapshot.QUESTIONS
    assert told["question"].to_list() == [0, 1]


def test_plays_before_there_was_streaming_make_no_clocks(world):
    early = {"member_id": "a", "title_id": "t1", "played_at": datetime(1900, 1, 1, tzinfo=UTC)}
    world.put(PLAYS, early).put(MEMBERS, member(timezone="Asia/Tokyo"))
    assert clocks_of(world.lake, AT).height < 53 * 27
    assert world.one()["plays_lifetime"] == 1
    assert clocks_of(world.lake, None).is_empty()
