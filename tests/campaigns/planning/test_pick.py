"""What the chosen will be shown: rights, plays and models at work."""

from datetime import timedelta

import polars as pl
import pytest

from campaigns import outcomes
from campaigns.planning.choose import choose_members
from campaigns.planning.pick import pick_shard, planned_mails
from campaigns.planning.snapshots import snapshot_paths
from tests.campaigns.planning.service import DAY, at, member, play, title

DAYS = timedelta(days=1)
LONG_AGO = at(DAY - 60 * DAYS)


def shown(message):
    """Titles of a message by row."""
    content = message["content"]
    rows = {row["kind"]: [pick["title_id"] for pick in row["picks"]] for row in content["rows"]}
    return {"hero": [content["hero"]["title_id"]], **rows}


def everything(message):
    return [title for titles in shown(message).values() for title in titles]


@pytest.fixture
def mails(service):
    """Plans the first day of a campaign for all, and hands out the messages by member."""

    def plan(**tables):
        service.has(as_of=at(DAY) - DAYS, **tables)
        service.campaign()
        service.day()
        return {m["member_id"]: m for m in service.messages()}

    return plan


def test_without_any_plays_everyone_gets_titles_all_the_same(mails):
    found = mails(members=[member("a")])["a"]
    assert shown(found) == {"hero": ["t0"], "popular": ["t1", "t2", "t3"]}


def test_nobody_is_shown_a_title_twice_or_one_they_have_played(mails):
    ids = [f"m{n:02}" for n in range(24)]
    plays = [play(m, f"t{(n + k) % 8}", LONG_AGO + k * DAYS) for n, m in enumerate(ids) for k in range(n % 8)]
    found = mails(members=[member(m) for m in ids], plays=plays)
    for m in ids:
        played = {row["title_id"] for row in plays if row["member_id"] == m}
        assert len(set(everything(found[m]))) == len(everything(found[m]))
        assert not played & set(everything(found[m]))


def test_what_a_member_looked_for_on_the_way_back_stands_first_unless_they_have_played_it(service):
    ids = [f"m{n:02}" for n in range(24)]
    plays = [play(m, f"t{(n + k) % 8}", LONG_AGO + k * DAYS) for n, m in enumerate(ids) for k in range(3)]
    service.has(members=[member(m) for m in ids], plays=plays)
    wanted = {m: f"t{(n + 7) % 8}" for n, m in enumerate(ids)}
    search = "INSERT INTO searches (member_id, query, titles, at) VALUES (%(m)s, 'x', ARRAY[%(t)s, 't0'], %(at)s)"
    for n, (m, t) in enumerate(wanted.items()):
        told = {"m": m, "t": t if n % 2 else f"t{n % 8}", "at": at(DAY, -1) if n % 3 else at(DAY - 15 * DAYS)}
        service.do(search, told)
    service.campaign(experiments={"hero": {"arms": {"best": 0.99, "newest": 0.01}}})
    service.day()
    heroes = {m["member_id"]: m["content"]["hero"]["title_id"] for m in service.messages()}
    found = [heroes[m] == wanted[m] for n, m in enumerate(ids) if n % 2 and n % 3]
    assert all(found)
    assert not all(heroes[m] == wanted[m] for n, m in enumerate(ids) if not (n % 2 and n % 3))
    assert not {(row["member_id"], row["title_id"]) for row in plays} & set(heroes.items())


def test_what_was_played_since_the_model_was_fitted_is_left_out(service):
    service.has(members=[member(f"m{n}", cancelled_at=at(DAY - 40 * DAYS)) for n in range(6)])
    old = [play(f"m{n}", f"t{(n + k) % 8}", LONG_AGO + k * DAYS) for n in range(6) for k in range(3)]
    service.has(plays=[*old, *(play("m0", f"t{n}", at(DAY, -1 - n / 10)) for n in range(3, 7))])
    service.campaign(lapsed={"cancelled": True})
    service.day()
    assert everything(service.messages()[0]) == ["t7"]


def test_titles_are_shown_where_and_when_there_are_rights(mails):
    countries = {f"t{n}": ["GB"] if n < 4 else ["JP"] for n in range(8)}
    catalogue = [title(t, countries=c, leaves_at=at(DAY, 30) if t == "t0" else None) for t, c in countries.items()]
    plays = [play(m, t, LONG_AGO) for m, t in zip(("gb", "jp", "x"), ("t1", "t4", "t0"), strict=True)]
    found = mails(titles=catalogue, members=[member("gb"), member("jp", country="JP"), member("x")], plays=plays)
    assert set(everything(found["gb"])) <= {"t2", "t3"}
    assert set(everything(found["jp"])) <= {"t5", "t6", "t7"}
    assert set(everything(found["x"])) <= {"t1", "t2", "t3"}


def test_a_picture_is_drawn_and_logged_and_where_there_is_none_it_is_left_empty(service):
    artworks = [
        {"artwork_id": f"t0-{n}", "title_id": "t0", "url": f"https://a.example/{n}.jpg", "alt": "x"} for n in range(2)
    ]
    service.has(members=[member(f"m{n}") for n in range(10)], artworks=artworks)
    service.campaign()
    service.day()
    logged = outcomes.decisions(service.stores).filter(kind="artwork")
    assert logged.height == 10
    assert logged["candidates"].unique().to_list() == ["t0-0|t0-1"]
    drawn = dict(logged.select("member_id", "choice").iter_rows())
    for m in service.messages():
        hero, *rest = [m["content"]["hero"], *(pick for row in m["content"]["rows"] for pick in row["picks"])]
        assert hero["artwork_id"] == drawn[m["member_id"]]
        assert hero["propensity"] == 0.5
        assert hero["artwork_url"] == f"https://a.example/{hero['artwork_id'][-1]}.jpg"
        assert {(pick["artwork_id"], pick["artwork_url"], pick["propensity"]) for pick in rest} == {(None, None, None)}


def test_titles_are_named_in_the_members_language(mails):
    names = [{"title_id": "t0", "language": "pt", "name": "Título"}]
    found = mails(members=[member("a", language="pt-BR"), member("b", language=None)], title_names=names)
    assert found["a"]["content"]["hero"]["name"] == "Título"
    assert found["b"]["content"]["hero"]["name"] == "T0"


def test_what_can_no_longer_be_picked_is_suppressed_in_both_arms(service):
    service.has(members=[member(f"m{n}") for n in range(10)])
    service.campaign(holdout={"share": 0.5})
    run = service.open()
    service.choose(run)
    service.has(titles=[title(f"t{n}", countries=["JP"]) for n in range(8)], as_of=at(DAY) - DAYS)
    service.plan(run)
    assert {(m["state"], m["reason"]) for m in service.messages()} == {("suppressed", "no_titles")}
    assert {m["arm"] for m in service.messages()} == {"mailed", "holdout"}
    assert len(service.entries()) == 10


def test_the_best_hour_is_the_members_own_else_the_countrys_else_early_evening(service):
    plays = [play("a", f"t{n % 3}", LONG_AGO + timedelta(days=-n, hours=20)) for n in range(30)]
    service.has(members=[member("a"), member("b"), member("c", country="JP")], plays=plays)
    service.campaign(run={"send": "member-best-hour"})
    service.day()
    assert {m["member_id"]: m["due_at"] for m in service.messages()} == {
        "a": at(DAY, 21),  # 21:00 in London then, in summer, and now
        "b": at(DAY, 21),
        "c": at(DAY, 10),  # 19:00 in Tokyo
    }


def test_a_shard_picked_again_is_the_file_that_stands_and_is_logged_once(service):
    service.has(members=[member(f"m{n}") for n in range(5)])
    service.campaign()
    run = service.open()
    chosen = choose_members(service.stores, run, service.score(run))
    [snapshot] = snapshot_paths(service.stores, run)
    first = pick_shard(service.stores, run, snapshot, chosen, 0)
    before = outcomes.decisions(service.stores)
    first.unlink()  # a worker died after it had logged, before it kept
    assert pl.read_parquet(pick_shard(service.stores, run, snapshot, chosen, 0)).height == 5
    assert outcomes.decisions(service.stores).equals(before)


def test_a_shard_of_which_nobody_was_chosen_is_planned_empty(service):
    service.has(members=[member("a")])
    service.campaign()
    run = service.open()
    about = pl.DataFrame(
        {"member_id": ["a"], "country": ["GB"], "language": ["en"], "timezone": [None]},
        schema_overrides={"timezone": pl.String},
    )
    chosen = service.choose(run).clear()
    planned, logged = planned_mails(service.stores, run, about, chosen)
    assert (planned.height, logged.height) == (0, 0)


def test_a_campaign_rules_out_titles_by_name_and_by_maturity(service):
    levels = {"t0": "18+", "t1": "all", "t2": None, "t3": "all", "t4": "7+", "t5": "all", "t6": "7+", "t7": "all"}
    service.has(titles=[title(t, maturity=level) for t, level in levels.items()], members=[member("a")])
    service.campaign(titles={"block": ["t5"], "maturity": ["all", "7+"]})
    service.day()
    assert sorted(everything(service.messages()[0])) == ["t1", "t3", "t4", "t6"]


def test_a_member_to_whom_the_campaign_leaves_nothing_is_excluded(service):
    service.has(members=[member("a")])
    service.campaign(titles={"block": [f"t{n}" for n in range(8)]})
    assert service.day()["excluded"] == {"no_titles": 1}


def test_a_boosted_title_goes_up_in_the_order_of_whoever_may_see_it(service):
    ids = [f"m{n:02}" for n in range(12)]
    plays = [play(m, f"t{(n + k) % 5}", LONG_AGO + k * DAYS) for n, m in enumerate(ids) for k in range(3)]
    service.has(members=[member(m) for m in ids], plays=plays)
    service.campaign(titles={"boost": ["t7"]})
    service.day()
    assert {m["content"]["hero"]["title_id"] for m in service.messages()} == {"t7"}
