"""Events in any order, repeated, from several readers at once."""

import json
import threading
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.errors import RefusedFile
from campaigns.feedback import events as module
from campaigns.feedback import follow, import_file, parse, take_in
from tests.campaigns.making import NOW, event

WEEK = timedelta(days=7)


@pytest.fixture
def sent(house):
    """A message that SES has accepted, as `ses-1`."""
    return house.message(house.contact("ana"), house.campaign(), state="sent", ses_message_id="ses-1", sent_at=NOW)


def take(house, *told):
    return take_in(house.database, [parse(json.dumps(one), "f", 1) for one in told])


def everything(house):
    """All that events have led to."""
    told = "SELECT id, state, reason, ses_message_id, sent_at, accepted_twice FROM messages ORDER BY id"
    queries = (told, "SELECT * FROM suppressions ORDER BY 1", "SELECT key FROM events ORDER BY 1")
    return [house.rows(query) for query in queries]


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        ("Send", "sent"),
        ("Delivery", "delivered"),
        ("Bounce", "bounced"),
        ("Complaint", "complained"),
        ("Reject", "failed"),
        ("DeliveryDelay", "sent"),
        ("Open", "sent"),
    ],
)
def test_a_message_is_where_its_event_says(house, sent, kind, state):
    assert take(house, event(kind, sent)) == {kind: 1}
    assert house.state(sent) == (state, "Reject" if state == "failed" else None)


def test_repeats_are_not_counted(house, sent):
    told = [event("Send", sent), event("Delivery", sent)]
    assert take(house, *told, *told) == {"Send": 1, "Delivery": 1}
    assert take(house, *told) == {}


def reset(house, message):
    house.do("DELETE FROM events; DELETE FROM suppressions")
    house.do("UPDATE messages SET state = 'in_doubt', reason = NULL, ses_message_id = NULL, sent_at = NULL")
    house.do("UPDATE messages SET accepted_twice = false")
    return message


def test_the_order_of_events_makes_no_difference(house, sent):
    told = [
        event("Send", sent),
        event("Delivery", sent),
        event("Bounce", sent, bounceType="Permanent", at=NOW + WEEK),
        event("Complaint", sent, at=NOW + WEEK),
    ]
    outcomes = []
    for order in permutations(told):
        reset(house, sent)
        for one in order:
            take(house, one)
        outcomes.append(everything(house))
    assert outcomes[0][0][0][1:] == ("complained", None, "ses-1", NOW - timedelta(seconds=1), False)
    assert all(outcome == outcomes[0] for outcome in outcomes)


KINDS = ["Send", "Delivery", "Reject", "Rendering Failure", "Open", "DeliveryDelay"]
BOUNCES = [{"bounceType": "Permanent"}, {"bounceType": "Transient", "bounceSubType": "MailboxFull"}]


@st.composite
def streams(draw):
    """Events of one message, which SES may have taken twice, and two shuffled ways in which they may arrive."""
    hours = st.integers(0, 3).map(lambda n: NOW + timedelta(hours=n))
    call = st.sampled_from(["ses-1", "ses-2"])
    plain = st.tuples(st.sampled_from(KINDS), call, st.fixed_dictionaries({"at": hours}))
    bounce = st.builds(lambda c, at, body: ("Bounce", c, {"at": at} | body), call, hours, st.sampled_from(BOUNCES))
    complaint = st.tuples(st.just("Complaint"), call, st.fixed_dictionaries({"at": hours}))
    told = draw(st.lists(st.one_of(plain, bounce, complaint), min_size=1, max_size=6))
    again = draw(st.lists(st.sampled_from(told), max_size=3))
    return draw(st.permutations(told + again)), draw(st.permutations(told)), draw(st.integers(1, 4))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(streams())
def test_whatever_arrives_in_whatever_pieces_comes_out_the_same(house, sent, stream):
    first, second, size = stream
    unique = {}
    for kind, call, body in first:  # SES says no two different things of one kind at one time
        unique.setdefault((kind, call, body["at"]), body)

    def arrive(order, size):
        reset(house, sent)
        told = [event(kind, sent, call, **unique[kind, call, body["at"]]) for kind, call, body in order]
        for start in range(0, len(told), size):
            take(house, *told[start : start + size])
        return everything(house)

    assert arrive(first, size) == arrive(second, len(second))


def test_a_failure_of_our_own_yields_to_a_send_that_arrives_late(house, sent):
    house.do("UPDATE messages SET state = 'failed', reason = 'BadRequest', ses_message_id = NULL")
    take(house, event("Send", sent))
    assert house.state(sent) == ("sent", None)


@pytest.mark.parametrize("state", ["planned", "claimed", "sending", "in_doubt", "expired", "suppressed"])
def test_a_send_says_that_it_went_whatever_we_thought(house, sent, state):
    house.do("UPDATE messages SET state = %s, ses_message_id = NULL, sent_at = NULL", [state])
    take(house, event("Send", sent))
    row = house.row(sent)
    assert (row["state"], row["ses_message_id"], row["sent_at"]) == ("sent", "ses-1", NOW - timedelta(seconds=1))


def test_a_past_run_s_message_was_sent_when_it_was_due(house):
    message = house.message(house.contact("ana"), house.campaign(), live=False, state="in_doubt", due_at=NOW - WEEK)
    take(house, event("Delivery", message))
    assert house.row(message)["sent_at"] == NOW - WEEK


def test_an_event_of_a_second_call_says_that_it_was_accepted_twice(house, sent):
    take(house, event("Send", sent))
    assert not house.row(sent)["accepted_twice"]
    take(house, event("Delivery", sent, "ses-2"))
    assert house.row(sent)["accepted_twice"]


def test_a_shadow_is_moved_by_no_event(house):
    shadow = house.message(house.contact("ana"), house.campaign(), arm="holdout", state="held_out")
    assert take(house, event("Send", shadow)) == {"Send": 1}
    assert house.state(shadow) == ("held_out", None)


def test_the_event_of_a_mail_that_is_not_ours_is_kept(house):
    assert take(house, event("Delivery", None)) == {"Delivery": 1}
    assert house.rows("SELECT message_id, ses_message_id FROM events") == [(None, "ses-1")]


def test_what_is_kept_of_an_event_names_nobody_twice_over(house, sent):
    take(house, event("Delivery", sent, smtpResponse="250 \0 \\\0 \\u0000 \ud800 é ok"))
    ((raw,),) = house.rows("SELECT raw #>> '{mail}' FROM events")
    assert set(json.loads(raw)) == {"timestamp", "messageId", "destination", "tags"}
    ((said,),) = house.rows("SELECT raw #>> '{delivery,smtpResponse}' FROM events")
    assert said == "250  \\ \\u0000 ? é ok"


# --- suppression ------------------------------------------------------------------------------------------------------


def suppressed(house, address="ana@example.com"):
    return house.rows("SELECT reason, at FROM suppressions WHERE address_hash = address_hash(%s)", [address])


def test_a_complaint_ends_all_mail_to_the_address(house, sent):
    take(house, event("Complaint", sent))
    assert suppressed(house, "ANA@example.com") == [("complaint", NOW)]


def test_a_permanent_bounce_ends_all_mail_and_a_transient_one_does_not(house, sent):
    take(house, event("Bounce", sent, bounceType="Transient", bounceSubType="General"))
    assert (house.state(sent), suppressed(house)) == (("bounced", None), [])
    take(house, event("Bounce", sent, at=NOW + WEEK, bounceType="Permanent", bounceSubType="General"))
    assert (house.state(sent), suppressed(house)) == (("bounced", None), [("bounce", NOW + WEEK)])


def test_it_is_the_address_that_was_mailed_that_is_given_up_not_the_one_it_has_now(house, sent):
    house.do("UPDATE contacts SET email = 'new@example.com'")
    take(house, event("Bounce", sent, bounceType="Permanent"))
    assert suppressed(house, "new@example.com") == []
    assert suppressed(house) == [("bounce", NOW)]


def test_a_bounce_of_a_mail_that_is_not_ours_counts_too(house):
    take(house, event("Bounce", None, bounceType="Permanent", address="Bo <bo@example.com>"))
    assert suppressed(house, "bo@example.com") == [("bounce", NOW)]


def full(house, *days):
    """Bounces of Ana's mailbox, which was full on some days; as events."""
    told = []
    for day in days:
        campaign = house.campaign(f"c{day}")
        message = house.message("ana", campaign, state="sent")
        at = NOW + timedelta(days=day)
        told.append(event("Bounce", message, f"s{day}", bounceType="Transient", bounceSubType="MailboxFull", at=at))
    return told


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_mailbox_that_is_full_three_times_within_a_month_is_given_up(house, order):
    house.contact("ana")
    far, near = full(house, 0, 25, 50), full(house, 100, 110, 129)
    take(house, *[far[n] for n in order])
    assert suppressed(house) == []
    for n in order:
        take(house, near[n], near[n])
    assert suppressed(house) == [("mailbox_full", NOW + timedelta(days=129))]


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path):
    return tmp_path / "events.jsonl"


def line(*told):
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in told).encode()


def deliveries(sent, start, end):
    return [event("Delivery", sent, f"ses-{n}") for n in range(start, end)]


def test_a_file_s_bad_lines_are_told_by_row_and_the_rest_is_taken(house, sent, file):
    file.write_bytes(
        b"\xef\xbb\xbf" + line(event("Send", sent)) + b"\n{bad\n" + line(event("Delivery", sent)) + b'{"to'
    )
    counts, bad = import_file(house.database, file)
    assert counts == {"Send": 1, "Delivery": 1}
    assert [error.row for error in bad] == [3, 5]
    assert house.state(sent) == ("delivered", None)


def test_a_line_separator_within_a_line_does_not_end_it(house, sent, file):
    file.write_bytes(line(event("Delivery", sent, smtpResponse="250 \u2028 \x85 ok")))
    assert import_file(house.database, file) == ({"Delivery": 1}, [])
    assert follow(house.database, file) == {}


def test_a_file_without_an_event_is_refused(house, file):
    file.write_text("member_id,email\nana,ana@example.com\n")
    with pytest.raises(RefusedFile, match="no line of it is an event of SES"):
        import_file(house.database, file)
    with pytest.raises(RefusedFile, match="No such file"):
        import_file(house.database, file.with_name("none"))
    file.write_text("\n")
    assert import_file(house.database, file) == ({}, [])


def test_a_growing_file_is_read_once_and_a_torn_line_waits(house, sent, file):
    assert follow(house.database, file) == {}
    whole = line(*deliveries(sent, 0, 3))
    file.write_bytes(whole[:-20])
    assert follow(house.database, file) == {"Delivery": 2}
    file.write_bytes(whole + b"no event\n")
    assert follow(house.database, file) == {"Delivery": 1, "unreadable": 1}
    assert follow(house.database, file) == {}
    assert house.rows("SELECT read_up_to FROM spools") == [(len(whole) + 9,)]


def test_a_file_that_took_another_s_place_is_read_from_its_start(house, sent, file):
    file.write_bytes(line(*deliveries(sent, 0, 5)))
    follow(house.database, file)
    file.write_bytes(line(event("Complaint", sent)))
    assert follow(house.database, file) == {"Complaint": 1}


def test_two_readers_of_one_file_take_in_every_event_once(house, sent, file, monkeypatch):
    monkeypatch.setattr(module, "BATCH", 20)
    file.write_bytes(line(*deliveries(sent, 0, 200)))
    counts = []
    readers = [threading.Thread(target=lambda: counts.append(follow(house.database, file))) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert sum(count["Delivery"] for count in counts) == 200
    assert house.rows("SELECT read_up_to = %s FROM spools", [file.stat().st_size]) == [(True,)]


def test_a_reader_that_dies_half_way_leaves_nothing_out(house, sent, file, monkeypatch):
    monkeypatch.setattr(module, "BATCH", 2)
    told = deliveries(sent, 0, 5)
    file.write_bytes(line(*told))
    with monkeypatch.context() as patch:
        patch.setattr(module, "_move", lambda *_: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            follow(house.database, file)
    assert (house.rows("SELECT FROM events"), house.rows("SELECT FROM spools")) == ([], [])
    assert follow(house.database, file) == {"Delivery": 5}


def test_a_long_file_is_read_piece_by_piece(house, sent, file, monkeypatch):
    sizes = []
    take = module._take
    monkeypatch.setattr(module, "_take", lambda connection, told: sizes.append(len(told)) or take(connection, told))
    file.write_bytes(line(*deliveries(sent, 0, 2500)) + b"x" * (3 << 20) + b"\n" + line(event("Send", sent)))
    assert follow(house.database, file) == {"Delivery": 2500, "Send": 1, "unreadable": 3}
    assert max(sizes) == 1000
    assert import_file(house.database, file)[0] == {}
