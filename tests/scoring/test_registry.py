"""Model versions: kept whole, promoted, rolled back."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from scoring.errors import BadData, OtherVersion
from scoring.inuse import Use
from scoring.registry import Card, Registry
from scoring.winback.versions import winback_models


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


@pytest.mark.parametrize(
    "version", ["none", "", "../a", ".", "..", "../winback/a", "a/", "./a", "a/../a", "/", "x" * 999]
)
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
    assert [path.name for path in registry.folder.iterdir()] == [".lock"]
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


def refusing(folder):
    """A check: models that say so are of another version, or damaged."""
    told = (folder / "model.json").read_text()
    if told == "old":
        raise OtherVersion("format", "1", "2")
    if told == "damaged":
        raise BadData("model.json", "it cannot be read", "train again")


@pytest.fixture
def checked(tmp_path):
    return stored(Registry(tmp_path / "models" / "winback", refusing), "a", "b", "c")


def spoil(registry, version, told="damaged", name="model.json"):
    (registry.path(version) / name).write_text(told)


@pytest.mark.parametrize("told", ["old", "damaged"])
def test_a_version_that_cannot_be_used_is_not_promoted(checked, told):
    checked.promote("a")
    spoil(checked, "b", told)
    with pytest.raises((BadData, OtherVersion), match="train"):
        checked.promote("b")
    with pytest.raises((BadData, OtherVersion), match="train"):
        checked.succeed("b", checked.use())
    assert checked.live() == "a"


def test_a_rollback_passes_over_what_cannot_be_used(checked):
    for version in "abc":
        checked.promote(version)
    spoil(checked, "b")
    assert checked.rollback() == checked.live() == "a"
    assert checked.withdrawn() == ["c"]
    spoil(checked, "a", "old")
    assert checked.rollback() is checked.live() is None


def test_storing_a_damaged_version_again_mends_it_and_leaves_what_is_beside_it(checked):
    spoil(checked, "a")
    checked.keep("a", "backtest-20261208", {"qini": 1})
    stored(checked, "a")
    assert (checked.path("a") / "model.json").read_text() == "a"
    assert checked.kept("a", "backtest-") == [{"qini": 1}]
    assert checked.usable("a")


@pytest.mark.parametrize("lost", ["card.json", "model.json"])
def test_storing_a_version_again_mends_it_where_a_file_is_gone(tmp_path, lost):
    registry = stored(winback_models(tmp_path), "a")
    (registry.folder / "a" / lost).unlink()
    stored(registry, "a")
    assert sorted(path.name for path in registry.path("a").iterdir()) == ["card.json", "model.json"]


DAMAGED = ["", "{", "[]", "null", '"x"', "{}", '{"rows": 1}', '{"rows": 1, "trained_as_of": "soon", "verdict": ""}']


@pytest.mark.parametrize("told", DAMAGED)
def test_a_damaged_card_is_told_of_among_the_others(registry, told):
    stored(registry, "a", "b")
    spoil(registry, "a", told, "card.json")
    damaged, whole = registry.versions()
    assert (damaged.version, damaged.verdict[:32]) == ("a", "damaged: card.json: it cannot be")
    assert whole == registry.card("b")
    for asked in (registry.card, registry.promote, registry.trained_as_of):
        with pytest.raises(BadData, match=r"card\.json: it cannot be read"):
            asked("a")


@pytest.mark.parametrize(
    "told", ["", "{", "[]", "null", "{}", '{"history": "ab", "withdrawn": []}', '{"history": [1]}']
)
def test_where_it_is_lost_what_is_in_use_a_person_says_it_anew(registry, told):
    stored(registry, "a", "b").promote("a")
    (registry.folder / "live.json").write_text(told)
    for asked in (registry.live, registry.lived, registry.withdrawn, registry.rollback):
        with pytest.raises(BadData, match=r"live\.json: it cannot be read \(.*\); .*encore models promote VERSION"):
            asked()
    registry.promote("b")
    assert registry.use() == Use(("b",), (), by_hand=True)


def test_what_an_earlier_encore_wrote_of_what_is_in_use_is_read(registry):
    stored(registry, "a")
    (registry.folder / "live.json").write_text('{"history": ["a"], "withdrawn": ["b"]}')
    assert registry.use() == Use(("a",), ("b",), by_hand=False)


@pytest.mark.parametrize("name", ["evaluation", "backtest-20261201"])
def test_what_was_kept_and_is_damaged_is_refused_by_its_name(registry, name):
    stored(registry, "a").keep("a", name, {"qini": 1})
    spoil(registry, "a", "{", f"{name}.json")
    with pytest.raises(BadData, match=rf"{name}\.json: it cannot be read.*the card is shown without it"):
        registry.kept("a", name)


@pytest.mark.parametrize("told", ["5", "[]", "null", '"x"'])
def test_what_was_kept_and_holds_no_facts_is_refused_by_its_name(registry, told):
    stored(registry, "a").keep("a", "evaluation", {"qini": 1})
    spoil(registry, "a", told, "evaluation.json")
    with pytest.raises(BadData, match=r"evaluation\.json: it cannot be read"):
        registry.kept("a", "evaluation")


@pytest.mark.parametrize(("name", "was", "becomes"), [("card", "100", "900"), ("evaluation", "0.25", "0.75")])
def test_a_figure_that_is_not_as_it_was_written_is_refused_by_its_file(registry, name, was, becomes):
    stored(registry, "a").keep("a", "evaluation", {"qini": 0.25})
    told = (registry.path("a") / f"{name}.json").read_text()
    assert was in told
    spoil(registry, "a", told.replace(was, becomes, 1), f"{name}.json")
    with pytest.raises(BadData, match=rf"{name}\.json: it cannot be read \(it does not say what was written\)"):
        registry.card("a") if name == "card" else registry.kept("a", name)


def test_what_a_killed_writer_left_goes_with_the_next(registry):
    stored(registry, "a")
    (registry.folder / ".20261201-x-0123").mkdir()
    (registry.folder / ".20261201-x-0123" / "half").write_text("x")
    (registry.folder / ".live-0123").write_text("{")
    registry.promote("a")
    assert sorted(path.name for path in registry.folder.iterdir()) == [".lock", "a", "live.json"]


def test_no_promotion_is_lost_where_many_come_at_once(registry):
    versions = [f"v{n:02}" for n in range(24)]
    with ThreadPoolExecutor(12) as threads:
        list(threads.map(lambda version: stored(Registry(registry.folder), version).promote(version), versions))
    assert sorted(registry.lived()) == versions
    with ThreadPoolExecutor(12) as threads:
        list(threads.map(lambda _: Registry(registry.folder).rollback(), range(10)))
    assert len(registry.lived()) == 14
    assert len(registry.withdrawn()) == 10


def test_a_candidate_takes_over_only_from_what_it_was_judged_against(registry):
    stored(registry, "a", "b", "c")
    judged_before = registry.use()
    assert registry.succeed("a", judged_before)
    assert registry.succeed("a", judged_before)  # another training of the same was quicker
    assert not registry.succeed("b", judged_before)
    now = registry.use()
    registry.promote("a")  # a person wants to keep it
    assert not registry.succeed("b", now)
    assert registry.use() == Use(("a",), (), by_hand=True)
    assert registry.succeed("b", registry.use())
    assert registry.use() == Use(("a", "b"), (), by_hand=False)
