"""What is new since a member left."""

from datetime import timedelta

import pytest

from scoring.contracts import TITLES
from tests.scoring.winback.features.world import AT, DAY, World

NEWS = ("new_titles", "new_in_top_genre", "new_fit")


def title(name, added, *genres, **about):
    when = None if added is None else AT - added * DAY
    return {"title_id": name, "name": name, "added_at": when, "genres": list(genres), "countries": []} | about


@pytest.fixture
def world(tmp_path):
    return World(tmp_path / "lake", country="BR").put(TITLES, title("t", 500, "drama"), title("old", None, "drama"))


def test_titles_added_since_the_last_play_are_new(world):
    added = title("n1", 39, "drama"), title("n2", 1, "crime", "drama"), title("n3", 41, "drama"), title("n4", 2)
    world.put(TITLES, *added).played(AT - 40 * DAY)
    assert world.told(*NEWS) == (3, 2, 2)


def test_a_title_added_in_the_second_of_the_last_play_is_not_new(world):
    world.put(TITLES, title("n", 40, "drama")).played(AT - 40 * DAY)
    assert world.told(*NEWS) == (0, 0, 0)


def test_who_never_played_counts_from_sign_up_and_has_no_top_genre(world):
    world.put(TITLES, title("n1", 300, "drama"), title("n2", 3))
    assert world.told(*NEWS) == (2, 0, 0)


def test_no_title_is_new_for_more_than_a_year(world):
    world.put(TITLES, title("n1", 365, "drama"), title("n2", 364, "drama")).played(AT - 380 * DAY)
    assert world.told("new_titles") == (1,)


def test_only_titles_with_rights_in_the_country_are_new(world):
    shown = (["BR"], ["US", "BR"], ["US"])
    world.put(TITLES, *(title(f"n{n}", 3, countries=list(there)) for n, there in enumerate(shown)))
    assert world.played(AT - 40 * DAY).told("new_titles") == (2,)


def test_of_a_country_that_is_not_known_only_titles_for_all_are_new(tmp_path):
    world = World(tmp_path / "lake").put(TITLES, title("n1", 3, countries=["BR"]), title("n2", 3))
    assert world.told("new_titles") == (1,)


def test_titles_that_have_left_or_are_still_to_come_are_not_new(world):
    gone, leaving = {"leaves_at": AT}, {"leaves_at": AT + timedelta(seconds=1)}
    world.put(TITLES, title("n1", 3, **gone), title("n2", 3, **leaving), title("n3", 0), title("n4", -5))
    assert world.played(AT - 40 * DAY).told("new_titles") == (1,)


def test_rights_are_those_known_at_the_moment(world):
    world.put(TITLES, title("n", 3, countries=["BR"])).played(AT - 40 * DAY)
    world.put(TITLES, title("n", 3, countries=["US"]), as_of=AT + DAY)
    assert world.told("new_titles") == (1,)
    assert world.told("new_titles", at=AT + DAY) == (0,)


def test_fit_weighs_the_three_genres_played_most(world):
    world.put(TITLES, *(title(name, 500, name) for name in ("a", "b", "c", "d")))
    world.put(TITLES, *(title(f"n{n}", 3, *genres) for n, genres in enumerate((["a"], ["a", "b"], ["c"], ["d"]))))
    for name, plays in (("a", 3), ("b", 2), ("c", 2), ("d", 1)):
        world.played(*(AT - (40 + n) * DAY for n in range(plays)), title=name)
    assert world.told(*NEWS) == (4, 2, (2 * 3 + 1 * 2 + 1 * 2) / 7)
