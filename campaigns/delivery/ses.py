"""Amazon SES, through boto3's SESv2 client; the bundled stand-in speaks the same calls.

SES has no idempotency key, and one boto3 call may POST five times by itself: retries are ours alone, so boto3 gets one
attempt. What an error says of the mail is read off its class and code:
https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
"""

from __future__ import annotations

import os
from email.utils import formataddr, parseaddr
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ProxyConnectionError,
    SSLError,
)

from campaigns.delivery.transports import Quota, discreet
from campaigns.errors import AccountStopped, DeliveryError, InDoubt, Refused, Throttled, Unavailable

if TYPE_CHECKING:
    from campaigns.rendering.mail import Email

NOT_TAKEN = (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError)
NO_KEYS = (NoCredentialsError, CredentialRetrievalError)
THROTTLED = {"TooManyRequestsException", "ThrottlingException", "Throttling", "LimitExceededException"}
STOPPED = {
    "AccountSuspendedException",
    "SendingPausedException",
    "MailFromDomainNotVerifiedException",
    "NotFoundException",
    "AccessDeniedException",
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "ExpiredTokenException",
}
DAILY = "Daily message quota exceeded"
NOT_VERIFIED = "Email address is not verified"  # the sender's; or the account is in the sandbox, where all must be


class Ses:
    """SES as a transport. Safe to share between threads. `client` goes to boto3: endpoint_url, region_name, keys."""

    def __init__(self, configuration_set: str | None = None, *, read_timeout: float = 30, **client: Any) -> None:
        config = Config(
            retries={"total_max_attempts": 1},
            connect_timeout=3,
            read_timeout=read_timeout,
            max_pool_connections=64,
            parameter_validation=False,
            user_agent="encore",
        )
        # Every other AWS SDK reads AWS_REGION; botocore knows AWS_DEFAULT_REGION alone.
        region = client.pop("region_name", None) or os.environ.get("AWS_REGION") or None
        try:
            self.client = boto3.client("sesv2", config=config, region_name=region, **client)
        except NoRegionError as error:
            raise Unavailable("Amazon SES", "no region is set", "set AWS_REGION") from error
        except (BotoCoreError, ValueError) as error:
            raise Unavailable("Amazon SES", str(error), "check the AWS_ variables") from error
        self.configuration_set = configuration_set

    def send(self, email: Email) -> str:
        """Hand one mail to SES; returns SES's message id."""
        try:
            answer = self.client.send_email(**request(email, self.configuration_set))
        except ClientError as error:
            raise judged(email.id, error) from error
        except (BotoCoreError, OSError) as error:
            raise failed(email.id, error) from error
        return str(answer["MessageId"])

    def quota(self) -> Quota:
        """What the account may send now."""
        try:
            quota = self.client.get_account()["SendQuota"]
        except (ClientError, BotoCoreError) as error:
            raise Unavailable(
                "Amazon SES", discreet(str(error)), "check credentials, AWS_REGION and the endpoint"
            ) from error
        return Quota(quota["Max24HourSend"], quota["SentLast24Hours"], quota["MaxSendRate"])


def failed(message: str, error: Exception) -> DeliveryError:
    """What it says of the mail that no answer came: all but a connection that never stood leaves it open."""
    said = type(error).__name__
    if isinstance(error, NO_KEYS):
        return AccountStopped(message, "no credentials for Amazon SES were found")
    if isinstance(error, SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return AccountStopped(message, "the endpoint's certificate cannot be verified")
    return Throttled(message, said) if isinstance(error, NOT_TAKEN) else InDoubt(message, said)


def judged(message: str, error: ClientError) -> DeliveryError:
    """What an answer of SES says of the mail. A server's own error leaves it open whether the mail was taken."""
    code = error.response.get("Error", {}).get("Code", "")
    said = discreet(f"{code}: {error.response.get('Error', {}).get('Message', '')}")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in THROTTLED or status == 429:
        return AccountStopped(message, said) if DAILY in said else Throttled(message, said)
    if code in STOPPED or status in (401, 403) or NOT_VERIFIED in said:
        return AccountStopped(message, said)
    if status >= 500:
        return InDoubt(message, said)
    return Refused(message, said)


def request(email: Email, configuration_set: str | None) -> dict[str, Any]:
    """The SendEmail call for a mail."""
    body = {
        "Html": {"Data": email.html, "Charset": "UTF-8"},
        "Text": {"Data": email.text, "Charset": "UTF-8"},
    }
    call: dict[str, Any] = {
        "FromEmailAddress": formataddr(parseaddr(email.sender)),  # names beyond ASCII are encoded, as SES asks
        "Destination": {"ToAddresses": [email.to]},
        "Content": {
            "Simple": {
                "Subject": {"Data": email.subject, "Charset": "UTF-8"},
                "Body": body,
                "Headers": [{"Name": name, "Value": value} for name, value in email.headers.items()],
            }
        },
        "EmailTags": [{"Name": name, "Value": value} for name, value in email.tags.items()],
    }
    if configuration_set:
        call["ConfigurationSetName"] = configuration_set
    return call
