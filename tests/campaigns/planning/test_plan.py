"""A shard becomes entries and messages, once; series go on; and what was frozen stays."""

import json
import threading
from datetime import timedelta
from zoneinfo import ZoneInfo

import polars as pl
import psycopg
import pytest

from campaigns import contacts, outcomes
from campaigns.planning.choose import choose_members
from campaigns.planning.pick import PLANNED
from campaigns.planning.plan import plan_shard
from campaigns.settings import FrequencyCap
from scoring import chance
from scoring.once import write_once
from tests.campaigns.planning.service import DAY, at, member, play

DAYS = timedelta(days=1)
NOON = at(DAY, 12)


def arms_of(ids, share, campaign="autumn"):
    return {
        m: chance.arm_of(chance.uniform(f"{campaign}/holdout", m), {"holdout": share, "mailed": 1 - share}) for m in ids
    }


def planned_file(tmp_path, *members, step=0, refusal=None):
    """What picking would hand over."""
    rows = [(m, "mailed", 0.9, False, "{}", step, NOON, 0, '{"hero": {}}', refusal) for m in members]
    schema = dict.fromkeys(PLANNED, pl.String) | {
        "propensity": pl.Float64,
        "explored": pl.Boolean,
        "step": pl.Int64,
        "due_at": pl.Datetime("us", "UTC"),
        "utc_offset": pl.Int32,
    }
    path = tmp_path / f"planned-{step}-{len(members)}.parquet"
    pl.DataFrame(rows, schema=schema, orient="row").write_parquet(path)
    return path


# --- a whole day ------------------------------------------------------------------------------------------------------


def test_every_chosen_member_has_an_entry_and_a_message_and_the_ledger_adds_up(service):
    ids = [f"m{n:02}" for n in range(60)]
    service.has(members=[member(m, email_consent=n % 6 != 0) for n, m in enumerate(ids)])
    service.campaign(run={"daily_budget": 20}, holdout={"share": 0.3})
    counts = service.day()
    messages, entries = service.messages(), service.entries()
    mailed = [m for m in messages if m["arm"] == "mailed"]
    held_out = [m for m in messages if m["arm"] == "holdout"]
    assert len(mailed) == 20
    assert counts["eligible"] == 60
    assert counts["excluded"] == {"no_consent": 10}
    assert counts["held_out"] == len(held_out)
    assert sum(counts["excluded"].values()) + counts["not_chosen"] + len(held_out) + len(mailed) == 60
    assert {m["member_id"] for m in messages} == entries.keys()
    assert {m: entry["arm"] for m, entry in entries.items()} == arms_of(entries, 0.3)
    assert all(m["state"] == "planned" and m["propensity"] == 0.7 and m["due_at"] == at(DAY, 9) for m in messages)
    assert all(entry["propensity"] == 0.7 and entry["first_run"] == DAY for entry in entries.values())


def test_a_shadow_differs_from_a_mail_by_its_arm_alone(service):
    service.has(members=[member(f"m{n:02}") for n in range(40)])
    service.campaign(holdout={"share": 0.5})
    service.day()
    own = {"id", "member_id", "arm", "content"}
    shared = [{key: value for key, value in m.items() if key not in own} for m in service.messages()]
    assert all(one == shared[0] for one in shared)
    assert {m["arm"] for m in service.messages()} == {"mailed", "holdout"}
    assert all(m["content"]["hero"]["title_id"] for m in service.messages())


def test_planned_again_a_day_changes_nothing(service):
    service.has(members=[member(f"m{n}") for n in range(10)])
    service.campaign(series={"after_days": [7]})
    service.day()
    before = service.messages(), service.entries(), service.rows("SELECT * FROM runs")
    service.day()
    assert (service.messages(), service.entries(), service.rows("SELECT * FROM runs")) == before


def test_the_plan_is_the_same_in_one_shard_and_in_many(service, monkeypatch):
    ids = [f"m{n:02}" for n in range(30)]
    plays = [play(m, f"t{n % 8}", at(DAY - 60 * DAYS, n % 24)) for n, m in enumerate(ids)]
    service.has(members=[member(m, country="GB" if n % 2 else "JP") for n, m in enumerate(ids)], plays=plays)
    service.campaign(run={"send": "member-best-hour", "daily_budget": 12})
    run = service.open()
    service.plan(run)
    whole, decisions = service.messages(), outcomes.decisions(service.stores)
    for table in ("messages", "entries", "planned_shards", "runs"):
        service.do(f"DELETE FROM {table}")
    monkeypatch.setattr("scoring.lake.shards.SHARD", 10)
    run.folder(service.stores.home).rename(service.stores.home / "before")
    service.day()
    told = ("member_id", "arm", "due_at", "content", "propensity")
    assert [[m[key] for key in told] for m in service.messages()] == [[m[key] for key in told] for m in whole]
    again = outcomes.decisions(service.stores)
    assert again.filter(pl.col("kind") != "none").unique().height == decisions.height


def test_every_arm_and_exploration_is_logged_with_its_probability(service):
    ids = [f"m{n:02}" for n in range(40)]
    service.has(members=[member(m) for m in ids])
    service.campaign(
        run={"daily_budget": 10, "explore": 1.0},
        holdout={"share": 0.25},
        experiments={"subject": {"arms": {"title": 0.75, "new_since": 0.25}}},
    )
    service.day()
    logged = outcomes.decisions(service.stores)
    entries = service.entries()
    arms = {
        m: (choice, p)
        for m, choice, p in logged.filter(kind="arm").select("member_id", "choice", "propensity").iter_rows()
    }
    assert arms == {m: (e["arm"], 0.75 if e["arm"] == "mailed" else 0.25) for m, e in entries.items()}
    subjects = {
        m: (c, p) for m, c, p in logged.filter(kind="subject").select("member_id", "choice", "propensity").iter_rows()
    }
    drawn = {m: chance.arm_of(chance.uniform("autumn/subject", m), {"title": 0.75, "new_since": 0.25}) for m in entries}
    assert subjects == {m: (arm, 0.75 if arm == "title" else 0.25) for m, arm in drawn.items()}
    assert {m: e["arms"]["subject"] for m, e in entries.items()} == drawn
    assert {m["member_id"]: m["content"]["subject_arm"] for m in service.messages()} == drawn
    assert logged.filter(kind="explore").height == len(entries)
    assert {e["explored"] for e in entries.values()} == {True}


@pytest.mark.parametrize("odd", [["a:b", "a", "b:a", "日本", "🎬", "a,b", 'a"b', "a\\b", " a", "a\nb"]])
def test_odd_ids_are_planned_as_they_are(service, odd):
    service.has(members=[member(m, email=f"{n}@example.com") for n, m in enumerate(odd)])
    service.campaign(series={"after_days": [7]}, holdout={"share": 0.5})
    service.day()
    messages = service.messages()
    assert sorted(m["member_id"] for m in messages) == sorted(odd)
    assert len({m["id"] for m in messages}) == len(odd)
    assert {m["member_id"]: m["arm"] for m in messages} == arms_of(odd, 0.5)


def test_a_day_without_members_or_without_a_budget_is_planned_all_the_same(service):
    service.campaign()
    assert service.day()["eligible"] == 0
    service.has(members=[member("a")])
    service.campaign("other")
    counts = service.day(name="other", budget=0)
    assert (counts["eligible"], counts["not_chosen"], counts["chosen"]) == (1, 1, 0)
    assert service.messages() == []


def test_members_taken_by_one_campaign_are_left_to_the_next_on_another_day(service):
    service.has(members=[member(f"m{n:02}") for n in range(10)])
    service.campaign("first", run={"daily_budget": 4})
    service.campaign("second")
    service.day(name="first")
    taken = {m["member_id"] for m in service.messages()}
    counts = service.day(name="second")
    assert counts["excluded"] == {"other_campaign": len(taken)}
    assert {m["member_id"] for m in service.messages()} == {f"m{n:02}" for n in range(10)}


# --- frozen -----------------------------------------------------------------------------------------------------------


def test_a_run_started_again_does_not_rank_anew(service):
    service.has(members=[member(f"m{n}") for n in range(10)])
    service.campaign()
    run = service.open()
    chosen = service.choose(run)
    contacts.unsubscribe(service.stores.database, chosen["member_id"][0], NOON)
    service.has(members=[member(f"n{n}") for n in range(10)], as_of=at(DAY) - DAYS)
    assert service.choose(service.open(wall=NOON)).equals(chosen)
    service.plan(service.open(wall=NOON))
    assert sorted(m["member_id"] for m in service.messages()) == sorted(chosen["member_id"])  # refused at its time


def test_members_who_come_in_while_a_run_is_under_way_do_not_move_its_shards(service, monkeypatch):
    monkeypatch.setattr("scoring.lake.shards.SHARD", 10)
    service.has(members=[member(f"m{n}") for n in range(10)])
    service.campaign()
    run = service.open()
    service.score(run)
    service.has(members=[member(f"n{n}") for n in range(25)], as_of=at(DAY) - DAYS)
    assert service.plan(service.open())["eligible"] == 10
    service.campaign("other")
    assert service.day(name="other")["eligible"] == 35  # another run sees them


def test_of_two_processes_that_choose_at_once_one_is_heard(service):
    service.has(members=[member(f"m{n}") for n in range(10)])
    service.campaign()
    run = service.open()
    scored = service.score(run)
    path = choose_members(service.stores, run, scored)
    before = path.read_bytes()
    write_once(pl.DataFrame({"member_id": ["other"]}), path)
    assert path.read_bytes() == before
    assert [p for p in path.parent.iterdir() if p.name.startswith(".")] == []


# --- once -------------------------------------------------------------------------------------------------------------


def test_a_shard_planned_twice_is_written_once(service, tmp_path):
    service.campaign()
    run, path = service.open(), planned_file(tmp_path, "a", "b")
    assert plan_shard(service.stores, run, path, 0) == 2
    assert plan_shard(service.stores, run, path, 0) == 0
    assert len(service.messages()) == 2


def test_planners_at_once_write_a_shard_once(service, tmp_path):
    service.campaign()
    run, path = service.open(), planned_file(tmp_path, *(f"m{n}" for n in range(200)))
    written = []
    threads = [
        threading.Thread(target=lambda: written.append(plan_shard(service.stores, run, path, 0))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(written) == [0, 0, 0, 200]
    assert len(service.messages()) == 200


def test_a_transaction_that_is_cut_short_leaves_nothing(service, tmp_path):
    service.campaign()
    run = service.open()
    broken = planned_file(tmp_path, "a", "b", "a")  # the second "a" breaks it after all has been copied
    with pytest.raises(psycopg.Error):
        plan_shard(service.stores, run, broken, 0)
    assert service.messages() == []
    assert service.entries() == {}
    assert service.rows("SELECT * FROM planned_shards") == []
    assert plan_shard(service.stores, run, planned_file(tmp_path, "a", "b"), 0) == 2


def test_no_member_gets_two_messages_of_a_run_and_step_whatever_asks_for_it(service, tmp_path):
    service.campaign()
    run = service.open()
    plan_shard(service.stores, run, planned_file(tmp_path, "a"), 0)
    with pytest.raises(psycopg.errors.UniqueViolation, match="campaign_id, run_date, member_id, step"):
        plan_shard(service.stores, run, planned_file(tmp_path, "a"), 1)


def test_what_could_not_be_picked_is_suppressed_and_still_an_entry(service, tmp_path):
    service.campaign()
    plan_shard(service.stores, service.open(), planned_file(tmp_path, "a", refusal="no_titles"), 0)
    assert [(m["state"], m["reason"]) for m in service.messages()] == [("suppressed", "no_titles")]
    assert service.entries().keys() == {"a"}


# --- series -----------------------------------------------------------------------------------------------------------


def steps(service):
    return [(m["run_date"], m["member_id"], m["step"], m["arm"]) for m in service.messages()]


def on(service, after, **values):
    """Plan the day so many days after the first, at its start."""
    return service.day(DAY + after * DAYS, wall=at(DAY + after * DAYS), **values)


def test_steps_follow_in_both_arms_on_their_days_until_the_last(service):
    ids = [f"m{n}" for n in range(8)]
    service.has(members=[member(m) for m in ids])
    service.campaign(series={"after_days": [3, 8]}, win_back={"within_days": 15}, holdout={"share": 0.5})
    for after in (*range(4), 7, 8, 9):
        on(service, after)
    arms = arms_of(ids, 0.5)
    assert set(arms.values()) == {"mailed", "holdout"}
    assert sorted(steps(service)) == sorted(
        (DAY + d * DAYS, m, s, arms[m]) for m in ids for s, d in enumerate([0, 3, 8])
    )
    assert all(e["next_step"] is None and e["next_on"] is None for e in service.entries().values())
    assert all(e["first_run"] == DAY and e["last_run"] == DAY + 8 * DAYS for e in service.entries().values())


def test_next_on_counts_days_from_the_first_mail_and_a_late_step_moves_the_later_ones(service):
    service.has(members=[member("a")])
    service.campaign(series={"after_days": [3, 7, 20]}, win_back={"within_days": 30})
    service.day()
    expected = [(0, 1, 3), (3, 2, 7)]
    for after, step, day in expected:
        on(service, after)
        assert (service.entries()["a"]["next_step"], service.entries()["a"]["next_on"]) == (step, DAY + day * DAYS)
    on(service, 9)  # two days late: nobody ran the flow
    assert (service.entries()["a"]["next_step"], service.entries()["a"]["next_on"]) == (3, DAY + 22 * DAYS)


@pytest.mark.parametrize("how", ["plays", "outcomes"])
def test_who_came_back_gets_no_further_step(service, how):
    ids = ["a", "b"]
    service.has(members=[member(m) for m in ids])
    service.campaign(series={"after_days": [3]})
    service.day()
    back = {
        "plays": [play("a", "t1", at(DAY))],
        "outcomes": [{"member_id": "a", "kind": "resubscribed", "at": at(DAY)}],
    }
    service.has(**{how: back[how]})
    on(service, 3)
    assert [(m["member_id"], m["step"]) for m in service.messages() if m["step"]] == [("b", 1)]
    assert service.entries()["a"]["next_step"] is None


def test_a_play_before_the_first_mails_day_is_no_comeback(service):
    service.has(members=[member("a")])
    service.campaign(series={"after_days": [3]})
    service.day()
    service.has(plays=[play("a", "t1", at(DAY) - timedelta(seconds=1))])
    on(service, 3)
    assert [m["step"] for m in service.messages()] == [0, 1]


def test_a_series_goes_on_where_the_campaign_now_asks_for_members_who_are_away_for_longer(service):
    service.has(members=[member("a")], plays=[play("a", "t1", at(DAY - 40 * DAYS))])
    service.campaign(series={"after_days": [3]})
    service.day()
    service.campaign(series={"after_days": [3]}, lapsed={"inactive_days": [60, 3650]})
    on(service, 3)
    assert [m["step"] for m in service.messages()] == [0, 1]


def test_steps_come_out_of_the_budget_first_and_what_does_not_fit_waits(service):
    service.has(members=[member(f"m{n:02}") for n in range(60)])
    service.campaign(run={"daily_budget": 10}, series={"after_days": [3]}, holdout={"share": 0.3})
    service.day()
    first = {m["member_id"]: m["arm"] for m in service.messages()}
    on(service, 3, budget=6)
    on(service, 4, budget=10)
    told = service.messages()

    def mailed(after, step):
        return [
            m for m in told if m["run_date"] == DAY + after * DAYS and m["arm"] == "mailed" and (m["step"] > 0) == step
        ]

    assert (len(mailed(3, True)), len(mailed(3, False))) == (6, 0)
    assert (len(mailed(4, True)), len(mailed(4, False))) == (4, 6)
    assert {m["member_id"]: m["arm"] for m in told if m["step"] == 1} == first  # shadows waited alike, and none is lost


def test_a_step_that_a_rule_holds_back_comes_when_it_does_no_more(service):
    service.has(members=[member("a"), member("b")])
    service.campaign(series={"after_days": [3]})
    service.day()
    service.do("UPDATE contacts SET email_consent = false WHERE member_id = 'a'")
    on(service, 3)
    assert [(m["member_id"]) for m in service.messages() if m["step"]] == ["b"]
    service.do("UPDATE contacts SET email_consent = true")
    on(service, 5)
    assert [(m["run_date"], m["member_id"]) for m in service.messages() if m["step"]][1:] == [(DAY + 5 * DAYS, "a")]


def test_a_step_waits_for_another_day_where_another_campaign_has_the_member(service):
    service.has(members=[member("a")])
    service.campaign(series={"after_days": [3]})
    service.campaign("other")
    service.day()
    on(service, 3, name="other")
    on(service, 3)
    assert [m["step"] for m in service.messages()] == [0, 0]
    service.do("DELETE FROM messages WHERE run_date > %s", [DAY])
    on(service, 4)
    assert [m["step"] for m in service.messages()] == [0, 1]


def test_the_frequency_cap_holds_steps_back_too(service_with):
    service = service_with(frequency_cap=FrequencyCap(1, 5 * DAYS))
    service.has(members=[member("a")])
    service.campaign(series={"after_days": [3]})
    service.day()
    for after in (3, 5, 6):
        on(service, after)
    assert [(m["run_date"], m["step"]) for m in service.messages()] == [(DAY, 0), (DAY + 6 * DAYS, 1)]


# --- again ------------------------------------------------------------------------------------------------------------


def test_who_may_be_mailed_again_is_so_in_the_same_arm_with_a_new_series_and_one_entry(service):
    ids = [f"m{n}" for n in range(8)]
    service.has(members=[member(m) for m in ids])
    service.campaign(run={"again_after_days": 10}, series={"after_days": [3]}, holdout={"share": 0.5})
    service.day()
    entries = service.entries()
    service.has(plays=[play("m0", "t1", at(DAY + DAYS))])  # back once, and lapsed anew
    for after in (3, 13, 16, 40, 43):
        on(service, after)
    told = [(after, s) for after in (0, 3, 13, 16, 40, 43) for s in [0 if after in (0, 13, 40) else 1]]
    arms = arms_of(ids, 0.5)
    assert [(r, s, a) for r, m, s, a in steps(service) if m == "m1"] == [
        (DAY + d * DAYS, s, arms["m1"]) for d, s in told
    ]
    assert [(r, s) for r, m, s, _ in steps(service) if m == "m0"] == [
        (DAY + d * DAYS, s) for d, s in [(0, 0), (40, 0), (43, 1)]
    ]
    kept = ("arm", "first_run", "due_at", "propensity", "explored")
    for m, entry in service.entries().items():
        assert [entry[key] for key in kept] == [entries[m][key] for key in kept]


# --- when -------------------------------------------------------------------------------------------------------------


def test_the_zone_is_the_members_own_else_the_countrys_else_the_services(service_with):
    service = service_with(timezone=ZoneInfo("Asia/Tokyo"))
    service.has(
        members=[
            member("own", timezone="America/New_York", country="GB"),
            member("country", country="BR"),
            member("service", country=None),
            member("nobody", country="BV"),
        ]
    )
    service.campaign()
    run = service.open(wall=at(DAY) - timedelta(hours=9))
    service.plan(run)
    due = {m["member_id"]: (m["due_at"], m["utc_offset"]) for m in service.messages()}
    assert due == {
        "own": (at(DAY, 14), -300),
        "country": (at(DAY, 12), -180),
        "service": (at(DAY), 540),
        "nobody": (at(DAY), 540),
    }


def test_the_content_of_a_message_names_nobody(service):
    service.has(members=[member("a", given_name="Xaviera")])
    service.campaign()
    service.day()
    assert "Xaviera" not in json.dumps(service.messages()[0]["content"])
    assert "example.com" not in json.dumps(service.messages()[0]["content"])
