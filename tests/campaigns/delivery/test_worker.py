"""A worker over a real queue, with a mailbox that answers as it is told."""

import threading
from datetime import timedelta

import pytest

from campaigns.delivery import Composer, Mailbox, Pace, Rules, Worker, outbox
from campaigns.delivery import worker as module
from campaigns.delivery.outbox import LEASE
from campaigns.errors import AccountStopped, InDoubt, Refused, Throttled, Unavailable
from tests.campaigns.making import NOW


class Clock:
    """Time that passes only where someone sleeps."""

    def __init__(self):
        self.now, self.slept = 0.0, []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def working(stores, box, mailbox, clock):
    """A worker of `box`."""
    composer = Composer(stores.settings, b"key", box.template)
    return Worker(box, mailbox, composer, Pace(1e9, clock.sleep, clock))


def by_turns(*answers):
    """A mailbox's refusals: each of `answers` in turn, and none from then on."""
    left, lock = list(answers), threading.Lock()

    def refuse(mail):
        with lock:
            answer = left.pop(0) if left else None
        return answer and answer(mail.id, "so")

    return refuse


def test_everyone_gets_one_mail_and_shadows_get_none(house, working, mailbox):
    house.messages(40, house.campaign())
    working.drain()
    assert working.counts == {"sent": 36, "held_out": 4}
    assert len({mail.to for mail in mailbox.mails}) == len(mailbox.mails) == 36
    assert house.states() == {"sent": 36, "held_out": 4}
    assert house.rows("SELECT FROM messages WHERE subject IS NULL AND state = 'sent'") == []


def test_two_workers_share_the_queue_and_mail_nobody_twice(house, stores, working, mailbox):
    house.messages(200, house.campaign())
    with outbox(house.database, Rules.of(stores.settings), lambda: NOW) as box:
        other = Worker(box, mailbox, Composer(stores.settings, b"key", box.template), Pace(1e9))
        threads = [threading.Thread(target=worker.drain) for worker in (working, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len({mail.to for mail in mailbox.mails}) == len(mailbox.mails) == 180


def test_a_throttled_mail_is_given_back_and_goes_more_slowly(house, working, mailbox, clock):
    house.messages(20, house.campaign())
    mailbox.refuse = by_turns(*[Throttled] * 10)
    working.drain()
    assert working.counts == {"sent": 18, "held_out": 2, "throttled": 10}
    assert working.pace.share < 1
    assert sum(clock.slept) > 0
    assert house.rows("SELECT count(*), count(DISTINCT message_id) FROM attempts") == [(28, 18)]


def test_what_stays_throttled_ends_the_worker_in_one_line_and_everything_waits(house, working, mailbox, clock):
    house.messages(20, house.campaign())
    mailbox.refuse = lambda mail: Throttled(mail.id, "so")
    with pytest.raises(Unavailable, match="takes no more mails now"):
        working.drain()
    assert 5 < sum(clock.slept) < 60
    working.box.release()
    assert house.states() == {"planned": 18, "held_out": 2}


def test_an_account_that_is_stopped_ends_the_worker_in_one_line_and_everything_waits(house, working, mailbox):
    house.messages(20, house.campaign())
    mailbox.refuse = by_turns(None, None, AccountStopped, None)
    with pytest.raises(Unavailable, match="Amazon SES: so; the rest waits"):
        working.drain()
    working.box.release()
    assert house.states() == {"sent": 7, "planned": 11, "held_out": 2}
    assert house.rows("SELECT count(*) FROM attempts WHERE outcome = 'stopped'") == [(1,)]


def test_where_nothing_is_heard_only_a_few_are_left_in_doubt(house, working, mailbox):
    house.messages(100, house.campaign())
    mailbox.refuse = lambda mail: InDoubt(mail.id, "so")
    with pytest.raises(Unavailable, match="takes no more mails now"):
        working.drain()
    working.box.release()
    assert house.states()["in_doubt"] == module.CALLS + module.PATIENCE
    assert house.states()["planned"] == 90 - module.CALLS - module.PATIENCE


def test_a_call_that_breaks_in_any_way_leaves_its_message_in_doubt(house, working, mailbox):
    house.messages(8, house.campaign())
    left = [1]
    mailbox.refuse = lambda _: left.pop() / 0 if left else None
    working.drain()
    assert house.states() == {"sent": 7, "in_doubt": 1}
    assert house.rows("SELECT said FROM attempts WHERE outcome = 'in_doubt'") == [("ZeroDivisionError",)]


def test_a_mail_that_is_refused_fails_alone(house, working, mailbox):
    house.messages(9, house.campaign())
    mailbox.refuse = by_turns(Refused)
    working.drain()
    assert working.counts == {"sent": 8, "refused": 1}
    assert house.rows("SELECT reason FROM messages WHERE state = 'failed'") == [("so",)]


def test_a_mail_that_cannot_be_written_fails_alone_and_its_reason_names_nobody(house, working, mailbox):
    house.messages(9, house.campaign())
    house.do(
        """UPDATE messages SET content = content || '{"rows": [{"kind": "?", "picks": []}]}' WHERE member_id = 'm1'"""
    )
    house.do("UPDATE messages SET content = '{}' WHERE member_id = 'm2'")
    house.do("UPDATE contacts SET email = 'ä@example.com' WHERE member_id = 'm3'")
    working.drain()
    failed = dict(house.rows("SELECT member_id, reason FROM messages WHERE state = 'failed'"))
    assert {"m2", "m3"} <= set(failed) <= {"m1", "m2", "m3"}
    assert "example.com" not in str(failed)
    assert len(mailbox.mails) == 9 - len(failed)
    assert house.rows("SELECT count(*) FROM attempts") == [(9 - len(failed),)]


def test_a_worker_that_is_told_to_stop_ends_between_calls(house, working, mailbox):
    house.messages(50, house.campaign())
    working.stopping = lambda: len(mailbox.mails) >= 10
    working.drain()
    working.box.release()
    assert len(mailbox.mails) == 16
    assert house.states() == {"sent": 16, "planned": 29, "held_out": 5}


def test_a_slow_account_has_few_messages_claimed_at_once(house, working, clock):
    house.messages(50, house.campaign())
    working.pace = Pace(1, clock.sleep, clock)
    claims = []
    claim = working.box.claim
    working.box.claim = lambda limit: claims.append(limit) or claim(limit)
    working.drain()
    assert max(claims) == 10
    assert clock.now == pytest.approx(44, abs=8)


# --- pace -------------------------------------------------------------------------------------------------------------


def test_the_pace_is_kept_over_any_length_of_time(clock):
    pace = Pace(10, clock.sleep, clock)
    for _ in range(100):
        pace.wait(8)
    assert clock.now == pytest.approx(99 * 0.8)
    clock.now += 1000
    before = clock.now
    pace.wait(8)
    pace.wait(8)
    assert clock.now - before == pytest.approx(0.8)  # what was not used is not made up for


def test_the_pace_halves_when_it_is_too_much_and_comes_back():
    pace = Pace(100)
    pace.heed(throttled=True)
    assert pace.share == 0.5
    for _ in range(20):
        pace.heed(throttled=False)
    assert pace.share == 1
    for _ in range(50):
        pace.heed(throttled=True)
    assert pace.share == 0.01


def test_what_is_claimed_at_once_is_sent_long_before_the_claim_is_taken_away():
    assert timedelta(seconds=module.AHEAD) * 10 < LEASE
