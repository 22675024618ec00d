"""What titles tell of taste."""

from datetime import timedelta

import pytest

from scoring.contracts import TITLES
from tests.scoring.winback.features.world import AT, DAY, World


def title(name, *genres, **about):
    return {"title_id": name, "name": name, "genres": list(genres)} | about


@pytest.fixture
def world(tmp_path):
    return World(tmp_path / "lake")


def test_genres_weigh_by_plays(world):
    world.put(TITLES, title("t", "drama", "crime"), title("u", "drama"), title("v"))
    world.played(AT - 9 * DAY, AT - 8 * DAY).played(AT - 7 * DAY, title="u").played(AT - 6 * DAY, title="v")
    names = ("genres_lifetime", "top_genre", "top_genre_share", "second_genre_share", "genre_breadth")
    assert world.told(*names) == (2, "drama", 3 / 5, 2 / 5, 25 / 13)


def test_one_genre_has_no_second(world):
    world.put(TITLES, title("t", "drama")).played(AT - 9 * DAY)
    assert world.told("top_genre_share", "second_genre_share", "genre_breadth") == (1, 0, 1)


def test_completion_is_of_titles_whose_length_is_known(world):
    lengths = title("t", minutes=100.0), title("u", minutes=50.0), title("v"), title("w", minutes=0.0)
    world.put(TITLES, *lengths)
    world.played(AT - 9 * DAY, AT - 8 * DAY, minutes=25.0)  # half of it in two sittings
    world.played(AT - 7 * DAY, title="u", minutes=60.0).played(AT - 6 * DAY, title="u")
    for other in ("v", "w", "gone"):
        world.played(AT - 5 * DAY, title=other, minutes=30.0)
    assert world.told("completion", "titles_lifetime") == (0.75, 5)


def test_a_title_is_as_it_was_known_at_the_moment(world):
    world.put(TITLES, title("t", "drama", minutes=100.0)).played(AT - 9 * DAY, minutes=50.0)
    world.put(TITLES, title("t", "crime", minutes=50.0), as_of=AT + DAY)
    assert world.told("top_genre", "completion") == ("drama", 0.5)
    assert world.told("top_genre", "completion", at=AT + DAY - timedelta(microseconds=1)) == ("drama", 0.5)
    assert world.told("top_genre", "completion", at=AT + DAY) == ("crime", 1)


def test_of_two_versions_from_one_time_the_later_import_is_known(world):
    world.put(TITLES, title("t", "drama")).played(AT - 9 * DAY)
    world.put(TITLES, title("t", "crime"), as_of=AT - DAY).put(TITLES, title("t", "comedy"), as_of=AT - DAY)
    assert world.told("top_genre", "genres_lifetime") == ("comedy", 1)
