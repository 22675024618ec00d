"""Model versions: kept whole, promoted, rolled back."""

import shutil
from datetime import datetime

import pytest

from scoring.errors import BadData
from scoring.registry import Card, Registry


@pytest.fixture
def registry(tmp_path):
    return Registry(tmp_path / "models" / "winback")


def stored(registry, *versions):
    for version in versions:
        card = Card(version, "2026-12-01", 100, "promoted: it was good", {"mailed": 90})
        registry.store(card, lambda folder, v=version: (folder / "model.json").write_text(v))
    return registry


def test_nothing_is_live_at_first(registry):
    assert registry.live() is None
    assert registry.versions() == []
    assert registry.withdrawn() == []
    assert registry.rollback() is None


def test_a_version_is_kept_with_its_card(registry):
    stored(registry, "20261201-a")
    assert (registry.path("20261201-a") / "model.json").read_text() == "20261201-a"
    assert registry.versions() == [Card("20261201-a", "2026-12-01", 100, "promoted: it was good", {"mailed": 90})]


def test_versions_are_listed_oldest_first(registry):
    stored(registry, "20261208-b", "20261201-a")
    assert [card.version for card in registry.versions()] == ["20261201-a", "20261208-b"]


def test_the_promoted_is_live_and_a_rollback_goes_back_step_by_step(registry):
    stored(registry, "a", "b", "c")
    for version in "abc":
        registry.promote(version)
    assert registry.live() == "c"
    assert registry.rollback() == registry.live() == "b"
    assert registry.rollback() == registry.live() == "a"
    assert registry.rollback() is registry.live() is None
    assert sorted(registry.withdrawn()) == ["a", "b", "c"]


def test_what_was_rolled_back_can_be_promoted_again(registry):
    stored(registry, "a", "b")
    registry.promote("a")
    registry.promote("b")
    registry.rollback()
    assert registry.withdrawn() == ["b"]
    registry.promote("b")
    assert (registry.live(), registry.withdrawn()) == ("b", [])


def test_promoting_the_live_version_again_leaves_something_to_roll_back_to(registry):
    stored(registry, "a", "b")
    for version in "abb":
        registry.promote(version)
    assert registry.rollback() == "a"


@pytest.mark.parametrize("version", ["none", "", "../a", "."])
def test_a_version_that_is_not_there_is_refused_by_name(registry, version):
    stored(registry, "a")
    with pytest.raises(BadData, match="models list"):
        registry.promote(version)
    assert registry.live() is None


def test_storing_a_version_again_keeps_the_one_that_stands(registry):
    stored(registry, "a")
    registry.store(Card("a", "2027-01-01", 1, "other"), lambda folder: (folder / "model.json").write_text("other"))
    assert (registry.path("a") / "model.json").read_text() == "a"
    assert len(registry.versions()) == 1


def test_a_version_that_could_not_be_saved_is_not_there(registry):
    def fails(folder):
        (folder / "half").write_text("x")
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        registry.store(Card("a", "2026-12-01", 1, "good"), fails)
    assert registry.versions() == []
    assert list(registry.folder.iterdir()) == []
    stored(registry, "a")
    assert (registry.path("a") / "model.json").read_text() == "a"


def test_another_process_reads_what_this_one_wrote(registry):
    stored(registry, "a").promote("a")
    assert Registry(registry.folder).live() == "a"


def test_a_card_is_found_by_its_version(registry):
    stored(registry, "a")
    assert registry.card("a").rows == 100
    assert registry.holds("a")
    assert not registry.holds("b")
    assert registry.trained_as_of("a") == datetime(2026, 12, 1)  # noqa: DTZ001 - as the card says it
    with pytest.raises(BadData, match="there is no 'b'"):
        registry.card("b")


def test_what_is_kept_beside_a_card_is_never_written_over(registry):
    stored(registry, "a")
    registry.keep("a", "backtest-20261208", {"qini": 1})
    registry.keep("a", "backtest-20261201", {"qini": 2})
    registry.keep("a", "backtest-20261208", {"qini": 3})
    registry.keep("a", "evaluation", {"qini": 4})
    assert registry.kept("a", "backtest-") == [{"qini": 2}, {"qini": 1}]
    assert registry.kept("a", "evaluation") == [{"qini": 4}]
    assert registry.kept("a", "other") == []
    assert registry.versions() == [registry.card("a")]


def test_nothing_is_kept_of_a_version_that_is_not_there(registry):
    for told in (lambda: registry.keep("a", "note", 1), lambda: registry.kept("a", "note")):
        with pytest.raises(BadData, match="there is no 'a'"):
            told()


def test_what_was_in_use_is_told_in_order_without_what_was_withdrawn_or_is_gone(registry):
    stored(registry, "a", "b", "c")
    for version in "abc":
        registry.promote(version)
    assert registry.lived() == ["a", "b", "c"]
    registry.rollback()
    assert registry.lived() == ["a", "b"]
    shutil.rmtree(registry.folder / "a")
    assert registry.lived() == ["b"]
