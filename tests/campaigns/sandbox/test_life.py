import numpy as np
import pytest

from campaigns.sandbox import history, life
from campaigns.sandbox.draws import Draws
from campaigns.sandbox.effect import Mails, pull_and_push
from campaigns.sandbox.life import State, World
from campaigns.sandbox.members import members
from campaigns.sandbox.rhythm import DAY, HOUR
from campaigns.sandbox.titles import catalogue

START = 20_788
WORLD = World(Draws(0), catalogue(Draws(0), START, "https://artwork.lumen.example"))
WHO = members(WORLD.draws, np.arange(6_000))
STATE = history.past(WORLD, WHO, START).state
NO_MAILS = Mails(WHO.numbers[:0], np.zeros(0), np.zeros(0), np.zeros(0), np.zeros((0, 10), dtype=np.int64))


def mail_all(who, state, fit=1.0):
    """A mail to everyone as the day begins."""
    lapsed = np.flatnonzero(~state.active)
    days, none = state.lapsed_days(START)[lapsed], np.zeros(len(lapsed), dtype=np.int64)
    theirs = who.take(lapsed)
    pull, push = pull_and_push(theirs, np.full(len(lapsed), fit), days, state.cancelled[lapsed], none)
    return Mails(lapsed, life.day_span(theirs, START)[0], pull, push, np.full((len(lapsed), 10), -1))


def days(state, mails, count=7):
    lived = []
    for day in range(START, START + count):
        lived.append(life.live(WORLD, WHO, state, day, mails))
        state = lived[-1].state
    return lived


def ever_back(lived):
    return set(np.concatenate([day.back for day in lived]).tolist())


def test_whoever_comes_back_unmailed_comes_back_mailed_unless_put_off():
    without, with_ = ever_back(days(STATE, NO_MAILS)), ever_back(days(STATE, mail_all(WHO, STATE)))
    put_off = set(np.flatnonzero(WHO.put_off).tolist())
    assert without - with_ <= put_off
    assert not (with_ - without) & put_off
    assert len(with_ - without) > 2 * len(without - with_) > 0


def test_a_comeback_that_took_a_mail_is_told_as_such():
    unmailed = set(life.live(WORLD, WHO, STATE, START, NO_MAILS).back.tolist())
    day = life.live(WORLD, WHO, STATE, START, mail_all(WHO, STATE))
    assert set(day.back[day.by_mail].tolist()) == set(day.back.tolist()) - unmailed


def test_a_members_day_depends_on_nobody_else():
    some = np.sort(np.random.default_rng(0).choice(6_000, 500, replace=False))
    alone = life.live(WORLD, WHO.take(some), STATE.take(some), START, mail_all(WHO.take(some), STATE.take(some)))
    all_ = life.live(WORLD, WHO, STATE, START, mail_all(WHO, STATE))
    assert some[alone.back].tolist() == [row for row in all_.back.tolist() if row in set(some.tolist())]
    for name, values in vars(alone.state).items():
        assert np.array_equal(values, getattr(all_.state, name)[some]), name
    theirs = np.isin(all_.plays.row, some)
    among = {*zip(all_.plays.row[theirs], all_.plays.played_at[theirs], all_.plays.title[theirs], strict=True)}
    assert {*zip(some[alone.plays.row], alone.plays.played_at, alone.plays.title, strict=True)} == among


def test_nobody_comes_back_before_a_mail_because_of_it():
    mails = mail_all(WHO, STATE, fit=20.0)
    noon = life.day_span(WHO, START)[0][mails.row] + 0.5
    day = life.live(WORLD, WHO, STATE, START, Mails(mails.row, noon, mails.pull, mails.push, mails.titles))
    moments = life.rhythm.elapsed(day.back_at + life.offset(WHO, START)[day.back], WHO.peak[day.back])
    since = np.full(len(WHO), np.inf)
    since[mails.row] = noon
    caused = day.back[day.by_mail]
    assert len(caused) > 100
    assert (moments[day.by_mail] >= since[caused] - 1e-6).all()


def test_every_comeback_is_a_play_of_something_shown_there_and_of_the_cancelled_a_subscription_before():
    for day in days(STATE, NO_MAILS, 3):
        assert set(day.back.tolist()) <= set(day.plays.row.tolist())
        plays = day.plays
        assert WORLD.titles.shown(plays.title, WHO.country[plays.row], plays.played_at).all()
        first = {row: plays.played_at[plays.row == row].min() for row in day.back}
        for row, at, subscribed in zip(day.back, day.back_at, day.resubscribed_at, strict=True):
            gap = first[row] - at
            assert gap == (0 if subscribed == -1 else 4 * life.MINUTE)


def test_members_whom_a_mail_brought_often_play_what_it_showed():
    mails = mail_all(WHO, STATE, fit=20.0)
    shown = np.full_like(mails.titles, -1)
    shown[:, 0] = WORLD.titles.evergreen
    mails = Mails(mails.row, mails.since, mails.pull, mails.push, shown)
    day = life.live(WORLD, WHO, STATE, START, mails)
    first = dict(zip(day.plays.row[: len(day.back)].tolist(), day.plays.title.tolist(), strict=False))
    followed = [first[row] == WORLD.titles.evergreen for row in day.back[day.by_mail].tolist()]
    assert np.mean(followed) == pytest.approx(0.7, abs=0.08)


def test_only_the_active_play_and_those_who_cancel_have_lapsed():
    day = life.live(WORLD, WHO, STATE, START, NO_MAILS)
    there = np.flatnonzero(STATE.active).tolist() + day.back.tolist()
    assert set(day.plays.row.tolist()) <= set(there)
    assert not day.state.active[day.cancelled].any()
    assert (day.state.cancelled_at[day.cancelled] == (START + 1) * DAY - life.MINUTE).all()
    assert ((day.plays.played_at >= START * DAY) & (day.plays.played_at < (START + 1) * DAY)).all()


def test_plays_follow_the_local_evening_wherever_members_live():
    plays = history.past(WORLD, WHO, START).plays[0]
    for country in (0, 1, 7):  # United States, Brazil, India
        mine = WHO.country[plays.row] == country
        local = plays.played_at[mine] + life.rhythm.offsets(WHO.zone[plays.row[mine]], plays.played_at[mine] // DAY)
        hours = np.bincount(local % DAY // HOUR, minlength=24) / mine.sum()
        assert 19 <= hours.argmax() <= 22
        assert hours[18:24].sum() > 0.5
        assert hours[1:6].sum() < 0.06


def test_a_state_survives_its_table():
    again = life.state_of(life.state_frame(WHO, STATE))
    assert isinstance(again, State)
    for name, values in vars(STATE).items():
        assert np.array_equal(values, getattr(again, name))
