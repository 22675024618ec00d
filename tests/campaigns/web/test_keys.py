"""The key of the API."""

import pytest

from campaigns.errors import Unavailable
from campaigns.web.keys import FILE, api_key


def test_the_key_is_made_once_and_only_its_owner_may_read_it(home):
    first = api_key(home)
    assert api_key(home) == first
    assert len(first) >= 32
    assert (home / FILE).stat().st_mode & 0o777 == 0o600


def test_a_key_of_ones_own_counts_and_a_deleted_one_is_made_anew(home):
    first = api_key(home)
    (home / FILE).write_text("k" * 40 + "\n")
    assert api_key(home) == "k" * 40
    (home / FILE).unlink()
    assert api_key(home) not in (first, "k" * 40)


@pytest.mark.parametrize("held", ["", "short", "é" * 40])
def test_a_key_that_could_be_guessed_or_read_wrongly_is_refused(home, held):
    api_key(home)
    (home / FILE).write_text(held)
    with pytest.raises(Unavailable, match="delete it"):
        api_key(home)


def test_two_homes_have_two_keys(tmp_path):
    assert api_key(tmp_path / "a") != api_key(tmp_path / "b")
