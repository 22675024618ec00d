import inspect
import os

import pytest

from campaigns import locks
from campaigns.errors import NotAllowed
from flows import cli, world
from flows.world import ground


def test_a_demo_begins_on_empty_ground(tmp_path):
    with ground(tmp_path) as folder:
        (folder / "home").mkdir(parents=True)
        (folder / "report.json").write_text("{}")
    with ground(tmp_path) as folder:
        assert not folder.exists()


def test_a_second_demo_leaves_the_first_alone(tmp_path):
    with ground(tmp_path) as folder:
        folder.mkdir()
        (folder / "report.json").write_text("{}")
        with pytest.raises(NotAllowed, match="another one is at work"), ground(tmp_path):
            pass
        assert (folder / "report.json").exists()


def test_what_somebody_still_looks_at_is_left_alone(tmp_path):
    database = tmp_path / "demo" / "home" / "postgresql"
    database.mkdir(parents=True)
    user = locks.take(database / "users.lock", locks.SHARED)
    with pytest.raises(NotAllowed, match="encore serve"), ground(tmp_path):
        pass
    assert database.exists()
    os.close(user)
    with ground(tmp_path):
        assert not database.exists()


def test_the_demo_has_as_many_members_as_its_world_unless_told():
    assert inspect.signature(cli.demo).parameters["members"].default == world.MEMBERS
