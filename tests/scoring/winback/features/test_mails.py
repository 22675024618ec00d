"""What came of the mails before."""

from datetime import timedelta

import pytest

from scoring.contracts import OUTCOMES
from tests.scoring.winback.features.world import AT, DAY, HOUR, World

ANSWERS = ("mails_lifetime", "mails_answered", "answer_share")


@pytest.fixture
def world(tmp_path):
    return World(tmp_path / "lake")


def test_who_was_never_written_to_never_answered(world):
    world.played(AT - 9 * DAY)
    assert world.told(*ANSWERS, "mails_since_play") == (0, 0, None, 0)


@pytest.mark.parametrize(
    ("after", "answered"),
    [(HOUR, 1), (14 * DAY - HOUR, 1), (14 * DAY, 0), (-HOUR, 0), (timedelta(0), 0), (timedelta(seconds=1), 1)],
)
def test_a_play_within_two_weeks_is_an_answer(world, after, answered):
    mailed = AT - 60 * DAY + 10 * HOUR
    assert world.played(mailed + after).told(*ANSWERS, mailed=[mailed]) == (1, answered, answered)


def test_a_play_before_and_one_after_on_the_same_day_are_an_answer(world):
    mailed = AT - 60 * DAY + 10 * HOUR
    assert world.played(mailed - HOUR, mailed + HOUR).told("mails_answered", mailed=[mailed]) == (1,)


def test_subscribing_again_is_an_answer(world):
    world.put(OUTCOMES, {"member_id": "a", "kind": "resubscribed", "at": AT - 50 * DAY})
    assert world.told(*ANSWERS, mailed=[AT - 60 * DAY, AT - 70 * DAY]) == (2, 1, 0.5)


def test_a_play_may_answer_several_mails(world):
    world.played(AT - 50 * DAY)
    assert world.told(*ANSWERS, mailed=[AT - 60 * DAY, AT - 55 * DAY]) == (2, 2, 1)


def test_an_answer_at_the_moment_or_later_is_not_known_yet(world):
    world.played(AT)
    assert world.told("mails_answered", mailed=[AT - DAY]) == (0,)
    assert world.told("mails_answered", at=AT + timedelta(seconds=1), mailed=[AT - DAY]) == (1,)


def test_mails_since_the_last_play_are_counted(world):
    mailed = [AT - days * DAY for days in (90, 40, 20)]
    assert world.told("mails_since_play", mailed=mailed) == (3,)
    assert world.played(AT - 50 * DAY).told("mails_since_play", mailed=mailed) == (2,)
