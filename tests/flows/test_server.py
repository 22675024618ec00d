import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

import flows
from campaigns import services
from campaigns.errors import Unavailable
from flows import server

ROOT = str(Path(flows.__file__).parents[1])

FLOW = """
import os, sys
from pathlib import Path
from flows import server

with server.running(Path(sys.argv[1]), os.environ) as variables:
    os.environ.update(variables)
    from prefect import flow, task

    @task(persist_result=True)
    def double(number):
        return 2 * number

    @task(retries=1)
    def fail():
        raise ValueError("told once")

    @flow
    def total(numbers):
        return sum(double.map(numbers).result())

    @flow
    def failing():
        return fail()

    print(total(range(10)))
    try:
        failing()
    except ValueError as error:
        print(error)
"""


@contextmanager
def health(status):
    """A server that answers every question with `status`."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.end_headers()
            asked.append(self.path)

        def log_message(self, *_):
            pass

    asked = []
    with HTTPServer(("127.0.0.1", 0), Answer) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}/api", asked
        listening.shutdown()


def run(home, **environment):
    """What a program with two flows prints, on both channels."""
    cleared = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return subprocess.run(
        [sys.executable, "-c", FLOW, str(home)],
        env={**cleared, "PYTHONPATH": ROOT, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
        cwd=home.parent,
    ).stdout


@pytest.mark.slow
def test_flows_run_quietly_on_a_server_of_the_home_s_own_that_ends_with_its_last_user(tmp_path):
    home = tmp_path / "home"
    with server.starting(home, {}) as variables:
        misleading = {"http_proxy": "http://127.0.0.1:1", "PREFECT_PROFILE": "another", "HOME": str(tmp_path)}
        assert run(home, **misleading) == "90\ntold once\n"
        url, noted = variables()["PREFECT_API_URL"], services.state(server.PREFECT, home)
        assert noted["address"] == url
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(f"{url}/admin/version")
    assert services.state(server.PREFECT, home) is None
    assert not Path(f"/proc/{noted['server']}").exists()
    assert not (tmp_path / ".prefect").exists()


@pytest.mark.parametrize("status", [200, 401])
def test_a_server_that_the_environment_names_is_used_and_its_variables_stand(tmp_path, status):
    with health(status) as (url, asked):
        environment = {
            "PREFECT_API_URL": url,
            "PREFECT_API_KEY": "theirs",
            "PREFECT_LOGGING_LEVEL": "DEBUG",
            "HOME": "/",
        }
        with server.running(tmp_path / "home", environment) as variables:
            del environment["HOME"]
            assert variables == {**server.QUIET, **environment}
    assert asked == ["/api/health"]
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("host", ["me:secret@127.0.0.1:1", "[secret", "127.0.0.1:secret"])
def test_a_server_that_does_not_answer_is_told_without_its_password(tmp_path, host):
    refusal = pytest.raises(Unavailable, match="no Prefect server answers there; start it, or unset PREFECT_API_URL")
    with refusal as told, server.running(tmp_path, {"PREFECT_API_URL": f"http://{host}/api"}):
        pass
    assert "secret" not in str(told.value)


def test_prefect_is_not_imported_before_its_variables_are_set():
    code = "import sys, flows.server; sys.exit('prefect' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": ROOT}, check=True)
