import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from campaigns.errors import BadInput
from campaigns.feedback import parse
from tests.campaigns.making import DAY, NOW, event

# As in https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-examples.html, shortened.
BOUNCE = """{"eventType":"Bounce","bounce":{"bounceType":"Permanent","bounceSubType":"General","bouncedRecipients":
[{"emailAddress":"recipient@example.com","action":"failed",
"status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}],
"timestamp":"2017-08-05T00:41:02.669Z","feedbackId":"01000157c44f053b-000000","reportingMTA":"dsn; mta.example.com"},
"mail":{"timestamp":"2017-08-05T00:40:02.012Z","source":"Sender <sender@example.com>","sendingAccountId":"123456789012",
"messageId":"EXAMPLE7c191be45-e9aedb9a","destination":["recipient@example.com"],"headersTruncated":false,"headers":[],
"tags":{"ses:configuration-set":["ConfigSet"],"ses:source-ip":["192.0.2.0"]}}}"""


def read(value):
    return parse(value if isinstance(value, str) else json.dumps(value), "events.jsonl", 7)


def test_a_bounce_as_ses_documents_it():
    found = read(BOUNCE)
    assert (found.type, found.ses_message_id) == ("Bounce", "EXAMPLE7c191be45-e9aedb9a")
    assert found.at == datetime(2017, 8, 5, 0, 41, 2, 669_000, UTC)
    assert found.mailed_at == datetime(2017, 8, 5, 0, 40, 2, 12_000, UTC)
    assert found.addresses() == ["recipient@example.com"]
    assert (found.message_id, found.run_date) == (None, None)


def test_the_tags_say_which_message_it_was():
    message = uuid4()
    found = read(event("Delivery", message))
    assert (found.message_id, found.run_date, found.at) == (message, DAY, NOW)


def test_an_sns_notification_is_opened():
    message = uuid4()
    wrapped = {"Type": "Notification", "MessageId": "1", "Message": json.dumps(event("Send", message))}
    assert read(wrapped).message_id == message


def test_a_send_says_nothing_but_when_the_mail_was_taken():
    found = read(event("Send", None, mailed_at=NOW))
    assert (found.at, found.mailed_at, found.body) == (NOW, NOW, {})


def test_a_rendering_failure_has_another_key_than_its_name():
    assert read(event("Rendering Failure", None, errorMessage="no x")).body == {"errorMessage": "no x"}


def test_times_without_an_offset_are_utc():
    told = event("Send", None)
    told["mail"]["timestamp"] = "2026-12-01T09:00:00"
    assert read(told).at == NOW


@pytest.mark.parametrize("tags", [None, [], {}, {"message": ["x"], "run": ["y"]}, {"message": [], "run": []}])
def test_a_mail_without_our_tags_is_nobody_s_message(tags):
    told = event("Send", None)
    told["mail"]["tags"] = tags
    assert read(told).message_id is None


def with_mail(**changes):
    told = event("Delivery", None)
    told["mail"] |= changes
    return told


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("no json", "line"),
        ("[1]", "line"),
        ('"Successfully validated SNS topic for Amazon SES event publishing."', "line"),
        ('{"Message": "Successfully validated SNS topic for Amazon SES event publishing."}', "line"),
        ("[" * 100_000, "line"),
        ('{"eventType": NaN}', "line"),
        ("{}", "eventType"),
        ({"eventType": 1}, "eventType"),
        ({"eventType": "De\0livery"}, "eventType"),
        ({"eventType": "Delivery"}, "mail.messageId"),
        ({"eventType": "Delivery", "mail": []}, "mail.messageId"),
        (with_mail(messageId="a\ud800"), "mail.messageId"),
        (with_mail(timestamp="yesterday"), "mail.timestamp"),
        (with_mail(timestamp="0001-01-01T00:00:00+14:00"), "mail.timestamp"),
        (event("Delivery", None, timestamp=5), "delivery.timestamp"),
    ],
)
def test_a_line_that_is_no_event_is_told_by_row_and_column(line, column):
    with pytest.raises(BadInput, match=r"events.jsonl, row 7") as error:
        read(line)
    assert error.value.column == column


def test_a_repeat_has_the_same_key_and_another_event_has_not():
    one, other = uuid4(), uuid4()
    keys = [read(e).key for e in (event("Delivery", one), event("Delivery", one), event("Delivery", other, "ses-2"))]
    assert keys[0] == keys[1] != keys[2]
