"""SES as boto3 reaches it: what each answer, and each silence, says of the mail. Against the bundled stand-in."""

import socket

import pytest
from botocore.exceptions import SSLError

from campaigns.delivery.ses import Ses, failed
from campaigns.errors import AccountStopped, InDoubt, Refused, Throttled, Unavailable
from campaigns.rendering import Email, unsubscribe_headers
from campaigns.standin import Fail, HangUp, Late, mails, serving
from campaigns.standin import Quota as Limits

KEYS = {"region_name": "us-east-1", "aws_access_key_id": "none", "aws_secret_access_key": "hush"}


def mail(**changes):
    values = {
        "id": "m1",
        "to": "ana@example.com",
        "sender": '"Lumière, né Kino" <hello@lumen.example>',
        "subject": "Ana, volte já 🎬",
        "html": "<p>Olá</p>",
        "text": "Olá",
        "headers": unsubscribe_headers("https://news.example/u/1"),
        "tags": {"message": "m1", "run": "2026-12-01"},
    }
    return Email(**values | changes)


class Counted:
    """A fault for every SendEmail call, and how many there were."""

    def __init__(self, fault):
        self.fault, self.calls = fault, 0

    def __call__(self, call):
        if call.operation != "SendEmail":
            return None
        self.calls += 1
        return self.fault


@pytest.fixture
def calling(home):
    """Sends a mail to a stand-in that goes wrong in some way; the error, and how often SES was called."""

    def calling(fault=None, quota=None, **ses):
        counted = Counted(fault)
        with serving(home, faults=counted, quota=quota) as url:
            try:
                Ses(None, endpoint_url=url, **KEYS | ses).send(mail())
            except Exception as error:  # noqa: BLE001 - which one is the question
                return error, counted.calls
        return None, counted.calls

    return calling


def test_a_mail_arrives_as_it_was_written(home):
    with serving(home) as url:
        identity = Ses("win-back", endpoint_url=url, **KEYS).send(mail())
    (kept,) = mails(home)
    assert (kept.message_id, kept.to, kept.subject, kept.html, kept.text) == (
        identity,
        ("ana@example.com",),
        "Ana, volte já 🎬",
        "<p>Olá</p>",
        "Olá",
    )
    assert kept.headers == unsubscribe_headers("https://news.example/u/1")
    assert kept.tags == {"message": "m1", "run": "2026-12-01"}
    assert kept.configuration_set == "win-back"
    assert kept.sender.isascii()
    assert kept.sender.startswith("=?utf-8?")
    assert kept.sender.endswith("<hello@lumen.example>")


@pytest.mark.parametrize(
    "fault",
    [
        Fail(500),
        Fail(503, "ServiceUnavailable"),
        Fail(500, accept=True),
        HangUp(accept=False),
        HangUp(accept=True),
        Late(1.5),
    ],
)
def test_where_nobody_knows_whether_it_went_it_is_in_doubt_and_not_repeated(calling, home, fault):
    error, calls = calling(fault, read_timeout=0.5)
    assert isinstance(error, InDoubt)
    assert calls == 1
    assert "ana" not in str(error)
    assert len(list(mails(home))) == (isinstance(fault, Late) or fault.accept)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fail(429, "TooManyRequestsException", "Maximum sending rate exceeded."), Throttled),
        (Fail(400, "ThrottlingException", "Maximum sending rate exceeded."), Throttled),
        (Fail(400, "LimitExceededException"), Throttled),
        (Fail(429, "TooManyRequestsException", "Daily message quota exceeded."), AccountStopped),
        (Fail(400, "ThrottlingException", "Daily message quota exceeded."), AccountStopped),
        (Fail(400, "AccountSuspendedException"), AccountStopped),
        (Fail(400, "SendingPausedException"), AccountStopped),
        (Fail(400, "MailFromDomainNotVerifiedException"), AccountStopped),
        (Fail(404, "NotFoundException"), AccountStopped),
        (Fail(403, "SomethingNew"), AccountStopped),
        (Fail(400, "MessageRejected", "Email address is not verified: hello@lumen.example"), AccountStopped),
        (Fail(400, "MessageRejected", "Illegal content for ana@example.com"), Refused),
        (Fail(400, "BadRequestException"), Refused),
    ],
)
def test_what_ses_answers_says_whether_it_may_go_again(calling, fault, kind):
    error, calls = calling(fault)
    assert (type(error), calls) == (kind, 1)
    assert "@" not in str(error).replace("…@…", "")


def test_the_stand_in_s_own_limits_are_understood(calling):
    assert isinstance(calling(quota=Limits(1000, 0))[0], AccountStopped)


def test_where_no_connection_stood_the_mail_may_go_again():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Throttled, match="EndpointConnectionError"):
        Ses(None, endpoint_url=f"http://127.0.0.1:{port}", **KEYS).send(mail())


def test_a_connection_that_breaks_under_tls_leaves_it_open_and_a_wrong_certificate_does_not():
    def broken(why):
        return failed("m1", SSLError(endpoint_url="https://ses.example", error=why))

    assert isinstance(broken("EOF occurred in violation of protocol"), InDoubt)
    assert isinstance(broken("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate"), AccountStopped)


def test_the_quota_is_the_account_s(home):
    with serving(home, quota=Limits(14, 200)) as url:
        ses = Ses(None, endpoint_url=url, **KEYS)
        ses.send(mail())
        assert ses.quota() == (200, 1, 14)


def test_an_account_that_cannot_be_reached_is_one_line_without_secrets(home):
    with serving(home, faults=lambda _: Fail(403, "AccessDeniedException", "no")) as url:
        ses = Ses(None, endpoint_url=url, **KEYS)
        with pytest.raises(Unavailable, match="check credentials") as error:
            ses.quota()
    assert "hush" not in str(error.value)


def test_without_a_region_or_keys_it_is_said_what_to_set(monkeypatch, tmp_path):
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(Unavailable, match="set AWS_REGION"):
        Ses(None)
    with pytest.raises(AccountStopped, match="no credentials"):
        Ses(None, region_name="us-east-1", endpoint_url="http://127.0.0.1:9").send(mail())
    with pytest.raises(Unavailable, match="check the AWS_ variables"):
        Ses(None, region_name="us-east-1", endpoint_url="nowhere")


def test_the_region_is_read_where_every_other_sdk_reads_it(monkeypatch):
    monkeypatch.setenv("AWS_REGION", "sa-east-1")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    ses = Ses(aws_access_key_id="key", aws_secret_access_key="secret")
    assert ses.client.meta.region_name == "sa-east-1"
