"""What mails teach of pictures."""

from datetime import timedelta

import polars as pl
import pytest

from campaigns.planning import looks
from campaigns.planning.lessons import Lessons
from tests.campaigns.planning.service import DAY, at, member, play, title

LATER = DAY + timedelta(days=5)


@pytest.fixture
def mailed(service):
    """Ten members, mailed on a day with pictures in two styles; the fifth is held out."""
    ids = [f"m{n}" for n in range(10)]
    art = [
        {"artwork_id": f"t{n}-{style}", "title_id": f"t{n}", "url": "https://a.example/x", "alt": "x", "style": style}
        for n in range(8)
        for style in ("faces", "action")
    ]
    titles = [title(f"t{n}", genres=["Drama"]) for n in range(8)]
    service.has(members=[member(m) for m in ids], titles=titles, artworks=art)
    service.has(plays=[play(m, "t7", at(DAY, -24 * 60)) for m in ids])
    service.campaign(holdout={"share": 0.3})
    service.day()
    service.do("UPDATE messages SET state = 'sent', sent_at = due_at WHERE arm = 'mailed'")
    return service


def learnt(service, day=LATER):
    return looks.choices(Lessons(service.stores, at(day)))


def test_a_mails_pictures_teach_once_three_days_have_passed(mailed):
    sent = [m for m in mailed.messages() if m["arm"] == "mailed"]
    shown = sum(1 + sum(len(row["picks"]) for row in m["content"]["rows"]) for m in sent)
    assert learnt(mailed, DAY + timedelta(days=3)).is_empty()
    found = learnt(mailed)
    assert found.height == shown
    assert found["reward"].sum() == 0
    assert set(found["propensity"]) == {0.5}
    assert set(found["genre_Drama"]) == {1.0}
    assert "member_id" not in found.columns


def test_what_was_held_out_or_not_sent_teaches_nothing(mailed):
    before = learnt(mailed).height
    one = next(m for m in mailed.messages() if m["arm"] == "mailed")
    mailed.do("UPDATE messages SET sent_at = NULL WHERE id = %(id)s", one)
    assert 0 < learnt(mailed).height < before


def test_a_play_of_the_title_within_three_days_is_worth_ten_clicks(mailed):
    one, two = [m for m in mailed.messages() if m["arm"] == "mailed"][:2]
    hero = one["content"]["hero"]
    mailed.has(plays=[play(one["member_id"], hero["title_id"], one["due_at"] + timedelta(hours=5))])
    mailed.has(plays=[play(two["member_id"], two["content"]["hero"]["title_id"], two["due_at"] + timedelta(days=4))])
    row = two["content"]["rows"][0]["picks"][1]
    for _ in range(2):
        mailed.do("INSERT INTO clicks (message_id, run_date, place, at) VALUES (%(id)s, %(run_date)s, 2, now())", two)
    found = learnt(mailed).filter(pl.col("reward") > 0)
    assert dict(found.select("artwork_id", "reward").iter_rows()) == {hero["artwork_id"]: 1.0, row["artwork_id"]: 0.1}


def test_nothing_after_the_cut_off_is_read(mailed):
    before = learnt(mailed)
    one = next(m for m in mailed.messages() if m["arm"] == "mailed")
    mailed.has(plays=[play(one["member_id"], "t6", at(LATER, 1))])
    assert learnt(mailed).sort(pl.all()).equals(before.sort(pl.all()))


def test_the_model_of_a_run_stays_as_it_was_when_the_run_began(mailed):
    run = mailed.open(LATER, wall=at(LATER))
    first = looks.artwork_model(mailed.stores, run, Lessons(mailed.stores, run.cutoff))
    mailed.do("UPDATE messages SET sent_at = NULL")
    again = looks.artwork_model(mailed.stores, run, Lessons(mailed.stores, run.cutoff))
    asked = pl.DataFrame({"candidates": [["t0-faces", "t0-action"]], "genre_Drama": [1.0]})
    assert first.probabilities(asked).equals(again.probabilities(asked))
