from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from campaigns.standin import Mail, mailbox, mails
from campaigns.standin.store import Store

TEXT = st.text()  # with line ends of every kind, and lone surrogates, as JSON can carry them


@given(subject=TEXT, html=st.none() | TEXT, headers=st.dictionaries(TEXT, TEXT), to=st.lists(TEXT).map(tuple))
def test_a_mail_survives_its_line(subject, html, headers, to):
    mail = Mail(
        message_id="0100",
        received_at=datetime(2026, 12, 1, 9, 0, 0, 250_000, tzinfo=UTC),
        sent_so_far=1,
        sender="hello@lumen.example",
        to=to,
        subject=subject,
        html=html,
        text=None,
        headers=headers,
        tags={},
    )
    line = mailbox.to_line(mail)
    assert line.isascii()
    assert line.count(b"\n") == 1
    assert mailbox.from_line(line) == mail


def test_a_home_without_a_mailbox_has_no_mails(tmp_path):
    assert list(mails(tmp_path)) == []


def test_mails_come_oldest_first_from_a_time_on(tmp_path, a_mail):
    kept = [a_mail(number) for number in range(1, 6)]
    store = Store(tmp_path)
    store.keep(kept)
    store.close()
    assert list(mails(tmp_path)) == kept
    assert list(mails(tmp_path, since=kept[2].received_at)) == kept[2:]
    assert list(mails(tmp_path, since=kept[-1].received_at + timedelta(milliseconds=1))) == []


def test_mails_that_came_after_some_moment_are_read_from_where_the_file_ended_then(tmp_path, a_mail):
    before, after = a_mail(1), a_mail(2)
    store = Store(tmp_path)
    store.keep([before])
    held = mailbox.mails_file(tmp_path).stat().st_size
    store.keep([after])
    store.close()
    assert list(mails(tmp_path, start=held)) == [after]
