from datetime import UTC, date, datetime
from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from campaigns.sandbox import ledger as book
from campaigns.sandbox import life
from campaigns.sandbox.draws import Draws
from campaigns.sandbox.effect import Mails
from campaigns.sandbox.life import State, World
from campaigns.sandbox.members import member_id, members
from campaigns.sandbox.reader import SHOWN
from campaigns.sandbox.rhythm import DAY
from campaigns.sandbox.titles import catalogue
from campaigns.sandbox.truth import truth

START = 20_788
TITLES = catalogue(Draws(0), START, "https://artwork.lumen.example")
NUMBERS = np.arange(4_000)
TODAY = date(2026, 12, 1)
NO_MAILS = Mails(NUMBERS[:0], np.zeros(0), np.zeros(0), np.zeros(0), np.zeros((0, 10), dtype=np.int64))


def lapsed(day=START - 60):
    everyone = np.ones(len(NUMBERS), dtype=bool)
    since = np.full(len(NUMBERS), day)
    return State(
        ~everyone, since, NUMBERS % 3 == 0, np.full(len(NUMBERS), day * DAY), np.full(len(NUMBERS), day * DAY - 1)
    )


def mailing(draws, state, campaign="autumn", hour=18, day=START):
    """One mail to everyone, as rows of the ledger."""
    due = datetime.fromtimestamp(day * 86_400 + hour * 3_600, UTC)
    shown = pl.DataFrame(
        {
            "member_id": member_id(NUMBERS),
            "message": [f"{campaign}{number}" for number in NUMBERS],
            "campaign": campaign,
            "run_date": date.fromordinal(date(1970, 1, 1).toordinal() + day),
            "due_at": due,
            "titles": [["t0001", "t0002"]] * len(NUMBERS),
            "styles": [["faces", None]] * len(NUMBERS),
        },
        schema=SHOWN,
    )
    nothing = np.zeros(len(NUMBERS), dtype=np.int64)
    seen = np.zeros((len(NUMBERS), 10), dtype=bool)
    return book.entries(World(draws, TITLES), members(draws, NUMBERS), state, day, shown, nothing, seen)


def came_back(draws, state, ledger, begins, ends):
    """Who comes back between the two moments, in a world that is lived day by day."""
    world, who = World(draws, TITLES), members(draws, NUMBERS)
    back = np.zeros(len(NUMBERS), dtype=bool)
    for day in range(START, ends // DAY + 1):
        mails = NO_MAILS if ledger is None else book.acting(ledger, NUMBERS, day)
        lived = life.live(world, who, state, day, mails)
        back[lived.back[(lived.back_at >= begins) & (lived.back_at < ends)]] = True
        state = lived.state
    return back


def test_the_truth_is_the_mean_of_many_worlds():
    expected, told, lived = [], [], []
    begins = START * DAY + 18 * 3_600_000_000
    for seed in range(10):
        draws = Draws(seed)
        ledger = mailing(draws, lapsed())
        found = truth(draws, ledger, "autumn", 7, None)
        with_, without = (came_back(draws, lapsed(), mails, begins, begins + 7 * DAY) for mails in (ledger, None))
        expected.append((found.incremental, found.members["p_mailed"].sum(), found.members["p_unmailed"].sum()))
        told.append((with_.sum() - without.sum(), with_.sum(), without.sum()))
        lived.append(((with_ != without).sum(), with_.sum(), without.sum()))
    error = np.sum(told, axis=0) - np.sum(expected, axis=0)
    assert (np.abs(error) < 3.5 * np.sqrt(np.sum(lived, axis=0))).all()
    assert np.sum(expected, axis=0)[0] > 10 * np.sqrt(np.sum(lived, axis=0)[0])


def test_the_signs_are_those_of_the_members():
    found = truth(Draws(0), mailing(Draws(0), lapsed()), "autumn", 7, None).members
    put_off = pl.Series(members(Draws(0), NUMBERS).put_off)
    assert (found.filter(put_off)["effect"] < 0).all()
    assert (found.filter(~put_off)["effect"] > 0).all()


def test_a_longer_window_wins_no_less():
    ledger = mailing(Draws(0), lapsed())
    wins = [truth(Draws(0), ledger, "autumn", days, None).members for days in (3, 7, 14)]
    for short, long in pairwise(wins):
        assert (short["p_mailed"] <= long["p_mailed"]).all()
        assert (short["p_unmailed"] <= long["p_unmailed"]).all()


def test_members_who_had_not_lapsed_win_nothing():
    state = lapsed()
    state = State(NUMBERS % 2 == 0, state.since, state.cancelled, state.cancelled_at, state.last_play)
    found = truth(Draws(0), mailing(Draws(0), state), "autumn", 7, None).members
    assert (found.filter(pl.col("lapsed").not_())["effect"] == 0).all()
    assert found["lapsed"].sum() == len(NUMBERS) // 2


def follow_up(draws, state, day):
    """A second mail to those who are still away."""
    away = pl.Series(NUMBERS[~state.active])
    second = mailing(draws, state, day=day).filter(pl.col("number").is_in(away.implode()))
    return second.with_columns(message=pl.col("message") + "-2")


def test_a_follow_up_to_those_still_away_counts_as_the_mean_of_many_worlds_says():
    expected, first_alone, won, moved = 0.0, 0.0, 0, 0
    begins = START * DAY + 18 * 3_600_000_000
    for seed in range(8):
        draws = Draws(seed)
        first = mailing(draws, lapsed())
        state = lapsed()
        for day in (START, START + 1):
            everyone = members(draws, NUMBERS)
            state = life.live(World(draws, TITLES), everyone, state, day, book.acting(first, NUMBERS, day)).state
        both = pl.concat([first, follow_up(draws, state, START + 2)])
        expected += truth(draws, both, "autumn", 7, None).incremental
        first_alone += truth(draws, first, "autumn", 7, None).incremental
        with_, without = (came_back(draws, lapsed(), mails, begins, begins + 7 * DAY) for mails in (both, None))
        won, moved = won + with_.sum() - without.sum(), moved + (with_ != without).sum()
    assert abs(won - expected) < 3.5 * np.sqrt(moved)
    assert won - first_alone > 3.5 * np.sqrt(moved)


def test_mails_after_the_window_or_after_a_comeback_win_nothing_and_no_member_counts_twice():
    draws, again = Draws(0), lapsed()
    first = mailing(draws, lapsed())
    again.since[:] = START + 1
    for more in (follow_up(draws, lapsed(), START + 7), follow_up(draws, again, START + 3)):
        found = truth(draws, pl.concat([first, more]), "autumn", 7, None)
        assert found.mailed == len(NUMBERS)
        assert found.incremental == pytest.approx(truth(draws, first, "autumn", 7, None).incremental)


def test_other_campaigns_act_in_any_case():
    draws = Draws(0)
    first, other = mailing(draws, lapsed()), mailing(draws, lapsed(), "other", hour=9)
    alone = truth(draws, first, "autumn", 7, None)
    beside = truth(draws, pl.concat([first, other]), "autumn", 7, None)
    assert beside.members["p_unmailed"].sum() > alone.members["p_unmailed"].sum()
    assert beside.mailed == alone.mailed


def test_as_of_counts_closed_windows_alone():
    ledger = pl.concat([mailing(Draws(0), lapsed()).head(100), mailing(Draws(0), lapsed(), day=START + 1).tail(100)])
    closes = START * DAY + 18 * 3_600_000_000 + 7 * DAY
    counts = [truth(Draws(0), ledger, "autumn", 7, moment).mailed for moment in (closes - 1, closes, closes + DAY)]
    assert counts == [0, 100, 200]


def test_a_campaign_that_nobody_knows_won_nothing():
    found = truth(Draws(0), mailing(Draws(0), lapsed()), "winter", 7, None)
    assert (found.mailed, found.incremental, found.difference) == (0, 0, 0)
