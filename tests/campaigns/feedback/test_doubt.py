"""The rule of evidence: when a message in doubt went, when it did not, and when nobody can tell."""

import json
import time
from datetime import timedelta
from uuid import uuid4

import pytest

from campaigns.delivery import Ending, Mailbox
from campaigns.errors import InDoubt
from campaigns.feedback import doubts, parse, probe, settle, take_in
from tests.campaigns.making import NOW, event

AFTER = timedelta(seconds=100)
LATER = NOW + 3 * AFTER
SECOND, A_MOMENT = timedelta(seconds=1), timedelta(microseconds=1)


@pytest.fixture
def settings(stores):
    return stores.settings.model_copy(update={"in_doubt_after": AFTER.total_seconds()})


@pytest.fixture
def settled(house, settings):
    """What `settle` finds at a time."""
    return lambda wall=LATER: settle(house.database, settings, wall)


class Calls:
    """Calls of SES as our log has them, and the Send events that arrived."""

    def __init__(self, house):
        self.house, self.campaign, self.number = house, house.campaign(), 0

    def doubtful(self, at=NOW, **changes):
        """A message whose only call, at a time, nobody knows the end of."""
        self.number += 1
        message = self.house.message(self.house.contact(f"m{self.number}"), self.campaign, state="in_doubt", **changes)
        self.attempt(message, 1, at)
        return message

    def attempt(self, message, number, at, outcome=None, ses_id=None):
        self.house._insert(
            "attempts",
            {
                "message_id": message,
                "run_date": NOW.date(),
                "number": number,
                "worker": 1,
                "started_at": at,
                "ended_at": at if outcome else None,
                "outcome": outcome,
                "ses_message_id": ses_id,
            },
        )

    def acknowledged(self, at, *, told=True):
        """A call that SES acknowledged at a time; `told`: its Send event arrived."""
        self.number += 1
        self.attempt(uuid4(), 1, at, "accepted", f"s{self.number}")
        if told:
            self.send(None, f"s{self.number}")

    def send(self, message, ses_id):
        take_in(self.house.database, [parse(json.dumps(event("Send", message, ses_id)), "f", 1)])


@pytest.fixture
def calls(house):
    return Calls(house)


def test_a_send_event_says_that_it_went(house, calls, settled):
    message = calls.doubtful()
    calls.send(message, "s1")
    assert (settled(), house.state(message)) == ({}, ("sent", None))


def test_it_goes_again_when_the_stream_is_whole_and_a_later_call_was_told(house, calls, settled):
    message = calls.doubtful()
    calls.acknowledged(NOW - AFTER)
    calls.acknowledged(NOW + SECOND)
    calls.acknowledged(NOW + AFTER)
    assert settled() == {"planned": 1}
    assert house.state(message) == ("planned", None)
    assert house.rows("SELECT outcome FROM attempts WHERE message_id = %s", [message]) == [("not_sent",)]


def test_without_any_stream_it_stays_in_doubt(house, calls, settled):
    message = calls.doubtful()
    assert settled(NOW + timedelta(days=30)) == {}
    calls.acknowledged(NOW + AFTER, told=False)
    assert settled(NOW + timedelta(days=30)) == {}
    assert house.state(message) == ("in_doubt", None)
    assert doubts(house.database) == (1, NOW)


def test_a_call_that_is_not_late_enough_tells_nothing(calls, settled):
    calls.doubtful()
    calls.acknowledged(NOW + AFTER - A_MOMENT)
    assert settled() == {}


@pytest.mark.parametrize(
    ("missing", "whole"),
    [(-AFTER - A_MOMENT, True), (-AFTER, False), (SECOND, False), (AFTER, False), (AFTER + A_MOMENT, True)],
)
def test_one_missing_send_around_the_call_and_the_stream_is_not_whole(calls, settled, missing, whole):
    calls.doubtful()
    calls.acknowledged(NOW + 2 * AFTER)
    calls.acknowledged(NOW + missing, told=False)
    assert settled() == ({"planned": 1} if whole else {})


def test_each_message_is_judged_by_the_calls_around_it(house, calls, settled):
    first, second = calls.doubtful(), calls.doubtful(NOW + 10 * AFTER)
    calls.acknowledged(NOW, told=False)
    calls.acknowledged(NOW + 20 * AFTER)
    assert settled(NOW + 21 * AFTER) == {"planned": 1}
    assert [house.state(m)[0] for m in (first, second)] == ["in_doubt", "planned"]


def test_a_probe_that_was_not_told_is_evidence_against_the_stream(house, calls, settled):
    calls.doubtful()
    house._insert("probes", {"id": uuid4(), "started_at": NOW + AFTER, "ses_message_id": "p1"})
    assert settled() == {}
    calls.acknowledged(NOW + 2 * AFTER)
    assert settled() == {}
    calls.send(None, "p1")
    assert settled() == {"planned": 1}


@pytest.mark.parametrize(("live", "state"), [(True, "expired"), (False, "planned")])
def test_found_not_sent_when_it_would_have_expired_it_is_expired(house, calls, settled, live, state):
    message = calls.doubtful(live=live)
    calls.acknowledged(NOW + AFTER)
    assert settled(NOW + timedelta(hours=12)) == {state: 1}
    assert house.state(message) == (state, None)


def test_only_the_last_attempt_counts(house, calls, settled):
    message = calls.doubtful()
    calls.attempt(message, 2, NOW + 2 * AFTER)
    calls.acknowledged(NOW + 2 * AFTER)
    assert settled(NOW + 5 * AFTER) == {}
    assert doubts(house.database) == (1, NOW + 2 * AFTER)


def test_a_send_that_arrives_late_stops_the_second_attempt(house, calls, settled, box):
    message = calls.doubtful()
    calls.acknowledged(NOW + AFTER)
    settled()
    claimed = box.claim(1)
    calls.send(message, "late")
    assert box.begin(claimed) == {}
    assert house.state(message) == ("sent", None)
    assert not house.row(message)["accepted_twice"]


def test_a_second_acceptance_is_told_whichever_word_arrives_last(house, calls, settled, box):
    message = calls.doubtful()
    calls.acknowledged(NOW + AFTER)
    settled()
    claimed = box.claim(1)
    box.begin(claimed)
    calls.send(message, "late")
    box.end([Ending(claimed[0], 2, "accepted", "s", "second")])
    row = house.row(message)
    assert (row["state"], row["accepted_twice"]) == ("sent", True)
    assert house.rows("SELECT outcome FROM attempts WHERE message_id = %s ORDER BY number", [message]) == [
        ("not_sent",),
        ("accepted",),
    ]


# --- probes -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def probed(house, settings):
    """Whether a probe went at a time; and the mailbox it went to."""
    mailbox = Mailbox()

    def probed(wall):
        return probe(house.database, settings, lambda: mailbox, wall)

    probed.mailbox = mailbox
    return probed


def test_where_traffic_is_silent_a_probe_is_the_later_call(house, calls, probed, settled):
    message = calls.doubtful()
    assert not probed(NOW + AFTER - A_MOMENT)
    assert probed(NOW + AFTER)
    (mail,) = probed.mailbox.mails
    assert (mail.to, set(mail.tags)) == ("success@simulator.amazonses.com", {"probe"})
    assert not probed(NOW + 2 * AFTER)
    assert settled() == {}
    calls.send(None, "kept-1")
    assert settled() == {"planned": 1}
    assert house.state(message) == ("planned", None)


def test_a_probe_is_not_sent_where_there_was_a_later_call_or_no_doubt(calls, probed):
    assert not probed(LATER)
    calls.doubtful()
    calls.acknowledged(NOW + AFTER, told=False)
    assert not probed(LATER)


def test_a_probe_whose_send_was_lost_is_followed_by_another_the_next_day(calls, probed, settled):
    calls.doubtful()
    assert probed(NOW + AFTER + SECOND)
    assert not probed(NOW + timedelta(hours=23))
    assert probed(NOW + timedelta(hours=25))
    calls.send(None, "kept-2")
    assert settled(NOW + timedelta(hours=26)) == {"expired": 1}


def test_a_probe_that_does_not_go_is_no_evidence(house, calls, probed):
    calls.doubtful()
    probed.mailbox.refuse = lambda mail: InDoubt(mail.id, "silence")
    assert not probed(LATER)
    assert house.rows("SELECT FROM probes") == []


# --- what it costs ----------------------------------------------------------------------------------------------------


def test_many_calls_and_many_doubts_are_settled_in_no_time(house, calls, settled):
    many = 20_000
    house.do(
        """INSERT INTO attempts (message_id, run_date, number, worker, started_at, ended_at, outcome, ses_message_id)
        SELECT gen_random_uuid(), %(day)s, 1, 1, at, at, 'accepted', 's-' || n
          FROM generate_series(1, %(n)s) n, LATERAL (SELECT %(now)s + n * interval '10 ms' AS at) t""",
        {"n": many, "day": NOW.date(), "now": NOW},
    )
    house.do(
        """INSERT INTO events (key, type, at, ses_message_id, raw)
        SELECT n::text, 'Send', %(now)s, 's-' || n, '{}' FROM generate_series(1, %(n)s) n""",
        {"n": many, "now": NOW},
    )
    for n in range(64):
        calls.doubtful(NOW + n * A_MOMENT)
    started = time.monotonic()
    assert settled() == {"planned": 64}
    assert time.monotonic() - started < 5
