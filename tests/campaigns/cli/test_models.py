"""`encore models …`: what it says, and how it ends, also where it was asked wrongly."""

import json

import pytest

from campaigns.cli import app, models  # noqa: F401 - the second adds its commands
from campaigns.cli.shared import main
from scoring.registry import Card, Registry
from scoring.sealed import seal
from scoring.winback.features import VERSION
from scoring.winback.model import FORMAT
from scoring.winback.versions import winback_models

NONE = "`encore models list` shows those there are"


@pytest.fixture
def registry(tmp_path, monkeypatch):
    monkeypatch.setenv("ENCORE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return winback_models(tmp_path / "home")


def stored(registry, *versions, form=FORMAT):
    for version in versions:
        card = Card(version, "2026-12-01T00:00:00+00:00", 1000, "promoted: it was good", {"mailed": 900})
        facts = {"format": form, "features_version": VERSION}
        Registry(registry.folder).store(card, lambda folder, facts=facts: seal(folder, facts, []))
    return registry


@pytest.fixture
def encore(monkeypatch, capsys):
    """Runs a command; returns how it ended, its lines, and those on stderr."""

    def run(*words):
        monkeypatch.setattr("sys.argv", ["encore", "models", *words])
        with pytest.raises(SystemExit) as ended:
            main(app)
        out, err = capsys.readouterr()
        return ended.value.code or 0, out.splitlines(), err.splitlines()

    return run


@pytest.mark.usefixtures("registry")
def test_without_a_model_it_says_what_makes_one(encore):
    assert encore("list") == (0, ["no model yet; members are drawn at random until there is one: encore train"], [])
    assert encore("rollback") == (1, [], [f"encore: rollback: no model is in use; {NONE}"])


def test_what_a_person_chose_is_told_and_how_long_it_holds(registry, encore):
    stored(registry, "a", "b")
    until = "until training finds one that is clearly better"
    for version in "ab":
        assert encore("promote", version) == (0, [f"{version} is in use from the next run on, {until}"], [])
    ended, lines, _ = encore("list")
    assert ended == 0
    assert [line.split() for line in lines[1:]] == [
        ["a", "1,000", "promoted:", "it", "was", "good"],
        ["b", "1,000", "live,", "by", "hand", "promoted:", "it", "was", "good"],
    ]
    assert encore("rollback") == (0, [f"a is in use from the next run on, {until}"], [])
    assert encore("rollback") == (0, [f"no model is in use; members are drawn at random, {until}"], [])


def test_what_the_gate_took_is_not_told_as_chosen(registry, encore):
    stored(registry, "a").succeed("a", registry.use())
    _, lines, _ = encore("list", "--json")
    [told] = json.loads("\n".join(lines))
    assert (told["live"], told["by_hand"]) == (True, False)


@pytest.mark.parametrize("version", ["x", "", "../winback/a", ".", "..", "/", "a/", "a\n"])
@pytest.mark.parametrize("command", ["promote", "show"])
def test_a_version_that_is_not_there_is_refused_in_a_line(registry, encore, command, version):
    stored(registry, "a")
    ended, lines, wrong = encore(command, version)
    assert (ended, lines, len(wrong)) == (1, [], 1)
    assert wrong[0] == f"encore: version: there is no {version!r}; {NONE}"


@pytest.mark.parametrize("words", [["promote"], ["show"], ["nothing"], ["show", "a", "--format", "pdf"]])
def test_wrong_usage_ends_with_2(registry, encore, words):
    stored(registry, "a")
    ended, lines, _ = encore(*words)
    assert (ended, lines) == (2, [])


def test_a_version_that_cannot_be_used_is_not_promoted_and_the_reason_is_told(registry, encore):
    stored(registry, "new")
    stored(registry, "old", form="1")
    (registry.path("new") / "model.json").write_text("{")
    for version, said in (("old", "format is '1'"), ("new", "model.json: it cannot be read")):
        ended, lines, wrong = encore("promote", version)
        assert (ended, lines, len(wrong)) == (1, [], 1)
        assert said in wrong[0]
        assert "train" in wrong[0]
    assert registry.live() is None


def test_a_damaged_version_in_use_is_told_of(registry, encore):
    stored(registry, "a").promote("a")
    (registry.path("a") / "model.json").write_text("{")
    ended, lines, wrong = encore("list")
    assert (ended, len(lines)) == (0, 2)
    assert wrong == ["a cannot be used: the next run trains before it opens, or encore models rollback"]


def test_damaged_files_of_the_registry_end_in_a_line_that_says_what_mends_them(registry, encore):
    stored(registry, "a", "b").promote("a")
    (registry.path("b") / "card.json").write_text("{")
    (registry.folder / "live.json").write_text("{")
    ended, lines, wrong = encore("list")
    assert (ended, len(lines), len(wrong)) == (1, 3, 1)
    assert "damaged: card.json" in lines[2]
    assert wrong[0].endswith("say which version is to be used: encore models promote VERSION")
    assert encore("rollback")[::2] == (1, wrong)
    assert encore("promote", "a")[0] == 0
    assert encore("list")[::2] == (0, [])
    assert encore("show", "b")[0] == 1
