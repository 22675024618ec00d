"""Training judges before it promotes, and scores again what it promoted before."""

import shutil
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from scoring.contracts import MEMBERS, PLAYS
from scoring.lake.schema import file_schema
from scoring.lake.store import Lake
from scoring.registry import Registry
from scoring.winback import backtest, training
from scoring.winback.backtest import backtests
from scoring.winback.model import WinbackModel
from scoring.winback.snapshot import MAILS
from scoring.winback.training import EVALUATION, train
from scoring.winback.trials import TRIAL

pytestmark = pytest.mark.slow  # whole trainings, each with its judging

FIRST, SECOND = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 20, tzinfo=UTC)
DAY = timedelta(days=1)
WINDOW = 14 * DAY
MEMBERS_THERE = 1500
NO_MAILS = pl.DataFrame(schema=MAILS)


def ids():
    return [f"m{n:04}" for n in range(MEMBERS_THERE)]


def helped(number):
    """A mail helps those on plan a."""
    return number % 4 < 2


def lived(folder):
    """Members on two plans, tried twice: a mail brings back those on one, and puts off those on the other."""
    lake, draw = Lake(folder / "lake"), np.random.default_rng(2)
    members = [
        {"member_id": m, "signed_up_at": FIRST - (200 + n % 50) * DAY, "plan": "ab"[not helped(n)], "country": "BR"}
        for n, m in enumerate(ids())
    ]
    lake.put(MEMBERS, pl.DataFrame(members, schema=file_schema(MEMBERS)), as_of=FIRST - 300 * DAY)
    told = [(m, "t", FIRST - (40 + n % 90) * DAY) for n, m in enumerate(ids())]
    helps = np.array([0.4 if helped(n) else -0.2 for n in range(MEMBERS_THERE)])
    for at in (FIRST, SECOND):
        came = draw.random(MEMBERS_THERE) < 0.25 + helps * mailed(at)
        told += [(m, "t", at + DAY) for m, back in zip(ids(), came, strict=True) if back]
    schema = {"member_id": pl.String, "title_id": pl.String, "played_at": pl.Datetime("us", "UTC")}
    lake.put(PLAYS, pl.DataFrame(told, schema=schema, orient="row"), as_of=FIRST)
    return lake


def mailed(at):
    """Whom the lot fell to at a moment."""
    return np.random.default_rng(at.month).random(MEMBERS_THERE) < 0.5


def tried(at):
    told = {"member_id": ids(), "at": at, "since": at, "until": at + WINDOW, "propensity": 0.5, "campaign": "autumn"}
    arms = pl.Series("arm", np.where(mailed(at), "mailed", "holdout"))
    return pl.DataFrame(told).with_columns(arms).select(list(TRIAL)).cast(TRIAL)


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """Two trainings: after the first trials, and after the second, too."""
    folder = tmp_path_factory.mktemp("gate")
    lake, registry = lived(folder), Registry(folder / "models")
    first = train(lake, registry, tried(FIRST), NO_MAILS, FIRST + WINDOW, share=0.3)
    both = pl.concat([tried(FIRST), tried(SECOND)])
    second = train(lake, registry, both, NO_MAILS, SECOND + WINDOW, share=0.3)
    return lake, registry, first, second


def evaluation(registry, card):
    [told] = registry.kept(card.version, EVALUATION)
    return told


def test_the_first_model_is_judged_against_chance_on_trials_that_its_like_had_not_seen(history):
    _, registry, first, _ = history
    told = evaluation(registry, first)
    assert first.verdict == f"promoted: on {told['judged']['members']} newer trials it ranks surely better than chance"
    assert 0.2 * MEMBERS_THERE <= told["judged"]["members"] <= 0.5 * MEMBERS_THERE
    assert told["judged"]["share"] == 0.3
    assert told["against"] is None


def test_the_next_is_judged_against_the_one_in_use_on_what_neither_had_seen(history):
    _, registry, first, second = history
    told = evaluation(registry, second)
    assert told["against"]["incumbent"] == first.version
    assert told["against"]["members"] == told["judged"]["members"] <= MEMBERS_THERE  # all are of the second trial
    assert second.verdict.startswith("promoted: on ")
    assert registry.lived() == [first.version, second.version]


def test_what_is_kept_says_what_it_rests_on(history):
    _, registry, _, second = history
    told = evaluation(registry, second)
    assert told["window"] == {"first": "2026-06-01", "last": "2026-07-20", "left_out": 0}
    assert set(told["versions"]) == {"features", "model", "lightgbm"}
    assert told["effects"][0]["feature"] == "plan"
    assert {group["value"] for group in told["judged"]["segments"] if group["segment"] == "plan"} == {"a", "b"}
    assert second.rows == 2 * MEMBERS_THERE  # what is stored is fitted on all


def test_a_model_in_use_is_scored_again_on_what_happened_then(history):
    _, registry, first, second = history
    [test] = backtests(registry, first.version)
    assert test["members"] == MEMBERS_THERE  # those of the second trial alone
    assert test["since"] == (FIRST + WINDOW).isoformat()
    assert test["as_of"] == (SECOND + WINDOW).isoformat()
    assert test["qini"]["low"] > 0
    assert backtests(registry, second.version) == []


def test_trained_again_on_the_same_data_nothing_is_done_twice(history, monkeypatch):
    lake, registry, _, second = history
    monkeypatch.setattr(training, "WinbackModel", None)
    both = pl.concat([tried(FIRST), tried(SECOND)])
    assert train(lake, registry, both, NO_MAILS, SECOND + WINDOW, share=0.3) == second
    assert registry.live() == second.version


class Mistaken(WinbackModel):
    """Takes the mailed for the held out."""

    def fit(self, features, mailed, won_back, propensity=None, members=None):
        return super().fit(features, ~mailed, won_back, propensity, members)


def test_a_candidate_that_is_surely_worse_is_kept_but_not_used_until_someone_promotes_it(
    history, tmp_path, monkeypatch
):
    lake, registry = history[0], Registry(tmp_path / "models")
    live = train(lake, registry, tried(FIRST), NO_MAILS, FIRST + WINDOW)
    monkeypatch.setattr(training, "WinbackModel", Mistaken)
    both = pl.concat([tried(FIRST), tried(SECOND)])
    card = train(lake, registry, both, NO_MAILS, SECOND + WINDOW)
    assert card.verdict == f"refused: on 600 trials that neither had seen it ranks surely worse than {live.version}"
    assert registry.live() == live.version
    assert evaluation(registry, card)["against"]["qini"]["high"] < 0
    assert train(lake, registry, both, NO_MAILS, SECOND + WINDOW) == card  # and refused it stays
    assert registry.live() == live.version
    registry.promote(card.version)
    assert registry.live() == card.version


def test_a_model_in_use_that_reads_other_features_is_no_rival_and_is_not_scored(tmp_path, history, monkeypatch):
    lake, _, _, _ = history
    registry = Registry(tmp_path / "models")
    with monkeypatch.context() as before:
        before.setattr(training, "VERSION", "0")
        old = train(lake, registry, tried(FIRST), NO_MAILS, FIRST + WINDOW)
    both = pl.concat([tried(FIRST), tried(SECOND)])
    card = train(lake, registry, both, NO_MAILS, SECOND + WINDOW)
    assert "newer trials it ranks surely better than chance" in card.verdict
    assert registry.live() == card.version
    assert backtests(registry, old.version) == []


def test_a_model_in_use_that_is_gone_does_not_stop_training(history, tmp_path):
    lake, registry = history[0], Registry(tmp_path / "models")
    gone = train(lake, registry, tried(FIRST), NO_MAILS, FIRST + WINDOW)
    shutil.rmtree(registry.path(gone.version))
    card = train(lake, registry, tried(SECOND), NO_MAILS, SECOND + WINDOW)
    assert card.verdict.endswith("newer trials it ranks surely better than chance")
    assert registry.live() == card.version


def test_a_model_is_not_scored_again_on_a_handful(history, monkeypatch):
    lake, registry, first, _ = history
    kept = []
    monkeypatch.setattr(registry, "keep", lambda *told: kept.append(told))
    few = pl.concat([tried(FIRST), tried(SECOND).head(60)])
    rows = training._with_features(lake, few, NO_MAILS)
    backtest.backtest(registry, rows, SECOND + WINDOW, 0.3)
    assert kept == []
    backtest.backtest(registry, training._with_features(lake, tried(SECOND), NO_MAILS), SECOND + WINDOW, 0.3)
    assert [told[0] for told in kept] == [first.version]
