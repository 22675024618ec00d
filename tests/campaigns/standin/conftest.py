import contextlib
import resource
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.config import Config

from campaigns.standin import Mail


@pytest.fixture
def connect() -> Callable[[str], Any]:
    """A boto3 client for a URL. It tries once: what a call means must not be blurred by boto3's own retries."""

    def connect(url: str, **config: Any) -> Any:
        return boto3.client(
            "sesv2",
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id="none",
            aws_secret_access_key="none",
            config=Config(retries={"total_max_attempts": 1}, **{"read_timeout": 5} | config),
        )

    return connect


@pytest.fixture
def a_call() -> Callable[..., dict[str, Any]]:
    """The arguments of a SendEmail call, with what differs in this one."""

    def a_call(to: str = "ana@example.com", subject: str = "Ana, come back", **changes: Any) -> dict[str, Any]:
        simple = {
            "Subject": {"Data": subject, "Charset": "UTF-8"},
            "Body": {"Html": {"Data": "<p>Olá</p>"}, "Text": {"Data": "Olá"}},
            "Headers": [{"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"}],
        }
        return {
            "FromEmailAddress": "Lumen <hello@lumen.example>",
            "Destination": {"ToAddresses": [to]},
            "Content": {"Simple": simple},
            "EmailTags": [{"Name": "message", "Value": "m-1"}],
            "ConfigurationSetName": "win-back",
        } | changes

    return a_call


@pytest.fixture
def a_mail() -> Callable[..., Mail]:
    """An accepted mail, with what differs in this one."""

    def a_mail(number: int = 1, **changes: Any) -> Mail:
        fields: dict[str, Any] = {
            "message_id": f"0100{number:012x}-0000-000000",
            "received_at": datetime(2026, 12, 1, 9, 0, number % 60, 250_000, tzinfo=UTC),
            "sent_so_far": number,
            "sender": "Lumen <hello@lumen.example>",
            "to": ("ana@example.com",),
            "subject": "Ana, come back",
            "html": "<p>Olá</p>",
            "text": "Olá",
            "headers": {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
            "tags": {"message": f"m-{number}"},
        }
        return Mail(**fields | changes)

    return a_mail


@pytest.fixture
def room() -> Callable[[int], Any]:
    """A block in which no file may grow beyond so many bytes: the kernel refuses, as it does on a full disk."""

    @contextlib.contextmanager
    def room(size: int) -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return room
