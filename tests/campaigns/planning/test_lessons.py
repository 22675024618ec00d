"""What is read of mails that went out, for all that learn from them."""

from datetime import timedelta

import pytest

from campaigns.planning import looks, row_order
from campaigns.planning.lessons import Lessons
from tests.campaigns.planning.service import DAY, at, member

LATER = at(DAY + timedelta(days=5))


@pytest.fixture
def mailed(service):
    """Six members, mailed on a day by one campaign, and five days later by another."""
    service.has(members=[member(f"m{n}") for n in range(6)])
    for name, day in (("autumn", DAY), ("winter", DAY + timedelta(days=5))):
        service.campaign(name)
        service.day(day, name)
    service.do("UPDATE messages SET state = 'sent', sent_at = due_at WHERE arm = 'mailed'")
    return service


def test_pictures_and_rows_learn_from_mails_that_were_read_once(mailed):
    lessons = Lessons(mailed.stores, LATER)
    pictures = looks.choices(lessons)
    mailed.do("UPDATE messages SET sent_at = NULL")
    assert looks.choices(lessons).equals(pictures)
    assert row_order.choices(lessons).height
    assert Lessons(mailed.stores, LATER).sent.is_empty()


def test_of_many_mails_the_newest_count(mailed, monkeypatch):
    monkeypatch.setattr("campaigns.planning.lessons.MOST", 1)
    asked = at(DAY + timedelta(days=10))
    assert set(Lessons(mailed.stores, asked).sent["campaign"]) == {"winter"}
    assert set(Lessons(mailed.stores, asked, "autumn").sent["campaign"]) == {"autumn"}


def test_mails_of_which_nothing_is_due_to_be_known_yet_teach_nothing(mailed):
    assert set(Lessons(mailed.stores, LATER).sent["campaign"]) == {"autumn"}
    assert Lessons(mailed.stores, at(DAY + timedelta(days=3))).responses.is_empty()
