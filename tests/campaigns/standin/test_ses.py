import json
import threading
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from campaigns.standin import Call, Fail, HangUp, Late, Quota, events_file, mails, serving


def event_kinds(home):
    return [json.loads(line)["eventType"] for line in events_file(home).open()]


def refusal(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]


def third_is(fault):
    return lambda call: fault if call.operation == "SendEmail" and call.number == 3 else None


def test_a_mail_is_kept_with_its_events_before_its_sender_is_told(tmp_path, connect, a_call):
    with serving(tmp_path) as url:
        message_id = connect(url).send_email(**a_call())["MessageId"]
        (mail,) = mails(tmp_path)
        assert mail.message_id == message_id
        assert mail.html == "<p>Olá</p>"
        assert mail.tags == {"message": "m-1"}
        assert event_kinds(tmp_path) == ["Send", "Delivery"]


def test_times_and_counts_only_grow(tmp_path, connect, a_call):
    for _ in range(2):
        with serving(tmp_path) as url:
            for _ in range(3):
                connect(url).send_email(**a_call())
    kept = list(mails(tmp_path))
    assert [mail.sent_so_far for mail in kept] == [1, 2, 3, 4, 5, 6]
    assert kept == sorted(kept, key=lambda mail: mail.received_at)
    assert len({mail.message_id for mail in kept}) == 6


def test_the_account_may_send(tmp_path, connect, a_call):
    with serving(tmp_path, quota=Quota(14, 50_000)) as url:
        client = connect(url)
        client.send_email(**a_call())
        client.send_email(**a_call(to="success@simulator.amazonses.com"))
        account = client.get_account()
    assert account["SendQuota"] == {"Max24HourSend": 50_000.0, "MaxSendRate": 14.0, "SentLast24Hours": 1.0}
    assert account["ProductionAccessEnabled"]
    assert account["SendingEnabled"]
    assert account["EnforcementStatus"] == "HEALTHY"


def test_what_was_sent_in_a_day_is_known_after_a_restart(tmp_path, connect, a_call):
    with serving(tmp_path) as url:
        connect(url).send_email(**a_call())
    with serving(tmp_path, quota=Quota(max_24_hour_send=1)) as url:
        assert connect(url).get_account()["SendQuota"]["SentLast24Hours"] == 1
        assert refusal(connect(url).send_email, **a_call())[2] == "Daily message quota exceeded."


def test_too_fast_is_refused_in_ses_s_words(tmp_path, connect, a_call):
    with serving(tmp_path, quota=Quota(max_send_rate=0.01)) as url:
        client = connect(url)
        client.send_email(**a_call())
        assert refusal(client.send_email, **a_call()) == (
            429,
            "TooManyRequestsException",
            "Maximum sending rate exceeded.",
        )
    assert len(list(mails(tmp_path))) == 1


def test_a_configuration_set_publishes_every_type_of_event(tmp_path, connect):
    with serving(tmp_path) as url:
        client = connect(url)
        assert client.get_configuration_set(ConfigurationSetName="win back")["ConfigurationSetName"] == "win back"
        found = client.get_configuration_set_event_destinations(ConfigurationSetName="win-back")
    (destination,) = found["EventDestinations"]
    assert destination["Enabled"]
    assert {"SEND", "DELIVERY", "BOUNCE", "COMPLAINT", "REJECT", "DELIVERY_DELAY"} <= set(
        destination["MatchingEventTypes"]
    )
    assert destination["SnsDestination"]["TopicArn"].startswith("arn:aws:sns:")


def test_a_mail_that_ses_would_refuse_is_refused_and_not_kept(tmp_path, connect, a_call):
    with serving(tmp_path) as url:
        bad = a_call(EmailTags=[{"Name": "message", "Value": "ana@example.com"}])
        assert refusal(connect(url).send_email, **bad)[:2] == (400, "BadRequestException")
        raw = a_call(Content={"Raw": {"Data": b"From: x"}})
        assert refusal(connect(url).send_email, **raw)[:2] == (400, "BadRequestException")
    assert list(mails(tmp_path)) == []


def test_calls_that_are_not_known_are_refused_by_name(tmp_path, connect):
    with serving(tmp_path) as url:
        status, code, message = refusal(connect(url).list_email_identities)
    assert (status, code) == (404, "UnknownOperationException")
    assert "list-identities" in message


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(tmp_path, body):
    with serving(tmp_path) as url:
        request = urllib.request.Request(f"{url}/v2/email/outbound-emails", body, {"Authorization": "x"})
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request)
    assert caught.value.headers["x-amzn-ErrorType"] == "SerializationException"


def test_a_web_page_cannot_put_mail_into_the_mailbox(tmp_path, a_call):
    with serving(tmp_path) as url:
        body = json.dumps(a_call()).encode()
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{url}/v2/email/outbound-emails", body)
    assert list(mails(tmp_path)) == []


def test_a_connection_closed_after_accepting_leaves_the_mail_and_its_events(tmp_path, connect, a_call):
    with serving(tmp_path, faults=third_is(HangUp(accept=True))) as url:
        client = connect(url)
        client.send_email(**a_call())
        client.send_email(**a_call())
        with pytest.raises(ConnectionClosedError):
            client.send_email(**a_call())
        client.send_email(**a_call())
    assert len(list(mails(tmp_path))) == 4
    assert event_kinds(tmp_path).count("Send") == 4


def test_a_connection_closed_before_accepting_leaves_nothing(tmp_path, connect, a_call):
    with serving(tmp_path, faults=lambda _: HangUp(accept=False)) as url, pytest.raises(ConnectionClosedError):
        connect(url).send_email(**a_call())
    assert list(mails(tmp_path)) == []
    assert event_kinds(tmp_path) == []


@pytest.mark.parametrize("accept", [True, False])
@pytest.mark.parametrize(
    "fault",
    [
        (500, "InternalFailure", "on purpose"),
        (503, "ServiceUnavailable", "later"),
        (429, "TooManyRequestsException", "Maximum sending rate exceeded."),
        (400, "ThrottlingException", "Rate exceeded"),
    ],
)
def test_an_error_may_be_answered_whether_the_mail_was_taken_or_not(tmp_path, connect, a_call, fault, accept):
    with serving(tmp_path, faults=lambda _: Fail(*fault, accept=accept)) as url:
        assert refusal(connect(url).send_email, **a_call()) == fault
    assert len(list(mails(tmp_path))) == accept


def test_an_answer_may_come_too_late(tmp_path, connect, a_call):
    with serving(tmp_path, faults=lambda _: Late(30)) as url, pytest.raises(ReadTimeoutError):
        connect(url, read_timeout=0.2).send_email(**a_call())
    assert len(list(mails(tmp_path))) == 1


def test_a_mail_that_the_disk_refuses_is_not_acknowledged(tmp_path, connect, a_call, room):
    with serving(tmp_path) as url:
        client = connect(url)
        with room(10):
            assert refusal(client.send_email, **a_call())[:2] == (500, "InternalFailure")
        message_id = client.send_email(**a_call())["MessageId"]
    assert [(mail.message_id, mail.sent_so_far) for mail in mails(tmp_path)] == [(message_id, 1)]


def test_a_late_answer_is_the_right_one(tmp_path, connect, a_call):
    with serving(tmp_path, faults=lambda _: Late(0.05)) as url:
        message_id = connect(url).send_email(**a_call())["MessageId"]
    assert [mail.message_id for mail in mails(tmp_path)] == [message_id]


def test_a_fault_plan_sees_the_call(tmp_path, connect, a_call):
    seen: list[Call] = []
    with serving(tmp_path, faults=seen.append) as url:
        client = connect(url)
        client.get_account()
        client.send_email(**a_call())
    assert [(call.number, call.operation) for call in seen] == [(1, "GetAccount"), (2, "SendEmail")]
    assert seen[1].content["Destination"] == {"ToAddresses": ["ana@example.com"]}


def test_many_senders_at_once_all_get_their_own_answer(tmp_path, connect, a_call):
    with serving(tmp_path) as url:
        client = connect(url, max_pool_connections=8)
        answers: dict[str, str] = {}

        def send(number):
            for turn in range(10):
                tag = f"{number}-{turn}"
                call = a_call(EmailTags=[{"Name": "message", "Value": tag}])
                answers[tag] = client.send_email(**call)["MessageId"]

        threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert {mail.tags["message"]: mail.message_id for mail in mails(tmp_path)} == answers
    assert len(set(answers.values())) == 80
