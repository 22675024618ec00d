import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.errors import Unavailable
from campaigns.standin import events, events_file, mailbox, mails
from campaigns.standin.store import Store

ADDRESSES = ["ana@example.com", "bounce@simulator.amazonses.com", "ooto@simulator.amazonses.com"]


def told(home):
    return events_file(home).read_bytes().splitlines(keepends=True)


def due(kept):
    return [events.to_line(event) for mail in kept for event in events.events(mail)]


def reopened(home):
    Store(home).close()


@given(cut=st.data(), size=st.integers(0, 6))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])  # the factory keeps nothing
def test_whatever_a_death_cut_short_every_kept_mail_has_its_events_once(tmp_path_factory, a_mail, cut, size):
    home = tmp_path_factory.mktemp("home")
    all_mails = [a_mail(number, to=(ADDRESSES[number % 3],)) for number in range(1, size + 1)]
    mailbox.folder(home).mkdir()
    lines = b"".join(map(mailbox.to_line, all_mails))
    lines = lines[: cut.draw(st.integers(0, len(lines)))]
    kept = all_mails[: lines.count(b"\n")]
    said = b"".join(due(kept))
    mailbox.mails_file(home).write_bytes(lines)
    events_file(home).write_bytes(said[: cut.draw(st.integers(0, len(said)))])

    reopened(home)

    assert list(mails(home)) == kept
    assert told(home) == due(kept)


def test_opening_again_changes_nothing(tmp_path, a_mail):
    store = Store(tmp_path)
    store.keep([a_mail(1), a_mail(2)])
    store.keep([a_mail(3)])
    store.close()
    before = mailbox.mails_file(tmp_path).read_bytes(), told(tmp_path)
    reopened(tmp_path)
    assert (mailbox.mails_file(tmp_path).read_bytes(), told(tmp_path)) == before
    assert before[1] == due([a_mail(number) for number in (1, 2, 3)])


def test_events_that_the_disk_refused_are_said_with_the_next(tmp_path, a_mail, room):
    store = Store(tmp_path)
    with room(len(mailbox.to_line(a_mail(1))) + 10):
        store.keep([a_mail(1)])
    assert list(mails(tmp_path)) == [a_mail(1)]
    assert told(tmp_path) == []
    store.keep([a_mail(2)])
    assert told(tmp_path) == due([a_mail(1), a_mail(2)])


def test_mails_that_the_disk_refused_are_not_kept_and_nothing_is_said_of_them(tmp_path, a_mail, room):
    store = Store(tmp_path)
    store.keep([a_mail(1)])
    with room(len(mailbox.to_line(a_mail(1))) + 10), pytest.raises(OSError, match="File too large"):
        store.keep([a_mail(2), a_mail(3)])
    store.keep([a_mail(4)])
    assert list(mails(tmp_path)) == [a_mail(1), a_mail(4)]
    assert told(tmp_path) == due([a_mail(1), a_mail(4)])


def test_a_mailbox_has_one_writer_and_the_second_is_told_what_to_do(tmp_path):
    store = Store(tmp_path)
    with pytest.raises(Unavailable, match="stop it first"):
        Store(tmp_path)
    store.close()
    reopened(tmp_path)


def test_the_mailbox_is_its_owner_s_alone(tmp_path):
    reopened(tmp_path)
    assert mailbox.folder(tmp_path).stat().st_mode & 0o777 == 0o700
    assert mailbox.mails_file(tmp_path).stat().st_mode & 0o777 == 0o600


def test_what_was_sent_is_counted_from_the_file(tmp_path, a_mail):
    store = Store(tmp_path)
    assert store.sent_before(a_mail(1).received_at) == 0
    kept = [a_mail(number, sent_so_far=2 * number, to=("a@example.com", "b@example.com")) for number in range(1, 6)]
    store.keep(kept)
    assert [store.sent_before(mail.received_at) for mail in kept] == [0, 2, 4, 6, 8]
