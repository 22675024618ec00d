import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.sandbox.constants import CONSTANTS
from campaigns.sandbox.draws import Draws
from campaigns.sandbox.effect import Mails, content_fit, cumulative, hour_fit, own_hazard, pull_and_push
from campaigns.sandbox.members import members
from campaigns.sandbox.rhythm import DAY
from campaigns.sandbox.titles import catalogue

START = 20_788
TITLES = catalogue(Draws(0), START, "https://artwork.lumen.example")
WHO = members(Draws(0), np.arange(4_000))
NOW = np.full(len(WHO), START * DAY)
NEVER_SEEN = np.zeros((len(WHO), 10), dtype=bool)


def mails(pull, push, since=None):
    row = np.arange(len(WHO))
    return Mails(row, np.zeros(len(WHO)) if since is None else since, pull, push, np.full((len(WHO), 10), -1))


def hazard(fit=1.0, before=0, *, within=7.0, lapsed=100.0):
    cancelled = np.zeros(len(WHO), dtype=bool)
    days = np.full(len(WHO), lapsed)
    own = own_hazard(WHO, days, cancelled)
    pull, push = pull_and_push(WHO, np.full(len(WHO), fit), days, cancelled, np.full(len(WHO), before))
    zero = np.zeros(len(WHO))
    return cumulative(own, zero, zero + within, mails(pull, push))


def fit(titles, styles, seen=NEVER_SEEN, last_play=None):
    shown, looks = (np.full((len(WHO), 10), -1) for _ in range(2))
    shown[:, : titles.shape[1]], looks[:, : styles.shape[1]] = titles, styles
    return content_fit(TITLES, WHO, shown, looks, seen, NOW, NOW - 100 * DAY if last_play is None else last_play)


def favourites(count, worst=False):
    """The titles to each member's taste, of those that are there everywhere and always."""
    there = np.flatnonzero(
        TITLES.rights.all(axis=1) & (TITLES.added < (START - 700) * DAY) & (TITLES.leaves > 30_000 * DAY)
    )
    liking = WHO.taste @ TITLES.genres[there].T
    return there[np.argsort(liking if worst else -liking, axis=1, kind="stable")[:, :count]]


def test_a_mail_brings_back_those_it_pulls_and_keeps_away_those_it_puts_off():
    met = hazard()
    assert (met.all[~WHO.put_off] > met.own[~WHO.put_off]).all()
    assert (met.all[WHO.put_off] < met.own[WHO.put_off]).all()
    assert (met.all > 0).all()


@given(worse=st.floats(0.1, 2), more=st.floats(1.01, 3))
@settings(max_examples=30)
def test_the_better_a_mail_fits_the_more_it_does(worse, more):
    low, high = hazard(worse).all, hazard(worse * more).all
    assert (high[~WHO.put_off] > low[~WHO.put_off]).all()
    assert np.array_equal(high[WHO.put_off], low[WHO.put_off])


def test_mails_tire():
    effects = [(hazard(before=count).all - hazard(before=count).own)[~WHO.put_off].mean() for count in range(3)]
    assert effects[1] / effects[0] == pytest.approx(CONSTANTS.tired)
    assert effects[2] / effects[1] == pytest.approx(CONSTANTS.tired)


def test_a_mail_does_most_in_its_first_days_and_fades():
    days = [(hazard(within=day).all - hazard(within=day).own)[~WHO.put_off].mean() for day in (1.0, 7.0, 14.0, 45.0)]
    assert days == sorted(days)
    assert days[0] > 0.3 * days[3]
    assert days[1] > 0.9 * days[3]


@given(cut=st.floats(0.1, 6.9))
@settings(max_examples=30)
def test_hazards_of_parts_add_up(cut):
    cancelled, days = np.zeros(len(WHO), dtype=bool), np.full(len(WHO), 80.0)
    own = own_hazard(WHO, days, cancelled)
    sent = mails(*pull_and_push(WHO, np.ones(len(WHO)), days, cancelled, np.zeros(len(WHO), dtype=np.int64)))
    start, middle, end = (np.full(len(WHO), moment) for moment in (0.0, cut, 7.0))
    parts = cumulative(own, start, middle, sent).all + cumulative(own, middle, end, sent).all
    assert parts == pytest.approx(cumulative(own, start, end, sent).all)


def test_however_many_mails_put_someone_off_some_hazard_is_left():
    row = np.repeat(np.arange(len(WHO)), 5)
    zeros = np.zeros(len(row))
    many = Mails(row, zeros, zeros, np.full(len(row), 0.7), np.full((len(row), 10), -1))
    start = np.zeros(len(WHO))
    met = cumulative(WHO.back, start, start + 1, many)
    assert met.all == pytest.approx(CONSTANTS.least_left * met.own)


def test_titles_to_their_taste_fit_better_than_others():
    faces = np.zeros((1, 6), dtype=np.int64)
    popular = np.argsort(-TITLES.popularity)[:6][None, :]
    generic, own, wrong = (fit(titles, faces) for titles in (popular, favourites(6), favourites(6, worst=True)))
    assert 0.8 < generic.mean() < 1.1
    assert own.mean() > 1.25 * generic.mean()
    assert (own > wrong).mean() > 0.99


def test_the_first_place_counts_most():
    faces = np.zeros((1, 4), dtype=np.int64)
    good, bad = favourites(1), favourites(3, worst=True)
    assert fit(np.hstack([good, bad]), faces).mean() > 1.05 * fit(np.hstack([bad, good]), faces).mean()


def test_the_style_that_a_member_likes_fits_best():
    titles = favourites(4)
    by_style = np.stack([fit(titles, np.full((1, 4), style)) for style in range(3)])
    best = np.take_along_axis(by_style, WHO.styles.argmax(axis=1)[None, :], axis=0)[0]
    assert best.mean() > 1.1 * by_style.mean()
    assert fit(titles, np.full((1, 4), -1)).mean() < by_style.mean()


def test_what_they_saw_or_may_not_see_does_not_bring_them_back_and_what_is_new_does():
    titles, faces = favourites(4), np.zeros((1, 4), dtype=np.int64)
    plain = fit(titles, faces)
    assert (fit(titles, faces, seen=~NEVER_SEEN) < plain).all()
    assert (fit(titles, faces, last_play=NOW - 4_000 * DAY) >= plain).all()
    gone = np.flatnonzero(TITLES.added > START * DAY)[:4][None, :]
    assert fit(gone, faces).mean() == pytest.approx(CONSTANTS.fit_least, rel=0.05)


def test_a_mail_that_shows_nothing_of_ours_is_dull():
    nothing = np.full((1, 1), -1)
    assert fit(nothing, nothing) == pytest.approx(CONSTANTS.dull)


def test_the_hour_they_like_fits_best_and_an_unknown_one_as_any():
    assert hour_fit(np.array([0.05, 1.0, np.nan])).tolist() == pytest.approx([0.775, 1.25, 1.0])
