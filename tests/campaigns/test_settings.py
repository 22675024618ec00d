"""Secrets that are made where nobody set one."""

import stat
from concurrent.futures import ThreadPoolExecutor

from campaigns.settings import made_once


def test_whoever_asks_first_makes_the_secret_and_all_read_the_same(tmp_path):
    with ThreadPoolExecutor(16) as threads:
        read = list(threads.map(lambda n: made_once(tmp_path / f"secret-{n // 16}").read_text(), range(800)))
    assert [len(set(read[n : n + 16])) for n in range(0, 800, 16)] == [1] * 50
    assert {len(secret) for secret in read} == {43}
    assert len(set(read)) == 50


def test_only_its_owner_may_read_a_secret(tmp_path):
    assert stat.S_IMODE(made_once(tmp_path / "secret").stat().st_mode) == 0o600
