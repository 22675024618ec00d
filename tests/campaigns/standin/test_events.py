import re

import pytest

from campaigns.standin import events


def kinds(mail):
    return [event["eventType"] for event in events.events(mail)]


def test_a_mail_is_sent_and_delivered(a_mail):
    send, delivery = events.events(a_mail())
    assert (send["eventType"], send["send"]) == ("Send", {})
    assert delivery["eventType"] == "Delivery"
    assert delivery["delivery"]["recipients"] == ["ana@example.com"]


def test_every_event_says_which_mail_and_which_message(a_mail):
    mail = a_mail(configuration_set="win-back", reply_to=("help@lumen.example",))
    for event in events.events(mail):
        assert event["mail"]["messageId"] == mail.message_id
        assert event["mail"]["timestamp"] == "2026-12-01T09:00:01.250Z"
        assert event["mail"]["destination"] == ["ana@example.com"]
        assert event["mail"]["tags"]["message"] == ["m-1"]
        assert event["mail"]["tags"]["ses:configuration-set"] == ["win-back"]
        assert event["mail"]["tags"]["ses:from-domain"] == ["lumen.example"]
        assert event["mail"]["commonHeaders"]["subject"] == mail.subject
        assert {"name": "Reply-To", "value": "help@lumen.example"} in event["mail"]["headers"]
        assert event["mail"]["headersTruncated"] is False


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("success", ["Send", "Delivery"]),
        ("bounce", ["Send", "Bounce"]),
        ("suppressionlist", ["Send", "Bounce"]),
        ("ooto", ["Send", "Delivery", "Bounce"]),
        ("complaint", ["Send", "Delivery", "Complaint"]),
        ("nobody", ["Send", "Delivery"]),
    ],
)
@pytest.mark.parametrize("label", ["", "+m-1"])
def test_the_simulator_s_addresses_meet_their_fates_with_labels(a_mail, name, label, expected):
    address = f"{name}{label}@simulator.amazonses.com"
    assert kinds(a_mail(to=(address,))) == expected
    assert kinds(a_mail(to=(f"Ana <{address.upper()}>",))) == expected


def test_a_bounce_names_its_type_and_the_recipient(a_mail):
    _, event = events.events(a_mail(to=("bounce+m-1@simulator.amazonses.com",)))
    assert (event["bounce"]["bounceType"], event["bounce"]["bounceSubType"]) == ("Permanent", "General")
    assert event["bounce"]["bouncedRecipients"] == [
        {
            "emailAddress": "bounce+m-1@simulator.amazonses.com",
            "action": "failed",
            "status": "5.1.1",
            "diagnosticCode": "smtp; 550 5.1.1 user unknown",
        }
    ]


def test_an_address_on_the_suppression_list_bounces_as_such(a_mail):
    _, event = events.events(a_mail(to=("suppressionlist@simulator.amazonses.com",)))
    assert event["bounce"]["bounceType"] == "Permanent"
    assert event["bounce"]["bounceSubType"] == "OnAccountSuppressionList"


def test_an_out_of_office_reply_is_a_transient_bounce_without_a_status(a_mail):
    *_, event = events.events(a_mail(to=("ooto@simulator.amazonses.com",)))
    assert (event["bounce"]["bounceType"], event["bounce"]["bounceSubType"]) == ("Transient", "General")
    assert event["bounce"]["bouncedRecipients"] == [{"emailAddress": "ooto@simulator.amazonses.com"}]


def test_a_complaint_names_the_recipient(a_mail):
    *_, event = events.events(a_mail(to=("complaint@simulator.amazonses.com",)))
    assert event["complaint"]["complainedRecipients"] == [{"emailAddress": "complaint@simulator.amazonses.com"}]
    assert event["complaint"]["complaintFeedbackType"] == "abuse"


def test_recipients_of_one_mail_may_meet_different_fates(a_mail):
    mail = a_mail(to=("ana@example.com", "bounce@simulator.amazonses.com"), bcc=("bob@example.com",))
    send, delivery, bounce = events.events(mail)
    assert len(send["mail"]["destination"]) == 3
    assert delivery["delivery"]["recipients"] == ["ana@example.com", "bob@example.com"]
    assert len(bounce["bounce"]["bouncedRecipients"]) == 1


def test_times_are_iso_with_milliseconds_and_z_and_never_before_the_mail(a_mail):
    mail = a_mail(to=("complaint@simulator.amazonses.com", "ooto@simulator.amazonses.com"))
    for line in map(events.to_line, events.events(mail)):
        times = re.findall(rb'"(?:timestamp|arrivalDate)": "([^"]+)"', line)
        assert times
        assert all(re.fullmatch(rb"2026-12-01T09:00:01\.\d{3}Z", time) for time in times)
        assert min(times) == b"2026-12-01T09:00:01.250Z"


def test_headers_beyond_ten_kilobytes_are_cut_off_and_tags_are_not(a_mail):
    send, _ = events.events(a_mail(headers={f"X-{number}": "x" * 990 for number in range(15)}))
    assert send["mail"]["headersTruncated"] is True
    assert sum(len(header["value"]) for header in send["mail"]["headers"]) <= events.MAX_HEADERS
    assert send["mail"]["tags"]["message"] == ["m-1"]


def test_the_same_mail_always_gives_the_same_lines(a_mail):
    mail = a_mail(to=("ooto@simulator.amazonses.com",))
    assert [events.to_line(event) for event in events.events(mail)] == [
        events.to_line(event) for event in events.events(mail)
    ]


def test_the_daily_quota_leaves_the_simulator_out():
    assert events.counts("Ana <ana@example.com>")
    assert not events.counts("Probe <success+1@simulator.amazonses.com>")
