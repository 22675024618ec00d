"""Which title model a run shows titles by."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from campaigns.planning import title_models
from campaigns.planning.title_models import REFIT, kept_models, newest_model, refitted, title_model
from scoring.titles import TitleModel
from tests.campaigns.planning.service import DAY, at, member, play, title


def test_a_title_model_serves_four_weeks_of_runs_and_none_before_it(service):
    service.has(members=[member("m")], titles=[title("t")], plays=[play("m", "t", at(DAY, -60 * 24 * 60))])
    service.campaign()
    run = service.open(DAY)
    assert refitted(service.stores, run) == run.cutoff
    title_model(service.stores, run.cutoff)
    for days, served in ((-1, -1), (0, 0), (1, 0), (REFIT.days - 1, 0), (REFIT.days, REFIT.days)):
        day = DAY + timedelta(days=days)
        assert refitted(service.stores, service.open(day, wall=at(day))) == at(DAY + timedelta(days=served))


@pytest.fixture
def kept(service):
    """The folder of a model on disk, read by nobody yet; and how it answers."""
    plays = [play(f"m{n}", f"t{n % 3}", at(DAY, -60 * 24)) for n in range(12)]
    service.has(members=[member(f"m{n}") for n in range(12)], titles=[title("t")], plays=plays)
    answer = title_model(service.stores, at(DAY)).recommend(["m0", "m1"])
    title_models._kept.cache_clear()
    return kept_models(service.stores)[at(DAY)], answer


def of_before(folder):
    (folder / "model.json").write_text(json.dumps({"format": "1", "seed": 0}))


def cut_short(folder):
    (folder / "arrays.npz").write_bytes((folder / "arrays.npz").read_bytes()[:100])


def gone(folder):
    (folder / "people.parquet").unlink()


@pytest.mark.parametrize("spoil", [of_before, cut_short, gone])
def test_one_that_cannot_be_read_is_fitted_again_on_the_same_plays_once(service, kept, spoil, monkeypatch):
    folder, answer = kept
    spoil(folder)
    service.has(plays=[play("m0", "t7", at(DAY, 1))])  # later than it knows
    assert title_model(service.stores, at(DAY)).recommend(["m0", "m1"]).equals(answer)
    assert TitleModel.from_files(folder).recommend(["m0", "m1"]).equals(answer)
    title_models._kept.cache_clear()
    monkeypatch.setattr(TitleModel, "fit", None)  # it is read, not fitted
    assert title_model(service.stores, at(DAY)).recommend(["m0", "m1"]).equals(answer)


@pytest.mark.parametrize("told", ['{"format": "0"}', "{"])
def test_of_several_models_the_newest_counts_that_knows_nothing_later_and_can_be_read_and_none_is_fitted(
    service, kept, told, monkeypatch
):
    stores, days = service.stores, timedelta(days=1)
    for before in (9, 5):
        title_model(stores, at(DAY) - before * days)
    monkeypatch.setattr(TitleModel, "fit", None)
    assert newest_model(stores, at(DAY))[1] == at(DAY)
    (kept[0] / "model.json").write_text(told)
    for until, found in ((0, 5), (5, 5), (6, 9)):
        model, knows = newest_model(stores, at(DAY) - until * days)
        assert model is not None
        assert knows == at(DAY) - found * days
    assert newest_model(stores, at(DAY) - 10 * days) == (None, None)


def test_a_run_shows_titles_where_another_version_made_the_model(service, kept):
    of_before(kept[0])
    service.campaign()
    assert service.day(DAY)["chosen"] > 0


def test_what_a_killed_fit_left_goes_with_the_next(service, kept):
    folder, _ = kept
    (folder.parent / ".20261101T0000-0123").mkdir()
    title_model(service.stores, at(DAY - timedelta(days=30)))
    assert sorted(path.name for path in folder.parent.glob(".*")) == [".lock"]


def test_those_who_need_one_at_once_fit_it_once(service, kept, monkeypatch):
    of_before(kept[0])
    fits, fit = [], TitleModel.fit
    monkeypatch.setattr(TitleModel, "fit", lambda model, *told: fits.append(model) or fit(model, *told))
    with ThreadPoolExecutor(4) as threads:  # as processes would: past the one that a process reads
        list(threads.map(lambda _: title_models._kept.__wrapped__(service.stores, at(DAY)), range(4)))
    assert len(fits) == 1
