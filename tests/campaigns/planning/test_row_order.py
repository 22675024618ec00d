"""The order of a mail's rows: drawn with chances that are exact, logged, and learnt from."""

from datetime import timedelta
from itertools import permutations, product

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from campaigns import outcomes
from campaigns.planning import row_order
from campaigns.planning.lessons import Lessons
from campaigns.planning.row_order import PLACED, PLACES, drawn
from scoring.artwork import ArtworkModel
from scoring.titles.rows import MOST, PREFERENCE
from tests.campaigns.planning.service import DAY, at, member, play, title

KINDS = ["because_you_watched", "new_since_you_left", "popular", "genre"]
READERS = pl.DataFrame(schema={"member_id": pl.String, "genre_Drama": pl.Float64})


def taught(favourite="new_since_you_left", seed=0):
    """A model that has seen one kind of row bring more than the others."""
    draw = np.random.default_rng(seed)
    ids = [name for name, _, _ in PLACED for _ in range(400)]
    won = draw.random(len(ids)) < [0.3 if name.endswith(favourite) else 0.15 for name in ids]
    told = pl.DataFrame({"artwork_id": ids, "propensity": 0.2, "reward": won.astype(float), "day": 1})
    return ArtworkModel(seed=0).fit(told, PLACES)


UNTAUGHT, TAUGHT = ArtworkModel(seed=0).fit(PLACES.select("artwork_id", propensity=0.5, reward=0.0).head(0)), taught()


def asked(members, kinds=KINDS):
    return pl.DataFrame(list(product(members, kinds)), schema=["member_id", "kind"], orient="row")


def orders(found):
    """member → (the order of their rows, its chance)."""
    whole = found.sort("member_id", "row").group_by("member_id", maintain_order=True)
    told = whole.agg("kind", chance=pl.col("row_propensity").product())
    return {member: (tuple(kinds), chance) for member, kinds, chance in told.iter_rows()}


def chance_of(model, kinds, order):
    """By the model's own chances, one place after another."""
    chance, left = 1.0, sorted(kinds)
    for place, kind in enumerate(order, 1):
        contexts = pl.DataFrame({"candidates": [[f"{place}:{one}" for one in left]]})
        told = dict(model.probabilities(contexts).select("artwork_id", "probability").iter_rows())
        chance *= told[f"{place}:{kind}"]
        left.remove(kind)
    return chance


@settings(max_examples=30)
@given(
    st.sets(st.sampled_from(PREFERENCE), min_size=1), st.sampled_from([UNTAUGHT, TAUGHT]), st.text("abc:", min_size=1)
)
def test_the_logged_chances_of_an_order_are_those_of_its_draws_and_of_all_orders_add_up_to_one(kinds, model, salt):
    found = orders(drawn(asked(["m"], sorted(kinds)), model=model, readers=READERS, salt=salt))
    order, chance = found["m"]
    assert len(order) == min(MOST, len(kinds))
    assert chance == pytest.approx(chance_of(model, kinds, order))
    assert sum(chance_of(model, kinds, one) for one in permutations(kinds, len(order))) == pytest.approx(1)


@pytest.mark.parametrize("model", [UNTAUGHT, TAUGHT])
def test_orders_come_as_often_as_their_chances_say(model):
    members = [f"m{n}" for n in range(20_000)]
    found = orders(drawn(asked(members), model=model, readers=READERS, salt="s"))
    every = list(permutations(KINDS, MOST))
    expected = np.array([chance_of(model, KINDS, one) for one in every]) * len(members)
    seen = pl.Series([order for order, _ in found.values()]).to_list()
    counts = np.array([sum(tuple(one) == order for one in seen) for order in every])
    often = expected > 5
    merged = [np.append(some[often], some[~often].sum() + 1e-9) for some in (counts, expected)]
    assert chisquare(*merged, sum_check=False).pvalue > 0.001


def test_before_anything_is_known_every_order_is_as_likely_and_an_untried_kind_keeps_its_floor():
    assert {round(chance_of(UNTAUGHT, KINDS, one), 9) for one in permutations(KINDS, MOST)} == {round(1 / 24, 9)}
    worst = ("popular", "genre", "because_you_watched")
    assert 0 < chance_of(TAUGHT, KINDS, worst) < 1 / 24 < chance_of(TAUGHT, KINDS, ("new_since_you_left", *worst[:2]))


def test_shards_make_no_difference_and_another_day_draws_anew():
    members = [f"m{n}" for n in range(50)]
    whole = drawn(asked(members), model=TAUGHT, readers=READERS, salt="s/2026-12-01")
    parts = [
        drawn(asked(some), model=TAUGHT, readers=READERS, salt="s/2026-12-01") for some in (members[:7], members[7:])
    ]
    assert orders(pl.concat(parts)) == orders(whole)
    assert orders(drawn(asked(members), model=UNTAUGHT, readers=READERS, salt="s/2026-12-02")) != orders(whole)


@pytest.fixture
def mailed(service):
    """Thirty members who have watched, mailed on a day."""
    ids = [f"m{n:02}" for n in range(30)]
    titles = [title(f"t{n:02}") for n in range(40)]
    plays = [play(m, f"t{(n + 3 * k) % 40:02}", at(DAY, -24 * (60 + k))) for n, m in enumerate(ids) for k in range(5)]
    service.has(members=[member(m) for m in ids], titles=titles, plays=plays)
    service.campaign(holdout={"share": 0.2})
    service.day()
    service.do("UPDATE messages SET state = 'sent', sent_at = due_at WHERE arm = 'mailed'")
    return service


def test_a_mail_shows_its_rows_as_the_log_says(mailed):
    logged = outcomes.decisions(mailed.stores).filter(kind="order").sort("member_id", "choice")
    told = {m: list(part) for (m,), part in logged.group_by(["member_id"]) for part in [part["choice"]]}
    for message in mailed.messages():
        kinds = [row["kind"] for row in message["content"]["rows"]]
        assert told[message["member_id"]] == [f"{place}:{kind}" for place, kind in enumerate(kinds, 1)]
    assert logged["propensity"].is_between(0, 1, closed="right").all()


def test_a_play_from_a_row_teaches_the_row_and_a_play_of_the_hero_none(mailed):
    one, two, three = [m for m in mailed.messages() if m["arm"] == "mailed"][:3]
    below = one["content"]["rows"][1]
    hour = timedelta(hours=1)
    mailed.has(plays=[play(one["member_id"], below["picks"][2]["title_id"], one["due_at"] + hour)])
    mailed.has(plays=[play(two["member_id"], two["content"]["hero"]["title_id"], two["due_at"] + hour)])
    mailed.do("INSERT INTO clicks (message_id, run_date, place, at) VALUES (%(id)s, %(run_date)s, 1, now())", three)
    found = row_order.choices(Lessons(mailed.stores, at(DAY + timedelta(days=5))))
    rewards = found.filter(pl.col("reward") > 0).select("artwork_id", "reward").sort("reward")
    assert rewards.rows() == [(f"1:{three['content']['rows'][0]['kind']}", 0.1), (f"2:{below['kind']}", 1.0)]
    assert found.height == sum(len(m["content"]["rows"]) for m in mailed.messages() if m["arm"] == "mailed")
