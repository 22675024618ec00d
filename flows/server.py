"""The Prefect server that Encore's flows report to: the one that `PREFECT_API_URL` names, else this home's own.

Its own listens on this machine alone, on a port that was free when it started, and answers nobody who lacks the
password kept under the home.
"""

from __future__ import annotations

import contextlib
import http.client
import secrets
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from campaigns import services
from campaigns.errors import Unavailable

# https://docs.prefect.io/v3/api-ref/settings-ref
QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
    # What fails is raised to whoever called the flow, and told there, once.
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_INTERNAL_LOGGING_LEVEL": "CRITICAL",
}
# The server of a home's own has no page to read logs on.
UNLOGGED = {"PREFECT_LOGGING_LEVEL": "CRITICAL", "PREFECT_LOGGING_TO_API_ENABLED": "false"}
# What runs and schedules don't need. Block types alone would take a quarter of the first start; to note each state of
# each task, which no page of this server shows, 14 of the 16 ms of CPU that it spends on one. Flow runs it does keep.
LEAN = {
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "WARNING",
    "PREFECT_SERVER_UI_ENABLED": "false",
    "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
}


@contextlib.contextmanager
def running(home: Path, environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """A Prefect server as long as the block lasts.

    Gives the variables that must be in the environment before Prefect is imported, `PREFECT_API_URL` among them.
    Where `environment` names a server it is used, nothing is started, and its own variables stand.

    Raises:
        Unavailable: it cannot be reached, or does not start.
    """
    with starting(home, environment) as variables:
        yield variables()


@contextlib.contextmanager
def starting(home: Path, environment: Mapping[str, str]) -> Iterator[Callable[[], dict[str, str]]]:
    """As `running`, but without waiting: the block gets a function that waits and gives the variables.

    A home's first start takes some ten seconds, in which other work may go on.
    """
    if url := environment.get("PREFECT_API_URL"):
        if not _answers(url, urllib.request.build_opener()):
            mend = "start it, or unset PREFECT_API_URL, and Encore starts its own"
            raise Unavailable("PREFECT_API_URL", "no Prefect server answers there", mend)
        yield lambda: {**QUIET, **{name: value for name, value in environment.items() if name.startswith("PREFECT_")}}
    else:
        with services.starting(PREFECT, home) as address:
            yield lambda: _client(address(), home.absolute() / PREFECT.name, environment)


def _client(url: str, folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """What a flow's process needs to reach the server of its own home, whatever it is set to otherwise."""
    no_proxy = environment.get("no_proxy") or environment.get("NO_PROXY")
    return {
        **QUIET,
        **UNLOGGED,
        **_place(folder),
        "PREFECT_API_URL": url,
        "PREFECT_API_AUTH_STRING": (folder / "password").read_text(encoding="utf-8"),
        "no_proxy": f"{no_proxy},127.0.0.1" if no_proxy else "127.0.0.1",
    }


def _place(folder: Path) -> dict[str, str]:
    """Prefect's own files, and no profile of the user's, which could name another server."""
    return {"PREFECT_HOME": str(folder), "PREFECT_PROFILE": "ephemeral"}


def _prepare(folder: Path) -> services.Launch:
    """How to start it, with a new password."""
    port, password = services.free_port(), f"encore:{secrets.token_urlsafe(24)}"
    (folder / "password").touch(mode=0o600)
    (folder / "password").write_text(password, encoding="utf-8")
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    environment = {**QUIET, **LEAN, **_place(folder), "PREFECT_SERVER_API_AUTH_STRING": password}
    return services.Launch(command, f"http://127.0.0.1:{port}/api", environment)


def _answers(url: str, opener: urllib.request.OpenerDirector) -> bool:
    """Whether Prefect is there. That it asks for a password, as Prefect Cloud does, is an answer, too."""
    try:
        opener.open(f"{url.rstrip('/')}/health", timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except (OSError, ValueError, http.client.HTTPException):
        return False
    return True


PREFECT = services.Service(
    name="prefect",
    title="the bundled Prefect server",
    prepare=_prepare,
    answers=partial(_answers, opener=urllib.request.build_opener(urllib.request.ProxyHandler({}))),
    mend="see prefect/log under ENCORE_HOME, or set PREFECT_API_URL to a Prefect server of your own",
    start_limit=120.0,
)
