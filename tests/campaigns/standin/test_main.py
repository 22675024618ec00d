import contextlib
import json
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from campaigns.standin import events_file, index_file, mailbox, mails, serving


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(home, *options):
    """The program, and where it listens once it does."""
    command = [sys.executable, "-m", "campaigns.standin", str(home), *options]
    mailbox.folder(home).mkdir(parents=True, exist_ok=True)
    told = mailbox.folder(home) / "standin.json"
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        try:
            _until_it_listens_or_ends(program, told)
            yield program, f"http://127.0.0.1:{json.loads(told.read_text())['port']}" if told.exists() else None
        finally:
            program.kill()


def _until_it_listens_or_ends(program, told):
    for _ in range(3000):
        with contextlib.suppress(subprocess.TimeoutExpired):
            program.wait(0.01)
        if told.exists() or program.poll() is not None:
            return


def test_it_says_where_it_listens_and_ends_cleanly_when_told(tmp_path, connect, a_call):
    with running(tmp_path) as (program, url):
        assert json.loads((mailbox.folder(tmp_path) / "standin.json").read_text())["pid"] == program.pid
        connect(url).send_email(**a_call(subject="<script>alert(1)</script>"))
        program.send_signal(signal.SIGTERM)
        out, err = program.communicate(timeout=20)
    assert (program.returncode, out, err) == (0, "", "")
    assert not (mailbox.folder(tmp_path) / "standin.json").exists()
    index = index_file(tmp_path).read_text()
    assert "&lt;script&gt;alert(1)" in index
    assert "<script>" not in index
    (mail,) = mails(tmp_path)
    assert "<script>" not in (mailbox.folder(tmp_path) / f"{mail.message_id}.html").read_text()


def test_its_options_set_port_and_quota(tmp_path, connect, port):
    with running(tmp_path, "--port", str(port), "--rate", "14", "--quota", "200") as (_, url):
        assert url == f"http://127.0.0.1:{port}"
        quota = connect(url).get_account()["SendQuota"]
    assert (quota["MaxSendRate"], quota["Max24HourSend"]) == (14, 200)


def test_the_home_s_quota_counts_where_no_option_says_otherwise(tmp_path, connect):
    mailbox.folder(tmp_path).mkdir()
    (mailbox.folder(tmp_path) / "quota.json").write_text('{"max_send_rate": 3, "max_24_hour_send": 9}')
    with running(tmp_path, "--rate", "14") as (_, url):
        quota = connect(url).get_account()["SendQuota"]
    assert (quota["MaxSendRate"], quota["Max24HourSend"]) == (14, 9)


def test_a_second_one_for_the_same_home_says_why_it_ends(tmp_path):
    with serving(tmp_path), running(tmp_path) as (program, _):
        out, err = program.communicate(timeout=20)
    assert program.returncode == 1
    assert out == ""
    assert "another stand-in keeps this mailbox" in err
    assert err.count("\n") == 1


def test_a_port_that_is_taken_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with running(tmp_path, "--port", port) as (program, _):
            _, err = program.communicate(timeout=20)
    assert program.returncode == 1
    assert f"port {port}" in err


def test_killed_in_a_burst_it_loses_nothing_that_it_acknowledged(tmp_path, connect, a_call):
    acknowledged: list[str] = []
    enough = threading.Event()
    with running(tmp_path) as (program, url):
        client = connect(url, max_pool_connections=8)

        def send_until_it_dies(sender):
            for number in range(2000):
                tags = [{"Name": "message", "Value": f"{sender}-{number}"}]
                try:
                    acknowledged.append(client.send_email(**a_call(EmailTags=tags))["MessageId"])
                except (BotoCoreError, ClientError):
                    return
                if len(acknowledged) > 150:
                    enough.set()

        with ThreadPoolExecutor(8) as senders:
            done = [senders.submit(send_until_it_dies, number) for number in range(8)]
            assert enough.wait(30)
            program.send_signal(signal.SIGKILL)
            for sender in done:
                sender.result()
    assert 150 < len(acknowledged) < 16_000

    with serving(tmp_path):
        pass
    kept = Counter(mail.message_id for mail in mails(tmp_path))
    tags = Counter(mail.tags["message"] for mail in mails(tmp_path))
    events = [json.loads(line) for line in events_file(tmp_path).open()]
    sent = Counter(event["mail"]["messageId"] for event in events if event["eventType"] == "Send")
    delivered = Counter(event["mail"]["messageId"] for event in events if event["eventType"] == "Delivery")
    assert set(acknowledged) <= set(kept)
    assert len(set(acknowledged)) == len(acknowledged)
    assert kept == sent == delivered
    assert set(kept.values()) == set(tags.values()) == {1}
