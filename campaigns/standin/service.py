"""The stand-in as a service of a home: there for as long as a command uses it."""

from __future__ import annotations

import http.client
import os
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import urlsplit

import campaigns
from campaigns import services
from campaigns.services import Launch, Service
from campaigns.settings import Settings
from campaigns.standin.server import HOST


def standin(settings: Settings) -> AbstractContextManager[str]:
    """The URL of the home's one stand-in, for boto3's `endpoint_url`. The first user starts it, the last stops it.

    Raises:
        Unavailable: on entering, where it does not start.
    """
    return services.running(SERVICE, settings.home)


def _prepare(folder: Path) -> Launch:
    port = services.free_port()
    return Launch(
        command=[sys.executable, "-m", "campaigns.standin", str(folder.parent), "--port", str(port)],
        address=f"http://{HOST}:{port}",
        environment={"PYTHONPATH": os.pathsep.join([_root(), *filter(None, sys.path)])},
    )


def _root() -> str:
    """Where this package was imported from, so that the server is the same, whether installed or not."""
    return str(Path(campaigns.__file__).parent.parent)


def _answers(address: str) -> bool:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=5)
    try:
        connection.request("GET", "/v2/email/account", headers={"Authorization": "probe"})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


SERVICE = Service(
    name="standin",
    title="the bundled SES stand-in",
    prepare=_prepare,
    answers=_answers,
    mend="see standin/log in Encore's home",
)
