"""Sending as a command does it: the real queue, real boto3, the bundled stand-in, real processes, killed for real."""

import logging
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from campaigns import sending
from campaigns.errors import Unavailable
from campaigns.feedback import doubts
from campaigns.sending import Carrier, deliver, reconcile
from campaigns.settings import QuietHours
from campaigns.standin import Fail, HangUp, Quota, events_file, mails, serving
from tests.campaigns.making import DAY


@pytest.fixture
def stores(stores):
    """The test's stores, in which no hour is quiet and one process sends."""
    changes = {"quiet_hours": QuietHours(0, 0), "workers": 1, "in_doubt_after": 1.0}
    return replace(stores, settings=stores.settings.model_copy(update=changes))


@pytest.fixture
def carrier(home):
    """A stand-in for as long as the block lasts."""

    @contextmanager
    def carrier(faults=lambda _: None, quota=None):
        with serving(home, faults=faults, quota=quota) as url:
            yield Carrier(url, events_file(home))

    return carrier


@pytest.fixture
def due(house):
    """Makes so many members, each with a message that has just come due; every tenth is held out."""

    def due(number, **changes):
        house.messages(number, house.campaign(**changes), due_at=datetime.now(UTC) - timedelta(minutes=5))

    return due


def mails_of(home):
    """How many mails each address got."""
    return Counter(mail.to[0] for mail in mails(home))


def members(number):
    """Who is to be mailed of so many."""
    return Counter(f"m{n}@example.com" for n in range(1, number + 1) if n % 10)


def patiently(true, seconds=30):
    """Wait until something is true, for no longer than so many seconds."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it did not come true"
        time.sleep(0.02)


def test_what_is_due_goes_and_what_came_of_it_is_known(house, stores, carrier, due, home):
    due(40)
    with carrier() as standin:
        assert deliver(stores, standin) == {"sent": 36, "held_out": 4}
        assert deliver(stores, standin) == {}
    assert mails_of(home) == members(40)
    assert house.states() == {"delivered": 36, "held_out": 4}


def test_only_the_day_that_is_asked_for_is_sent(house, stores, carrier, due):
    due(10)
    with carrier() as standin:
        assert deliver(stores, standin, day=DAY - timedelta(days=1)) == {}
        assert deliver(stores, standin, day=DAY) == {"sent": 9, "held_out": 1}
    assert house.states() == {"delivered": 9, "held_out": 1}


def test_a_full_day_s_quota_ends_it_in_one_line_and_the_rest_waits(house, stores, carrier, due):
    due(40)
    with carrier(quota=Quota(1000, 20)) as standin:
        with pytest.raises(Unavailable, match="Daily message quota exceeded") as error:
            deliver(stores, standin)
        assert "\n" not in str(error.value)
        assert house.states()["planned"] == 16
        assert reconcile(stores, standin) == {}
    assert house.states()["delivered"] == 20


@pytest.mark.parametrize("fault", [Fail(500), HangUp(accept=True), HangUp(accept=False)])
def test_silence_leaves_in_doubt_and_the_evidence_settles_it(house, stores, carrier, due, home, fault):
    due(20)
    calls = Counter()

    def once(call):
        calls[call.operation] += 1
        return fault if call.operation == "SendEmail" and calls["SendEmail"] == 5 else None

    with carrier(once) as standin:
        assert deliver(stores, standin) == {"sent": 17, "held_out": 2, "in_doubt": 1}
        accepted = isinstance(fault, HangUp) and fault.accept
        assert calls["SendEmail"] == 18
        assert doubts(house.database).messages == (not accepted)
        time.sleep(1.1)
        deliver(stores, standin)
        assert calls["SendEmail"] == (18 if accepted else 20)  # a probe, and the mail again
    got = mails_of(home)
    got.pop("success@simulator.amazonses.com", None)
    assert got == members(20)
    assert house.states() == {"delivered": 18, "held_out": 2}


def test_a_stopped_campaign_s_messages_are_suppressed_before_they_are_due(house, stores, carrier):
    later = datetime.now(UTC) + timedelta(hours=2)
    message = house.message(house.contact("ana"), house.campaign(state="stopped"), due_at=later)
    with carrier() as standin:
        reconcile(stores, standin)
    assert house.state(message) == ("suppressed", "campaign_stopped")


def test_a_worker_that_runs_on_picks_up_new_work_and_stops_when_told(house, stores, carrier, home):
    stop, counts = threading.Event(), []
    with carrier() as standin:

        def run():
            counts.append(deliver(stores, standin, until_empty=False, stopping=stop.is_set))

        worker = threading.Thread(target=run)
        worker.start()
        campaign = house.campaign()
        for number in (1, 2):
            house.message(house.contact(f"m{number}"), campaign, due_at=datetime.now(UTC))
            patiently(lambda number=number: len(mails_of(home)) == number)
        stop.set()
        worker.join(10)
    assert counts == [{"sent": 2}]


# --- processes --------------------------------------------------------------------------------------------------------


@pytest.fixture
def many(stores, monkeypatch):
    """The same, in two processes even where little is due."""
    monkeypatch.setattr(sending, "A_PROCESS", 10)
    return replace(stores, settings=stores.settings.model_copy(update={"workers": 2}))


def test_several_processes_mail_everyone_once(house, many, carrier, due, home):
    due(60)
    with carrier(quota=Quota(10, 1000)) as standin:  # slow enough that one does not claim it all
        assert deliver(many, standin)["sent"] == 54
    assert mails_of(home) == members(60)
    assert len(house.rows("SELECT DISTINCT worker FROM attempts")) == 2
    assert multiprocessing.active_children() == []


@pytest.mark.slow
def test_a_killed_process_s_messages_are_taken_on_by_the_others(house, many, carrier, due, home):
    due(300)
    calls = Counter()

    def kill(call):
        calls[call.operation] += 1
        if calls["SendEmail"] == 60:
            multiprocessing.active_children()[0].kill()

    with carrier(kill) as standin:
        deliver(many, standin)
        for _ in range(3):
            time.sleep(1.1)
            deliver(many, standin)
    got = mails_of(home)
    got.pop("success@simulator.amazonses.com", None)
    assert got == members(300)
    assert set(house.states()) == {"delivered", "held_out"}


def test_an_error_in_a_process_is_one_line_and_the_rest_waits(house, many, carrier, due):
    due(100)
    with carrier(quota=Quota(1000, 20)) as standin, pytest.raises(Unavailable, match="Daily message quota exceeded"):
        deliver(many, standin)
    assert house.states()["planned"] + house.states()["held_out"] == 80
    assert multiprocessing.active_children() == []


def test_processes_that_are_told_to_stop_leave_nothing_in_doubt(house, many, carrier, due, home):
    due(200)
    with carrier(quota=Quota(40, 1000)) as standin:
        deliver(many, standin, stopping=lambda: len(mails_of(home)) >= 40)
    states = house.states()
    assert {"claimed", "sending", "in_doubt"}.isdisjoint(states)
    assert states["planned"] > 50
    assert multiprocessing.active_children() == []


# --- what is said of it -----------------------------------------------------------------------------------------------


def test_no_log_and_no_error_names_an_address_or_a_secret(house, stores, carrier, due, caplog, capfd):
    due(20)
    house.do("UPDATE contacts SET email = 'ä@example.com' WHERE member_id = 'm3'")
    rejected = Fail(400, "MessageRejected", "Email address is not verified: hello@lumen.example, m5@example.com")
    with (
        caplog.at_level(logging.INFO),
        carrier(lambda call: rejected if call.operation == "SendEmail" else None) as standin,
        pytest.raises(Unavailable) as error,
    ):
        deliver(stores, standin)
    said = str(error.value) + caplog.text + "".join(capfd.readouterr())
    assert "not verified" in said
    assert "@example.com" not in said
    assert "@lumen.example" not in said
    assert stores.database.url not in said
    assert (stores.home / "secret_key").read_text() not in said


def test_where_the_database_goes_away_it_is_said_in_one_line(house, stores, carrier, due):
    due(40)
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = %s"
    name = house.rows("SELECT current_database()")[0][0]
    calls = Counter()

    def cut(call):
        calls[call.operation] += 1
        if calls["SendEmail"] == 10:
            house.do(others, [name])

    with carrier(cut) as standin:
        with pytest.raises(Unavailable, match="the database") as error:
            deliver(stores, standin)
        assert "\n" not in str(error.value)
        deliver(stores, standin)
    assert set(house.states()) <= {"delivered", "held_out", "in_doubt"}


# --- killed for real --------------------------------------------------------------------------------------------------

PROGRAM = """
import sys
from pathlib import Path
from campaigns.sending import Carrier, deliver
from campaigns.settings import QuietHours, Settings
from campaigns.stores import stores_at
home, url, endpoint, spool, workers = sys.argv[1:]
changes = {"quiet_hours": QuietHours(0, 0), "in_doubt_after": 1, "workers": int(workers)}
settings = Settings(home=Path(home), _env_file=None, **changes)
from campaigns import sending
sending.A_PROCESS = 50
deliver(stores_at(settings, url), Carrier(endpoint, Path(spool)))
"""


def worker(stores, standin, workers=1):
    """`encore deliver --until-empty`, as a program of its own."""
    arguments = [str(stores.home), stores.database.url, standin.endpoint, str(standin.spool), str(workers)]
    return subprocess.Popen([sys.executable, "-c", PROGRAM, *arguments], start_new_session=True, stderr=subprocess.PIPE)


def kill_and_start_again(stores, standin, home, *, kills, workers, pause):
    """Run workers that are killed after a while, and one last that is not."""
    for _ in range(kills):
        before = sum(mails_of(home).values())
        running = worker(stores, standin, workers)
        patiently(lambda before=before: sum(mails_of(home).values()) > before or running.poll() is not None)  # noqa: B023 - used at once
        time.sleep(pause())
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
    last = worker(stores, standin, workers)
    assert last.communicate(timeout=120)[1].decode() == ""
    assert last.returncode == 0


def settle_all(house, stores, standin):
    """Reconcile and deliver until nothing is in doubt."""
    for _ in range(10):
        time.sleep(1.1)
        deliver(stores, standin)
        if not doubts(house.database).messages:
            return


def check_everyone_was_mailed_once(house, stores, carrier, due, home, *, number, **how):
    due(number)
    with carrier(quota=Quota(how.pop("rate"), 100_000)) as standin:
        kill_and_start_again(stores, standin, home, **how)
        got = mails_of(home)
        got.pop("success@simulator.amazonses.com", None)
        (in_doubt,) = [house.states().get("in_doubt", 0)]
        assert max(got.values()) == 1
        assert len(got) + in_doubt >= len(members(number))
        settle_all(house, stores, standin)
    got = mails_of(home)
    got.pop("success@simulator.amazonses.com", None)
    assert got == members(number)
    assert set(house.states()) == {"delivered", "held_out"}
    assert house.rows("SELECT FROM messages WHERE accepted_twice") == []


def test_a_worker_may_be_killed_at_any_moment_and_everyone_gets_one_mail(house, stores, carrier, due, home):
    chance = random.Random(1)
    how = {"kills": 1, "workers": 1, "pause": lambda: chance.uniform(0, 0.3)}
    check_everyone_was_mailed_once(house, stores, carrier, due, home, number=150, rate=200, **how)


@pytest.mark.slow
def test_workers_may_be_killed_over_and_over_and_everyone_gets_one_mail(house, stores, carrier, due, home):
    chance = random.Random(2)
    how = {"kills": 12, "workers": 2, "pause": lambda: chance.uniform(0, 0.8)}
    check_everyone_was_mailed_once(house, stores, carrier, due, home, number=4000, rate=400, **how)
