"""From matured trials to a model: promoted, or refused with the reason."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from scoring.contracts import MEMBERS, PLAYS
from scoring.errors import BadData
from scoring.inuse import Use
from scoring.lake.schema import file_schema
from scoring.lake.store import Lake
from scoring.winback import training
from scoring.winback.features import NAMES, VERSION
from scoring.winback.model import WinbackModel
from scoring.winback.snapshot import MAILS
from scoring.winback.training import train
from scoring.winback.trials import TRIAL
from scoring.winback.versions import winback_models

AT = datetime(2026, 6, 1, tzinfo=UTC)
AS_OF = AT + timedelta(days=30)
DAY = timedelta(days=1)
NO_MAILS = pl.DataFrame(schema=MAILS)


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """600 lapsed members, and what became of a trial with them."""
    made = Lake(tmp_path_factory.mktemp("training") / "lake")
    draw = np.random.default_rng(3)
    ids = [f"m{n:03}" for n in range(600)]
    members = [
        {"member_id": m, "signed_up_at": AT - (200 + n % 50) * DAY, "plan": "ab"[n % 2]} for n, m in enumerate(ids)
    ]
    made.put(MEMBERS, pl.DataFrame(members, schema=file_schema(MEMBERS)), as_of=AT - 200 * DAY)
    plays = [(m, "t", AT - (40 + k + n % 90) * DAY) for n, m in enumerate(ids) for k in range(n % 5)]
    plays += [(m, "t", AT + DAY) for n, m in enumerate(ids) if draw.random() < (0.5 if n % 2 else 0.25)]
    schema = {"member_id": pl.String, "title_id": pl.String, "played_at": pl.Datetime("us", "UTC")}
    made.put(PLAYS, pl.DataFrame(plays, schema=schema, orient="row"), as_of=AT)
    return made


def trials(members=600, *, at=AT, share=0.5):
    """A trial: the even are mailed; `share` is what is told of it."""
    told = [
        (f"m{n:03}", at, at + timedelta(hours=19), at + 14 * DAY, "holdout" if n % 2 else "mailed", share, "autumn")
        for n in range(members)
    ]
    return pl.DataFrame(told, schema=TRIAL, orient="row")


@pytest.fixture
def registry(tmp_path):
    return winback_models(tmp_path)


def test_with_too_few_comebacks_nothing_is_stored_and_the_reason_is_told(lake, registry):
    card = train(lake, registry, trials(100), NO_MAILS, AS_OF)
    fewest = min(card.facts["won_mailed"], card.facts["won_held_out"])
    assert card.verdict == (
        f"refused: only {fewest} comebacks in the smaller arm, where it takes 50; choose at random until there are more"
    )
    assert card.facts["mailed"] == card.facts["held_out"] == 50
    assert (registry.versions(), registry.live()) == ([], None)


def test_without_trials_it_is_refused_too(lake, registry):
    card = train(lake, registry, trials(0), NO_MAILS, AS_OF)
    assert card.verdict.startswith("refused: only 0 comebacks")
    assert card.rows == 0


def test_where_everybody_came_back_it_is_refused_too(lake, registry, monkeypatch):
    monkeypatch.setattr(training, "comebacks", lambda asked, *_: asked.with_columns(came_at=pl.col("since")))
    assert train(lake, registry, trials(), NO_MAILS, AS_OF).verdict.startswith("refused: only 0 members")


@pytest.fixture(scope="module")
def trained(lake, tmp_path_factory):
    registry = winback_models(tmp_path_factory.mktemp("trained"))
    return registry, train(lake, registry, trials(), NO_MAILS, AS_OF)


def test_with_enough_comebacks_the_model_is_stored_and_promoted(trained):
    registry, card = trained
    assert card.verdict == "promoted: enough comebacks in both arms to learn from, too few to judge by"
    assert card.rows == 600
    assert registry.live() == card.version
    assert registry.versions() == [card]
    assert card.version.startswith("20260701-")
    model = WinbackModel.from_files(registry.path(card.version), VERSION)
    features = pl.DataFrame({name: [None] for name in NAMES})
    assert model.predict(features)["uplift"].is_finite().all()


def test_the_same_data_train_the_same_version_to_the_last_bit(trained, lake, tmp_path):
    registry, card = trained
    other = winback_models(tmp_path)
    again = train(lake, other, trials().sample(fraction=1, shuffle=True, seed=5), NO_MAILS, AS_OF)
    assert again == card
    for file in registry.path(card.version).iterdir():
        assert (other.path(card.version) / file.name).read_bytes() == file.read_bytes()


def test_trained_again_on_the_same_data_nothing_changes(trained, lake):
    registry, card = trained
    assert train(lake, registry, trials(), NO_MAILS, AS_OF) == card
    assert registry.versions() == [card]
    assert registry.rollback() is None  # it was promoted once
    registry.promote(card.version)


def test_a_version_that_was_rolled_back_is_not_promoted_by_itself(trained, lake):
    registry, card = trained
    registry.rollback()
    again = train(lake, registry, trials(), NO_MAILS, AS_OF)
    assert again.verdict.startswith("refused: it was rolled back before")
    assert registry.live() is None
    registry.promote(card.version)
    assert train(lake, registry, trials(), NO_MAILS, AS_OF).verdict.startswith("promoted")


@pytest.mark.parametrize("name", ["stack1_mailed.txt", "model.json", "card.json"])
def test_trained_again_on_the_same_data_a_damaged_version_is_mended(trained, lake, name):
    registry, card = trained
    registry.promote(card.version)
    file = registry.path(card.version) / name
    whole = file.read_bytes()
    for damage in (whole[: len(whole) // 2], None):
        file.unlink() if damage is None else file.write_bytes(damage)
        assert train(lake, registry, trials(), NO_MAILS, AS_OF) == card
        assert file.read_bytes() == whole
        assert registry.use() == Use((card.version,), (), by_hand=True)  # who decided is not forgotten


def another(registry, version):
    """The same model under another name, as if it had been trained before."""
    [card] = [card for card in registry.versions() if not card.version.startswith("other")]
    source = registry.path(card.version)
    registry.store(replace(card, version=version), lambda folder: shutil.copytree(source, folder, dirs_exist_ok=True))


def test_trained_again_it_does_not_take_over_from_what_a_person_chose(trained, lake, tmp_path):
    shutil.copytree(trained[0].folder, winback_models(tmp_path).folder)
    registry, card = winback_models(tmp_path), trained[1]
    another(registry, "other-1")
    registry.promote("other-1")
    said = "refused: other-1 was chosen by hand since; encore models promote takes this one up"
    assert train(lake, registry, trials(), NO_MAILS, AS_OF).verdict == said
    assert registry.use() == Use((card.version, "other-1"), (), by_hand=True)
    (registry.folder / "live.json").unlink()  # as if it had never been in use
    registry.promote("other-1")
    assert train(lake, registry, trials(), NO_MAILS, AS_OF).verdict == said
    assert registry.use() == Use(("other-1",), (), by_hand=True)


def test_what_a_person_chose_while_a_candidate_was_trained_stays(trained, lake, tmp_path, monkeypatch):
    shutil.copytree(trained[0].folder, winback_models(tmp_path).folder)
    registry = winback_models(tmp_path)
    another(registry, "other-1")
    shutil.rmtree(registry.path(trained[1].version))
    (registry.folder / "live.json").unlink()
    judged = training._judged

    def meanwhile(*told):
        registry.promote("other-1")
        return judged(*told)

    monkeypatch.setattr(training, "_judged", meanwhile)
    told = train(lake, registry, trials(), NO_MAILS, AS_OF).verdict
    assert told == "refused: other-1 came into use meanwhile; encore models promote takes this one up"
    assert registry.use() == Use(("other-1",), (), by_hand=True)


def test_a_candidate_that_cannot_be_judged_does_not_take_over_from_what_a_person_chose(trained, lake, tmp_path):
    shutil.copytree(trained[0].folder, winback_models(tmp_path).folder)
    registry = winback_models(tmp_path)
    another(registry, "other-1")
    registry.promote("other-1")
    card = train(lake, registry, trials(), NO_MAILS, AS_OF + DAY)
    assert card.verdict == (
        "refused: enough comebacks in both arms to learn from, too few to judge by; "
        "but other-1 was chosen by hand, and stays until a model is better by 3.3 standard errors"
    )
    assert registry.live() == "other-1"
    spoiled = registry.path("other-1") / "model.json"
    spoiled.write_text("{")  # what cannot be used holds nothing up
    assert train(lake, registry, trials(), NO_MAILS, AS_OF + 2 * DAY).verdict.startswith("promoted: ")
    assert registry.live() != "other-1"


def test_trained_as_of_a_past_day_a_model_does_not_take_over_from_one_that_knows_more(trained, lake, tmp_path):
    shutil.copytree(trained[0].folder, winback_models(tmp_path).folder)
    registry, live = winback_models(tmp_path), trained[1].version
    registry.promote(live)
    told = f"refused: {live}, which is in use, was trained as of a later time"
    card = train(lake, registry, trials(500), NO_MAILS, AS_OF - DAY)
    assert (card.verdict, registry.card(card.version).verdict) == (told, told)
    assert registry.use() == Use((live,), (), by_hand=True)


def test_a_model_that_was_taken_but_never_put_to_use_does_not_take_over_from_one_that_knows_more(
    trained, lake, tmp_path
):
    shutil.copytree(trained[0].folder, winback_models(tmp_path).folder)
    registry, card = winback_models(tmp_path), trained[1]
    later = replace(card, version="other-2", trained_as_of=(AS_OF + DAY).isoformat())
    source = registry.path(card.version)
    registry.store(later, lambda folder: shutil.copytree(source, folder, dirs_exist_ok=True))
    (registry.folder / "live.json").unlink()  # training ended before it said which is in use
    assert registry.succeed("other-2", Use())
    again = train(lake, registry, trials(), NO_MAILS, AS_OF)
    assert again.verdict == "refused: other-2, which is in use, was trained as of a later time"
    assert registry.live() == "other-2"


def test_a_card_that_is_damaged_keeps_nobody_from_training(trained, lake, tmp_path):
    shutil.copytree(trained[0].folder, winback_models(tmp_path).folder)
    registry = winback_models(tmp_path)
    (registry.folder / trained[1].version / "card.json").write_text("{")
    card = train(lake, registry, trials(), NO_MAILS, AS_OF + DAY)
    assert registry.live() == card.version != trained[1].version


@pytest.mark.parametrize("change", ["share", "mails", "as_of"])
def test_other_data_are_another_version(lake, registry, monkeypatch, change):
    monkeypatch.setattr(training, "FEWEST_WINS", 10**6)  # the version is known before the fit
    told = {"share": {"share": 0.6}, "mails": {}, "as_of": {}}[change]
    sent = (
        pl.DataFrame({"member_id": ["m001"], "mailed_at": [AT - DAY]}, schema=MAILS) if change == "mails" else NO_MAILS
    )
    as_of = AS_OF + DAY if change == "as_of" else AS_OF
    plain = train(lake, registry, trials(), NO_MAILS, AS_OF).version
    assert train(lake, registry, trials(**told), sent, as_of).version != plain


def test_features_are_those_of_the_moment_of_choosing(lake, registry, monkeypatch):
    monkeypatch.setattr(training, "FEWEST_WINS", 10**6)
    card = train(lake, registry, trials(at=AT - 300 * DAY), NO_MAILS, AS_OF)
    assert card.rows == 0  # nobody had signed up


def test_a_member_tried_twice_at_one_moment_counts_once(lake, registry, monkeypatch):
    monkeypatch.setattr(training, "FEWEST_WINS", 10**6)
    assert train(lake, registry, pl.concat([trials(), trials()]), NO_MAILS, AS_OF).rows == 600


def test_a_member_whom_one_of_two_campaigns_mailed_was_mailed(lake, registry, monkeypatch):
    monkeypatch.setattr(training, "FEWEST_WINS", 10**6)
    held = trials().with_columns(arm=pl.lit("holdout"), propensity=pl.lit(0.02), campaign=pl.lit("winter"))
    facts = train(lake, registry, pl.concat([trials(), held]), NO_MAILS, AS_OF).facts
    assert facts == train(lake, registry, trials(), NO_MAILS, AS_OF).facts


def test_labels_from_the_future_are_refused_by_name(lake, registry):
    with pytest.raises(BadData, match=r"trials: 600 have windows that close after 2026-06-10 00:00; leave them"):
        train(lake, registry, trials(), NO_MAILS, AT + 9 * DAY)


def test_windows_that_begin_before_their_features_moment_are_refused_by_name(lake, registry):
    early = trials().with_columns(since=pl.col("at") - DAY)
    with pytest.raises(
        BadData, match=r"trials: 600 have windows that begin before the moment whose features they have"
    ):
        train(lake, registry, early, NO_MAILS, AS_OF)


@pytest.mark.parametrize("propensity", [0.0, 1.0, float("nan"), None, -1.0, 0.999])
def test_trials_whose_chance_tells_nothing_are_left_out(lake, registry, monkeypatch, propensity):
    monkeypatch.setattr(training, "FEWEST_WINS", 10**6)
    useless = trials(100).with_columns(propensity=pl.lit(propensity, pl.Float64))
    assert train(lake, registry, pl.concat([useless, trials().tail(500)]), NO_MAILS, AS_OF).rows == 500


def test_trials_with_false_chances_are_left_out_and_the_verdict_and_the_log_say_so(lake, registry, caplog):
    false = trials(share=0.9).with_columns(campaign=pl.lit("old"), at=pl.col("at") + DAY, since=pl.col("since") + DAY)
    card = train(lake, registry, pl.concat([trials().head(120), false]), NO_MAILS, AS_OF)
    said = "600 trials of old are left out: P(mailed) is told as 0.9, where 0.5 were mailed"
    assert card.rows == 120
    assert card.verdict.startswith("refused: only ")
    assert card.verdict.endswith(f"; {said}")
    assert said in caplog.text


def test_chances_that_cannot_be_true_together_are_a_refusal_and_no_error(lake, registry):
    one = np.where(np.arange(600) % 3 == 0, "holdout", "mailed")
    apart = [
        trials().with_columns(arm=pl.Series(np.roll(one, n)), propensity=pl.lit(0.66), campaign=pl.lit(f"c{n}"))
        for n in range(2)
    ]  # each mails two in three, but never leaves the same member out: together they mail all
    held = trials(60).with_columns(at=pl.col("at") + DAY, since=pl.col("since") + DAY, arm=pl.lit("holdout"))
    card = train(lake, registry, pl.concat([*apart, held.with_columns(propensity=pl.lit(0.1))]), NO_MAILS, AS_OF)
    assert card.verdict.startswith("refused: ")
    assert registry.versions() == []


@pytest.mark.parametrize("arm", ["mailed", "holdout"])
def test_where_all_or_none_were_mailed_it_is_refused(lake, registry, arm):
    card = train(lake, registry, trials().with_columns(arm=pl.lit(arm)), NO_MAILS, AS_OF)
    assert card.verdict.startswith("refused: only 0 comebacks in the smaller arm")
    assert registry.versions() == []
