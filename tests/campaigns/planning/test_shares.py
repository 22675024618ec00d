"""Shares of arms: learnt from comebacks, frozen with the run, and a member's arm for good."""

from datetime import timedelta

import pytest

from campaigns import outcomes
from campaigns.planning import shares
from scoring import chance
from tests.campaigns.planning.service import DAY, at, member, play, title

LATER = DAY + timedelta(days=9)
MEMBERS = [f"m{n:03}" for n in range(300)]
EVEN = {"as_predicted": 0.5, "beyond_popular": 0.5}


@pytest.fixture
def tried(service):
    """A day of three hundred entries, of whom those beyond popular come back most; their windows have closed."""
    service.has(members=[member(m) for m in MEMBERS], titles=[title(f"t{n}") for n in range(8)])
    service.campaign(win_back={"within_days": 7}, series={})
    service.day()
    back = [
        play(m, "t1", e["due_at"] + timedelta(hours=1))
        for n, (m, e) in enumerate(service.entries().items())
        if e["arm"] == "mailed" and n % (3 if e["arms"]["popularity"] == "beyond_popular" else 5) == 0
    ]
    service.has(plays=back)
    return service


def test_layers_that_learn_begin_evenly_and_move_to_what_brings_members_back(tried):
    begun = shares.shares_of(tried.stores, tried.open(DAY + timedelta(days=3), wall=at(DAY + timedelta(days=3))))
    assert begun["popularity"] == EVEN
    assert set(begun) == {"popularity", "hero"}
    later = shares.shares_of(tried.stores, tried.open(LATER, wall=at(LATER)))
    assert 0.7 < later["popularity"]["beyond_popular"] <= 0.9
    assert sum(later["hero"].values()) == pytest.approx(1)


def test_the_shares_of_a_run_stay_as_they_were_when_it_began(tried):
    run = tried.open(LATER, wall=at(LATER))
    first = shares.shares_of(tried.stores, run)
    tried.has(plays=[play(m, "t2", at(DAY, 12)) for m in MEMBERS])
    assert shares.shares_of(tried.stores, run) == first


def test_everyone_is_drawn_by_the_shares_of_their_day_and_logged_with_them(tried):
    more = [f"n{n:03}" for n in range(60)]
    tried.has(members=[member(m) for m in more])
    run = tried.open(LATER, wall=at(LATER))
    learnt = shares.shares_of(tried.stores, run)["popularity"]
    tried.plan(run)
    drawn = {m: chance.arm_of(chance.uniform("autumn/popularity", m), learnt) for m in more}
    logged = outcomes.decisions(tried.stores).filter(kind="popularity", run_date=LATER)
    assert {m: (arm, learnt[arm]) for m, arm in drawn.items()} == {
        m: (arm, p) for m, arm, p in logged.select("member_id", "choice", "propensity").iter_rows()
    }


def test_a_follow_up_keeps_the_arms_of_its_entry_and_logs_none_again(service):
    service.has(members=[member(m) for m in MEMBERS[:40]], titles=[title(f"t{n}") for n in range(8)])
    service.campaign(series={"after_days": [3]}, win_back={"within_days": 10})
    service.day()
    entries = {m: e["arms"] for m, e in service.entries().items()}
    next_day = DAY + timedelta(days=3)
    run = service.open(next_day, wall=at(next_day))
    service.plan(run)
    before = shares.arms_before(service.stores, run, outcomes.decisions(service.stores).select("member_id").unique())
    assert {(m, layer): arm for m, layer, arm in before.iter_rows()} == {
        (m, layer): arm for m, arms in entries.items() for layer, arm in arms.items()
    }
    assert {m: e["arms"] for m, e in service.entries().items()} == entries
    logged = outcomes.decisions(service.stores).filter(kind="hero")
    assert logged.height == 40
    assert set(logged["run_date"]) == {DAY}


def test_a_file_may_fix_the_shares_or_let_its_own_arms_learn(tried):
    tried.campaign(
        "winter",
        experiments={
            "hero": {"arms": {"best": 0.9, "newest": 0.1}},
            "subject": {"arms": {"title": 0.6, "new_since": 0.4}, "learns": True},
        },
    )
    found = shares.shares_of(tried.stores, tried.open(LATER, "winter", wall=at(LATER)))
    assert found["hero"] == {"best": 0.9, "newest": 0.1}
    assert found["subject"] == {"title": 0.6, "new_since": 0.4}
    assert found["popularity"] == EVEN
