import importlib.util
import os
import select
import signal
import socket
import stat
import subprocess
import sys
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

import campaigns
from campaigns import keeper, locks, services
from campaigns.errors import Unavailable

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for processes by Linux's pidfd")

WITHIN = 20  # seconds, for what takes a hundredth of that on an idle machine

# A server that tells its process id, its session and a variable; it is not ready, nor ends, while somebody holds a lock
# on `brake`. Run with a home it is a user: it tells where the server is, and leaves once its input ends.
TOY = '''
import os, signal, socket, subprocess, sys
from pathlib import Path
from campaigns import services

PROGRAM = """
import fcntl, os, signal, socket, sys

def wait_for_brake(*_):
    with open("brake", "a") as brake:
        fcntl.flock(brake, fcntl.LOCK_EX)

def stop(*_):
    wait_for_brake()
    sys.exit()

signal.signal(signal.SIGTERM, stop)
wait_for_brake()
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    with server.accept()[0] as client:
        client.sendall(f"{os.getpid()} {os.getsid(0)} {os.environ.get('COLOUR')}".encode())
"""

def prepare(folder):
    port = services.free_port()
    return services.Launch([sys.executable, "-I", "-S", "-c", PROGRAM, str(port)], str(port), {"COLOUR": "blue"})

def ask(address):
    with socket.create_connection(("127.0.0.1", int(address)), timeout=5) as client:
        return client.recv(100).decode()

def answers(address):
    try:
        return bool(ask(address))
    except OSError:
        return False

SERVICE = services.Service("toy", "the toy", prepare, answers, "mend it", start_limit=20)

if __name__ == "__main__":
    with services.running(SERVICE, Path(sys.argv[1])) as address:
        print(ask(address), flush=True)
        if "exec" in sys.argv:
            print(subprocess.Popen(["cat"], close_fds=False).pid, flush=True)
        if "fork" in sys.argv and (child := os.fork()):
            print(child, flush=True)
        sys.stdin.read()
'''


@pytest.fixture(name="toy")
def _toy(tmp_path):
    path = tmp_path / "toy.py"
    path.write_text(TOY)
    spec = importlib.util.spec_from_file_location("toy", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(name="home")
def _home(tmp_path):
    return tmp_path / "home"


@pytest.fixture(name="use")
def _use(toy, home):
    """Starts a process that uses the toy; it leaves when its input is closed, at the latest with the test."""
    with ExitStack() as stack:

        def use(*how):
            user = subprocess.Popen(
                [sys.executable, toy.__file__, str(home), *how],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONPATH": str(Path(campaigns.__file__).parents[1])},
            )
            stack.callback(user.wait, WITHIN)
            stack.callback(user.stdin.close)
            return user

        yield use


@contextmanager
def ending(*processes):
    """The processes, that live when the block begins, have ended soon after its end."""
    with ExitStack() as stack:
        files = [stack.enter_context(closing(_Pid(process))) for process in processes]
        yield
        for file in files:
            assert file.ends(WITHIN)


@contextmanager
def brake(home):
    file = locks.take(home / "toy" / "brake", limit=WITHIN)
    yield
    os.close(file)


class _Pid:
    def __init__(self, process):
        self.file = os.pidfd_open(process)

    def ends(self, within):
        return bool(select.select([self.file], [], [], within)[0])

    def close(self):
        os.close(self.file)


def server_of(user):
    return int(user.stdout.readline().split()[0])


def leave(user):
    user.stdin.close()
    assert user.wait(WITHIN) == 0


def until(condition):
    """Wait for what shows in no process's end."""
    for _ in range(int(WITHIN / locks.PAUSE)):
        if condition():
            return
        select.select([], [], [], locks.PAUSE)
    pytest.fail("it never came true")


def test_processes_that_start_at_the_same_moment_share_one_server(use):
    users = [use() for _ in range(4)]
    assert len({server_of(user) for user in users}) == 1


def test_the_last_to_leave_stops_the_server_and_is_there_until_it_has_gone(toy, home, use):
    first, last = use(), use()
    assert server_of(first) == server_of(last)
    state = services.state(toy.SERVICE, home)
    leave(first)
    assert services.state(toy.SERVICE, home) == state
    with closing(_Pid(state["server"])) as server:
        leave(last)
        assert server.ends(within=0)
    assert services.state(toy.SERVICE, home) is None


def test_a_killed_user_leaves_nothing_running(toy, home, use):
    user = use()
    server_of(user)
    state = services.state(toy.SERVICE, home)
    with ending(state["keeper"], state["server"]):
        user.kill()


@pytest.mark.parametrize("how", ["fork", "exec"])
def test_what_a_user_started_does_not_keep_the_server_after_the_user_s_death(toy, home, use, how):
    user = use(how)
    server_of(user)
    child = int(user.stdout.readline())
    state = services.state(toy.SERVICE, home)
    with ending(state["keeper"], state["server"]):
        user.kill()
    os.kill(child, 0)  # it lives, and ends with its input


@pytest.mark.parametrize("victim", ["keeper", "server"])
def test_a_killed_keeper_or_server_is_replaced_at_the_next_use(toy, home, victim):
    with services.running(toy.SERVICE, home) as address:
        before = services.state(toy.SERVICE, home)
        with ending(before["keeper"], before["server"]):
            os.kill(before[victim], signal.SIGKILL)
        assert not toy.answers(address)
        with services.running(toy.SERVICE, home) as again:
            assert toy.answers(again)
            assert services.state(toy.SERVICE, home)["server"] != before["server"]
    assert services.state(toy.SERVICE, home) is None


def test_a_server_that_outlives_its_keeper_is_ended_before_another_starts(toy, home):
    service = replace(toy.SERVICE, stop_limit=0.2)
    with services.running(service, home):
        left = services.state(service, home)
        with brake(home), ending(left["server"]):
            with ending(left["keeper"]):
                os.kill(left["keeper"], signal.SIGKILL)
            with pytest.raises(Unavailable), services.running(replace(service, start_limit=0.1), home):
                pass
        with services.running(service, home) as address:
            assert toy.ask(address).split()[0] != str(left["server"])


def test_a_keeper_that_is_told_to_stop_stops_its_server(toy, home):
    with services.running(toy.SERVICE, home):
        state = services.state(toy.SERVICE, home)
        with ending(state["keeper"], state["server"]):
            os.kill(state["keeper"], signal.SIGTERM)
    assert not (home / "toy" / "service.json").exists()


def test_a_server_that_does_not_stop_is_killed_in_time(toy, home):
    service = replace(toy.SERVICE, stop_limit=0.1)
    with ExitStack() as stack:
        with services.running(service, home):
            server = stack.enter_context(closing(_Pid(services.state(service, home)["server"])))
            stack.enter_context(brake(home))
        assert server.ends(within=0)


def test_who_comes_while_the_server_stops_waits_and_gets_a_new_one(toy, home, use):
    first = use()
    before = server_of(first)
    with ending(before), brake(home):
        first.kill()
        until(lambda: locks.is_held(home / "toy" / "users.lock", locks.SHARED))
        second = use()
    assert server_of(second) != before
    assert services.state(toy.SERVICE, home)["server"] != before


def test_nested_use_is_one_use(toy, home):
    with services.running(toy.SERVICE, home) as address:
        with services.running(toy.SERVICE, home) as again:
            assert again == address
        assert toy.answers(address)
    assert not toy.answers(address)


def test_starting_does_not_wait(toy, home):
    (home / "toy").mkdir(parents=True)
    with ExitStack() as stack:
        held = stack.enter_context(ExitStack())
        held.enter_context(brake(home))
        address = stack.enter_context(services.starting(toy.SERVICE, home))
        until(lambda: services.state(toy.SERVICE, home))
        assert not toy.answers(services.state(toy.SERVICE, home)["address"])
        held.close()
        assert toy.answers(address())


def test_a_server_has_its_own_session_and_environment(toy, home):
    with services.running(toy.SERVICE, home) as address:
        _, session, colour = toy.ask(address).split()
    assert int(session) != os.getsid(0)
    assert colour == "blue"


def test_a_home_is_private_and_the_folders_above_it_stay_as_they_were(toy, tmp_path):
    above = tmp_path / "above"
    above.mkdir(mode=0o751)
    mode = stat.S_IMODE(above.stat().st_mode)
    with services.running(toy.SERVICE, above / "home"):
        pass
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (above, above / "home", above / "home" / "toy")]
    assert modes == [mode, 0o700, 0o700]
    assert {stat.S_IMODE(file.stat().st_mode) for file in (above / "home" / "toy").glob("*.*")} == {0o600}


def failing(toy, command, **changes):
    return replace(toy.SERVICE, prepare=lambda _: services.Launch(command, "1"), **changes)


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (["sh", "-c", "echo 'FATAL:  no bread'; echo bye"], "no bread"),
        (["sh", "-c", "echo first; echo last"], "last"),
        (["true"], "it ended as it started"),
        (["no-such-program"], "FileNotFoundError: [Errno 2] No such file or directory: 'no-such-program'"),
    ],
)
def test_a_server_that_ends_as_it_starts_says_why_in_one_line(toy, home, command, why):
    service = failing(toy, command)
    for _ in range(2):
        with pytest.raises(Unavailable) as refusal, services.running(service, home):
            pass
        assert str(refusal.value) == f"the toy: {why}; mend it"
    assert services.state(service, home) is None


def test_a_server_that_is_not_ready_in_time_is_stopped(toy, home):
    service = failing(toy, ["sleep", "600"], start_limit=0.3)
    with pytest.raises(Unavailable, match=r"not ready within 0\.3 seconds"), services.running(service, home):
        pass
    assert services.state(service, home) is None


def test_a_port_that_others_hold_is_named(toy, home):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        program = toy.prepare(home).command[:-1]
        service = failing(toy, [*program, str(taken.getsockname()[1])])
        with pytest.raises(Unavailable, match="Address already in use"), services.running(service, home):
            pass


def test_a_folder_that_is_none_is_named(toy, home):
    home.mkdir()
    (home / "toy").write_text("")
    with pytest.raises(Unavailable, match="File exists"), services.running(toy.SERVICE, home):
        pass


def test_what_the_system_refuses_is_one_line(toy, home):
    def full(_):
        raise OSError(28, "No space left on device", "/somewhere")

    service = replace(toy.SERVICE, prepare=full)
    with pytest.raises(Unavailable, match=r"^the toy: No space left on device: /somewhere; mend it$"):
        services.running(service, home).__enter__()
    assert services.state(service, home) is None


def test_a_full_disk_is_named_though_no_log_could_be_written(toy, home, monkeypatch):
    monkeypatch.setattr(services.shutil, "disk_usage", lambda _: services.shutil._ntuple_diskusage(1, 1, 0))
    with pytest.raises(Unavailable, match="no space left"), services.running(failing(toy, ["true"]), home):
        pass


def test_a_long_log_is_begun_anew(tmp_path):
    (tmp_path / "log").write_bytes(b"x" * (keeper.LOG_LIMIT + 1))
    keeper.open_log(tmp_path).close()
    assert (tmp_path / "log").read_bytes() == keeper.STARTED


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("2026-11-24 23:40:19.246 UTC [8462] FATAL:  could not write: No space", "could not write: No space"),
        ("23:42:28.560 | ERROR   | uvicorn.error - Startup failed.", "uvicorn.error - Startup failed."),
        ("OSError: [Errno 98] Address already in use", "OSError: [Errno 98] Address already in use"),
        ("Port 4200 is already in use.", "Port 4200 is already in use."),
    ],
)
def test_a_log_line_is_told_without_time_and_level(tmp_path, line, words):
    (tmp_path / "log").write_bytes(b"FATAL: of old\n" + keeper.STARTED + f"{line}\nLOG: shut down\n".encode())
    assert services._last_words(tmp_path) == words
