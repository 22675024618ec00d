"""Who is chosen under a budget, and with which probability."""

from collections import Counter

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring import chance
from scoring.errors import BadData
from scoring.targeting import HOLDOUT, MAILED, Salts, choose

SALTS = Salts("autumn/holdout", "autumn/explore/2026-12-01")


def pool(gains, highs=None, *, prefix="m"):
    """Candidates with these gains, None for those of whom no model says anything."""
    highs = [None if gain is None else gain + 0.01 for gain in gains] if highs is None else highs
    schema = {"member_id": pl.String, "gain": pl.Float64, "gain_high": pl.Float64}
    ids = [f"{prefix}{place}" for place in range(len(gains))]
    return pl.DataFrame({"member_id": ids, "gain": gains, "gain_high": highs}, schema=schema)


def chosen(candidates, budget, explore=0.0, holdout=0.2, salts=SALTS):
    return choose(candidates, budget=budget, explore=explore, holdout=holdout, salts=salts)


def mailed(found):
    return found.filter(pl.col("arm") == MAILED).height


gains = st.lists(st.one_of(st.none(), st.floats(-0.2, 0.2)), max_size=60)
shares = st.floats(0, 1)
holdouts = st.floats(0.05, 0.95)


@settings(max_examples=20, deadline=None)
@given(gains, st.integers(0, 80), shares, holdouts)
def test_the_mailed_are_the_budget_or_fewer_and_nobody_is_chosen_twice(gains, budget, explore, holdout):
    found = chosen(pool(gains), budget, explore, holdout)
    assert mailed(found) <= budget
    assert found["member_id"].is_unique().all()
    assert found["place"].to_list() == list(range(1, found.height + 1))


@settings(max_examples=20, deadline=None)
@given(gains, st.integers(0, 40), shares, holdouts, st.randoms())
def test_the_order_of_the_candidates_makes_no_difference(gains, budget, explore, holdout, dice):
    candidates = pool(gains)
    places = list(range(candidates.height))
    dice.shuffle(places)
    assert chosen(candidates[places], budget, explore, holdout).equals(chosen(candidates, budget, explore, holdout))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(-0.005, 0.2), min_size=1, max_size=60), st.integers(1, 40), holdouts)
def test_members_are_ranked_without_knowing_their_arm(gains, budget, holdout):
    candidates = pool(gains)
    found = chosen(candidates, budget, holdout=holdout)
    everyone = chosen(candidates, len(gains), holdout=1e-9)["member_id"].to_list()  # nobody held out: the bare order
    assert found["member_id"].to_list() == everyone[: found.height]


@given(st.lists(st.floats(0, 0.2), min_size=1, max_size=30), st.integers(0, 40), shares)
@settings(max_examples=20, deadline=None)
def test_the_arm_is_what_the_hash_says_however_a_member_was_chosen(gains, budget, explore):
    found = chosen(pool(gains), budget, explore, 0.3)
    arms = {HOLDOUT: 0.3, MAILED: 0.7}
    told = [chance.arm_of(chance.uniform(SALTS.holdout, member), arms) for member in found["member_id"]]
    assert found["arm"].to_list() == told


def test_the_arm_of_a_member_is_the_same_in_every_run_and_shard():
    candidates = pool([0.1] * 300)
    whole = chosen(candidates, 300, 0.5)
    other_day = chosen(candidates, 300, 0.5, salts=Salts(SALTS.holdout, "autumn/explore/2027-05-05"))
    part = chosen(candidates[100:150], 300, 0.5)
    arms = dict(whole.select("member_id", "arm").iter_rows())
    assert dict(other_day.select("member_id", "arm").iter_rows()) == arms
    assert all(arms[member] == arm for member, arm in part.select("member_id", "arm").iter_rows())


def test_the_share_held_out_of_the_chosen_is_the_share_asked_for():
    found = chosen(pool([0.1] * 20_000), 9_000, holdout=0.1)
    assert found.height - mailed(found) == pytest.approx(1_000, abs=4 * np.sqrt(1_000))


def test_the_best_come_first_and_ties_break_by_a_millionth_and_then_by_id():
    found = chosen(pool([0.1, 0.3, 0.1000000001, 0.2, 0.10001]), 5, holdout=1e-9)
    assert found["member_id"].to_list() == ["m1", "m3", "m4", "m0", "m2"]


def test_ranking_stops_at_the_first_whose_upper_bound_is_below_nothing():
    candidates = pool([0.1, -0.01, -0.02, -0.03], highs=[0.2, 0.001, -0.001, 0.5])
    assert chosen(candidates, 10, holdout=1e-9)["member_id"].to_list() == ["m0", "m1"]


def test_the_put_off_are_explored_all_the_same():
    candidates = pool([-0.5] * 50, highs=[-0.4] * 50)
    found = chosen(candidates, 10, explore=0.5)
    assert mailed(found) == 5
    assert found["explored"].all()


def test_without_a_model_the_whole_budget_is_drawn_at_random():
    found = chosen(pool([None] * 50), 10, explore=0.1)
    assert mailed(found) == 10
    assert found["explored"].all()


def test_those_without_a_gain_are_reached_by_exploration_alone():
    candidates = pool([0.1] * 5 + [None] * 95)
    found = chosen(candidates, 20, explore=0.5, holdout=1e-9)
    ranked = found.filter(~pl.col("explored"))
    assert ranked["gain"].is_not_null().all()
    assert found.filter(pl.col("explored"))["gain"].is_null().all()


@pytest.mark.parametrize(
    ("budget", "explore", "drawn"),
    [
        (0, 0.5, 0),
        (1, 0.0, 0),
        (1, 0.4, 0),
        (1, 0.5, 1),
        (1, 1.0, 1),
        (2, 0.25, 1),
        (5, 0.1, 1),
        (4, 0.1, 0),
        (10, 0.1, 1),
        (15, 0.1, 2),
    ],
)
def test_the_share_to_explore_is_rounded_to_whole_mails(budget, explore, drawn):
    found = chosen(pool([0.1] * 100), budget, explore)
    explored = found.filter(pl.col("explored"))
    assert mailed(explored) == drawn
    assert mailed(found) == budget


@pytest.mark.parametrize("budget", [50, 51, 10_000])
def test_with_more_budget_than_members_all_are_chosen(budget):
    found = chosen(pool([0.1] * 50), budget)
    assert found.height == 50


def test_nobody_is_chosen_without_a_budget_or_without_members():
    assert chosen(pool([0.1] * 5), 0, 1.0).is_empty()
    assert chosen(pool([None] * 5), 0).is_empty()
    assert chosen(pool([]), 10).is_empty()
    assert chosen(pool([]), 10).schema == chosen(pool([0.1]), 10).schema


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan")])
@pytest.mark.parametrize("name", ["explore", "holdout"])
def test_a_share_that_is_none_is_refused_by_name(name, share):
    with pytest.raises(BadData, match=f"{name}: {share} is no share; give a number from 0 to 1"):
        chosen(pool([0.1] * 5), 2, **{name: share})


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), float("-inf")])
def test_a_gain_that_is_no_number_is_refused_by_the_name_of_its_member(wrong):
    with pytest.raises(BadData, match=rf"candidates\.gain: that of member 'm1' is {wrong}"):
        chosen(pool([0.1, wrong, None], highs=[0.2, 0.2, None]), 2)
    with pytest.raises(BadData, match=rf"candidates\.gain_high: that of member 'm0' is {wrong}"):
        chosen(pool([0.1], highs=[wrong]), 2)


@pytest.mark.parametrize("prefix", ["a:b:", "日本-", "", " ", "🎬"])
def test_any_id_can_be_chosen_and_keeps_its_arm(prefix):
    candidates = pool([0.1] * 50, prefix=prefix)
    found = chosen(candidates, 20, 0.5)
    assert mailed(found) == 20
    assert found["arm"].to_list() == [
        chance.arm_of(chance.uniform(SALTS.holdout, member), {HOLDOUT: 0.2, MAILED: 0.8})
        for member in found["member_id"]
    ]


def test_another_run_explores_others():
    candidates = pool([None] * 1_000)
    days = [set(chosen(candidates, 50, salts=Salts("h", f"e/{day}"))["member_id"]) for day in range(3)]
    assert len(days[0] | days[1] | days[2]) > 120


def walked(order, arms, budget):
    """Who is met until the budget is mailed, in plain Python: the second way."""
    met, left = [], budget
    for member in order:
        if not left:
            break
        met.append(member)
        left -= arms[member] == MAILED
    return met


def explored_by_hand(candidates, exploring, ranked, salts, arms):
    left = [member for member in candidates["member_id"] if member not in ranked]
    return walked(sorted(left, key=lambda member: chance.uniform(salts.explore, member)), arms, exploring)


@pytest.mark.parametrize(("members", "budget", "explore"), [(30, 8, 0.5), (30, 8, 1.0), (12, 20, 1.0), (9, 7, 1.0)])
def test_the_logged_probability_of_being_explored_is_how_often_it_happens(members, budget, explore):
    candidates = pool([0.1 + place / 1_000 for place in range(members)])
    arms = {m: chance.arm_of(chance.uniform("fixed", m), {HOLDOUT: 0.4, MAILED: 0.6}) for m in candidates["member_id"]}
    by_gain = list(reversed(candidates["member_id"].to_list()))
    ranked = walked(by_gain, arms, budget - int(budget * explore + 0.5))
    draws, logged, seen = 4_000, {}, Counter()
    for draw in range(draws):
        salts = Salts("fixed", f"e/{draw}")
        by_hand = explored_by_hand(candidates, int(budget * explore + 0.5), ranked, salts, arms)
        seen.update(by_hand)
        if draw < 12:
            explored = chosen(candidates, budget, explore, holdout=0.4, salts=salts).filter("explored")
            assert explored["member_id"].to_list() == by_hand
            logged |= dict(explored.select("member_id", "explore_propensity").iter_rows())
    assert {arms[member] for member in logged} == {MAILED, HOLDOUT}
    for member, probability in logged.items():
        error = 4.5 * np.sqrt(probability * (1 - probability) / draws)
        assert seen[member] / draws == pytest.approx(probability, abs=error + 1e-9)


def test_the_ranked_have_no_probability_of_being_explored():
    found = chosen(pool([0.1] * 50), 20, 0.5)
    assert found.filter(~pl.col("explored"))["explore_propensity"].is_null().all()
    assert found.filter(pl.col("explored"))["explore_propensity"].is_between(0, 1, closed="right").all()


def test_members_chosen_first_and_then_held_out_show_no_lift_where_there_is_none():
    draw = np.random.default_rng(1)
    likely = draw.beta(1, 20, 20_000)  # how likely each comes back, mailed or not; the model sees it
    came = dict(zip((f"m{n}" for n in range(20_000)), draw.random(20_000) < likely, strict=True))
    found = chosen(pool(likely.tolist()), 4_000, holdout=0.3)
    rate = {
        arm: np.mean([came[m] for m in found.filter(pl.col("arm") == arm)["member_id"]]) for arm in (MAILED, HOLDOUT)
    }
    error = np.sqrt(sum(r * (1 - r) / n for r, n in zip(rate.values(), (4_000, 1_700), strict=True)))
    assert abs(rate[MAILED] - rate[HOLDOUT]) < 4 * error
