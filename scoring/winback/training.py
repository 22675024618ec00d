"""From matured trials to a stored model: judged on the newest, promoted or refused with the reason, fitted on all."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import lightgbm
import polars as pl

from scoring.errors import BadData, NotEnoughHistory
from scoring.inuse import Use
from scoring.registry import Card, Registry
from scoring.sealed import sealed
from scoring.winback.backtest import backtest, stored
from scoring.winback.effects import effects
from scoring.winback.features import NAMES, VERSION
from scoring.winback.gate import Contest, Decision, Split, contest, decide, outdated_by, split, unseen
from scoring.winback.judgement import SHARE, Judgement, judge, outcomes_of
from scoring.winback.labels import comebacks
from scoring.winback.model import FORMAT, WinbackModel
from scoring.winback.snapshot import snapshot_of
from scoring.winback.trials import checked, usable, without_false_chances

if TYPE_CHECKING:
    from scoring.lake.store import Lake

FEWEST_WINS = 50  # comebacks in the smaller arm; below that, mailing at random teaches more than ranking wins
EVALUATION = "evaluation"  # what is kept under that name beside the card: the figures behind the verdict
log = logging.getLogger(__name__)


class Incumbent(NamedTuple):
    """What a candidate is judged against. No version: chance; a model in use that cannot be read is no rival."""

    version: str | None
    model: WinbackModel | None
    by_hand: bool
    outdates: bool  # it knows later trials than the candidate

    @classmethod
    def of(cls, registry: Registry, now: Use, as_of: datetime) -> Incumbent:
        """What is in use now, for a candidate that is trained `as_of` then."""
        model = stored(registry, now.live) if now.live else None
        version = now.live if model else None
        return cls(version, model, now.by_hand and version == now.live, _knows_more(registry, version, as_of))


class Findings(NamedTuple):
    """What judging came to: the decision, the candidate's figures, and how it compares with the model in use."""

    decision: Decision
    judged: Judgement | None
    against: Contest | None


def train(
    lake: Lake,
    registry: Registry,
    trials: pl.DataFrame,
    mails: pl.DataFrame,
    as_of: datetime,
    *,
    share: float = SHARE,
) -> Card:
    """Learn from `trials` (columns of `TRIAL`), store the model, and promote it or say why not.

    What is judged is the same recipe at its quickest, fitted without the newest trials; what is stored is fitted on
    all. The models that went into use before are scored again on what has matured since. What a person put into use
    stays until a candidate is clearly better. The same data train the same version: it is trained again where what is
    stored of it is damaged.

    Args:
        lake: what happened, and what is known of the members.
        registry: where models are kept.
        trials: of which all windows have closed by `as_of`. Left out are those with P(mailed) beyond `LIKELY`, and
            those whose P(mailed) cannot be true: the verdict, and a warning in the log, say so.
        mails: the win-back mails that Encore sent itself (member_id, mailed_at).
        as_of: what the model knows happened before.
        share: of the members that the budget mails: where the models' value is compared.

    Raises:
        BadData: trials that no training can use (`checked`). What cannot be learnt from them is a refusal instead.
    """
    told, doubts = without_false_chances(checked(trials, as_of))
    for doubt in doubts:
        log.warning("win-back training: %s", doubt)
    rows = _with_features(lake, usable(told), mails)
    card = Card(f"{as_of:%Y%m%d}-{_fingerprint(rows)}", as_of.isoformat(), rows.height, "", _facts(rows))
    if registry.usable(card.version):
        return _again(registry, card.version)
    backtest(registry, rows, as_of, share)
    before = registry.use()
    try:
        _check_wins(rows)
        findings, model = _judged(registry, Incumbent.of(registry, before, as_of), rows, share), _fit(rows)
    except (NotEnoughHistory, BadData) as why:
        return replace(card, verdict="; ".join([f"refused: {why}", *doubts]))
    card = replace(card, verdict="; ".join([str(findings.decision), *doubts]))
    evaluation = _evaluation(model, findings, rows, trials.height - rows.height)
    registry.store(card, lambda folder: _save(model, evaluation, folder))
    return _put_to_use(registry, card, before)


def _with_features(lake: Lake, trials: pl.DataFrame, mails: pl.DataFrame) -> pl.DataFrame:
    """Each trial, once, with its first comeback (`came_at`) and what was known of the member."""
    judged = comebacks(trials, lake.scan("plays"), lake.scan("outcomes"))
    snapshot = snapshot_of(lake, judged.select("member_id", "at"), mails)
    return judged.join(snapshot, on=["member_id", "at"], how="inner", maintain_order="left")


def _again(registry: Registry, version: str) -> Card:
    """The same data train the same model: what was found of it stands."""
    card, now = registry.card(version), registry.use()
    if now.by_hand and _was_taken(card) and version not in (now.live, *now.withdrawn):
        why = f"{now.live or 'drawing at random'} was chosen by hand since; encore models promote takes this one up"
        return replace(card, verdict=f"refused: {why}")
    return _put_to_use(registry, card, now)


def _put_to_use(registry: Registry, card: Card, before: Use) -> Card:
    """Promote a version that the gate took, judged against what was in use `before`; unless someone has decided."""
    if card.version in before.withdrawn:  # whoever rolled it back knew why
        return replace(card, verdict="refused: it was rolled back before; encore models promote takes it up again")
    if not _is_due(card, before):
        return card
    if _knows_more(registry, before.live, datetime.fromisoformat(card.trained_as_of)):
        return replace(card, verdict=str(outdated_by(before.live)))
    if registry.succeed(card.version, before):
        return card
    why = f"{registry.live() or 'drawing at random'} came into use meanwhile; encore models promote takes this one up"
    return replace(card, verdict=f"refused: {why}")


def _is_due(card: Card, now: Use) -> bool:
    """Was it taken, but never put to use?"""
    return _was_taken(card) and card.version not in (*now.history, *now.withdrawn)


def _knows_more(registry: Registry, version: str | None, as_of: datetime) -> bool:
    return version is not None and registry.usable(version) and registry.trained_as_of(version) > as_of


def _was_taken(card: Card) -> bool:
    return card.verdict.startswith("promoted")


def _judged(registry: Registry, live: Incumbent, rows: pl.DataFrame, share: float) -> Findings:
    """What a model of the older trials is worth on the newest: the same recipe at its quickest, for this alone."""
    parts = split(rows)
    if parts is None:
        return Findings(decide(None, None, live.version, by_hand=live.by_hand, outdated=live.outdates), None, None)
    return _compared(registry, live, _fit(parts.older, quick=True), parts, share)


def _fit(rows: pl.DataFrame, *, quick: bool = False) -> WinbackModel:
    mailed, won = rows["arm"] == "mailed", rows["came_at"].is_not_null()
    model = WinbackModel(seed=0, quick=quick)
    return model.fit(rows.select(NAMES), mailed, won, rows["propensity"], rows["member_id"])


def _compared(registry: Registry, live: Incumbent, candidate: WinbackModel, parts: Split, share: float) -> Findings:
    """The candidate on the newest trials, and against the model in use on those that this one had not seen either."""
    told = candidate.predict(parts.newest.select(NAMES))
    judged = judge(told, parts.newest, share)
    against = None
    if live.version and live.model:
        new = unseen(parts.newest, registry.trained_as_of(live.version))
        rows = parts.newest.filter(new)
        against = contest(live.version, told.filter(new), live.model.predict(rows.select(NAMES)), rows, share)
    return Findings(
        decide(judged, against, live.version, by_hand=live.by_hand, outdated=live.outdates), judged, against
    )


def _evaluation(model: WinbackModel, findings: Findings, rows: pl.DataFrame, left_out: int) -> dict[str, Any]:
    """All that a card shows, as plain lists and dicts."""
    _, judged, against = findings
    return {
        "judged": judged.to_json() if judged else None,
        "against": against.to_json() if against else None,
        "effects": [asdict(effect) for effect in effects(model, rows.select(NAMES))],
        "window": {"first": _day(rows["at"].min()), "last": _day(rows["at"].max()), "left_out": left_out},
        "versions": {"features": VERSION, "model": FORMAT, "lightgbm": lightgbm.__version__},
    }


def _save(model: WinbackModel, evaluation: dict[str, Any], folder: Path) -> None:
    model.to_files(folder, VERSION)
    (folder / f"{EVALUATION}.json").write_text(sealed(evaluation), encoding="utf-8")


def _day(at: object) -> str | None:
    return at.date().isoformat() if isinstance(at, datetime) else None


def _facts(rows: pl.DataFrame) -> dict[str, int]:
    mailed, won = rows["arm"] == "mailed", rows["came_at"].is_not_null()
    return {
        "mailed": int(mailed.sum()),
        "won_mailed": int((mailed & won).sum()),
        "held_out": int((~mailed).sum()),
        "won_held_out": int((~mailed & won).sum()),
    }


def _check_wins(rows: pl.DataFrame) -> None:
    fewest = outcomes_of(rows).fewest_wins
    if fewest < FEWEST_WINS:
        raise NotEnoughHistory("comebacks in the smaller arm", fewest, FEWEST_WINS)


def _fingerprint(rows: pl.DataFrame) -> str:
    """What the model was trained on, in eight characters: the same rows are the same version."""
    read = rows.select("member_id", "at", "arm", "propensity", "came_at", *NAMES).write_csv()
    return hashlib.sha256(f"{VERSION} {FORMAT}\n{read}".encode()).hexdigest()[:8]
