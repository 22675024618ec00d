from datetime import date

import pytest

from campaigns.errors import NotAllowed
from campaigns.sandbox import Service
from campaigns.sandbox.alone import LOCK, alone

START = date(2026, 12, 1)


@pytest.fixture
def folder(tmp_path):
    return Service.build(tmp_path / "lumen", members=60, seed=0, start=START).folder


def test_a_day_is_not_lived_while_another_command_is_at_work(folder):
    with alone(folder), pytest.raises(NotAllowed, match="another command is at work there; wait until it ends"):
        Service(folder).live(START, [])
    assert Service(folder).live(START, []).is_dir()


def test_a_service_is_not_built_while_another_is_being_built_there(tmp_path):
    with alone(tmp_path), pytest.raises(NotAllowed, match="another command is at work there"):
        Service.build(tmp_path, members=60, start=START)
    assert [path.name for path in tmp_path.iterdir()] == [LOCK]
    assert Service.build(tmp_path, members=60, start=START).next_day == START


def test_a_day_that_another_process_has_lived_meanwhile_is_not_lived_again(folder):
    late = Service(folder)
    Service(folder).live(START, [])
    before = (folder / "days" / "2026-12-01" / "plays.parquet").stat().st_mtime_ns
    assert late.live(START, []) == folder / "days" / "2026-12-01"
    assert (folder / "days" / "2026-12-01" / "plays.parquet").stat().st_mtime_ns == before
    assert late.next_day == date(2026, 12, 2)


def test_who_asks_what_mails_won_sees_the_days_that_another_process_lived(folder):
    late = Service(folder)
    Service(folder).live(START, [])
    assert late.campaigns() == Service(folder).campaigns()
    assert late.received(START) == 0
