import shutil
from datetime import date

import numpy as np
import polars as pl
import pytest

from campaigns.errors import RefusedFile
from campaigns.sandbox import SHOWN, Service
from campaigns.sandbox.states import known_mails, shards, state_at

START = date(2026, 12, 1)


@pytest.fixture
def service(tmp_path):
    return Service.build(tmp_path / "lumen", members=60, seed=0, start=START)


@pytest.mark.parametrize(
    "file", ["start/plays.parquet", "state/2026-12-01/members.parquet", "state/2026-12-01/mails.parquet"]
)
@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"PAR1")])
def test_a_service_that_lacks_what_it_knew_is_refused_by_the_file(service, file, damage):
    damage(service.folder / file)
    with pytest.raises(RefusedFile, match=f"{file}: is missing or damaged; remove the service's folder"):
        Service(service.folder)


def test_a_service_that_knows_of_no_mail_is_whole(tmp_path):
    one = Service.build(tmp_path / "one", members=1, seed=0, start=START)
    assert known_mails(one.folder, one.setup).is_empty()
    one.live(START, [])
    assert Service(one.folder).next_day == date(2026, 12, 2)


def test_a_state_that_a_killed_day_left_goes_with_the_next(service):
    shutil.copytree(service.folder / "state" / "2026-12-01", service.folder / "state" / "2026-11-30")
    service.live(START, [])
    assert [path.name for path in (service.folder / "state").iterdir()] == ["2026-12-02"]


def test_members_are_found_wherever_they_stand(service):
    whole = state_at(service.folder, service.setup, np.arange(60))
    some = state_at(service.folder, service.setup, np.array([40, 3, 3]))
    assert some.since.tolist() == whole.since[[40, 3, 3]].tolist()


def test_shards_hold_every_member_once():
    assert np.concatenate(list(shards(120_000))).tolist() == list(range(120_000))
    assert [len(shard) for shard in shards(120_000)] == [50_000, 50_000, 20_000]


@pytest.mark.parametrize("file", ["members", "mails"])
def test_a_file_of_something_else_is_refused_by_the_file(service, file):
    shutil.copy(
        service.folder / "start" / "titles.parquet", service.folder / "state" / "2026-12-01" / f"{file}.parquet"
    )
    with pytest.raises(RefusedFile, match=f"{file}.parquet: is missing or damaged"):
        Service(service.folder)


def test_a_service_that_lost_members_is_refused(service):
    path = service.folder / "state" / "2026-12-01" / "members.parquet"
    pl.read_parquet(path).head(59).write_parquet(path)
    with pytest.raises(RefusedFile, match=r"members.parquet: is missing or damaged"):
        Service(service.folder)


@pytest.mark.parametrize("file", ["start/plays.parquet", "state/2026-12-01/members.parquet"])
def test_what_was_damaged_in_the_middle_is_refused_by_the_file(service, file):
    whole = (service.folder / file).read_bytes()
    (service.folder / file).write_bytes(whole[:4] + bytes(len(whole) // 2) + whole[4 + len(whole) // 2 :])
    shown = pl.DataFrame([("m0000001", "one", "x", START, None, ["t0001"], [None])], schema=SHOWN, orient="row")
    with pytest.raises(RefusedFile, match=f"{file}: is missing or damaged"):
        Service(service.folder).live_shown(START, shown)
