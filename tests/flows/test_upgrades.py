"""A home whose model another version of Encore made."""

import json

import pytest

from campaigns.planning import live_model, model_is_usable
from scoring.errors import BadData, OtherVersion
from scoring.registry import Card, Registry
from scoring.winback.versions import winback_models


@pytest.fixture
def described(stores):
    """A model in use, described as told."""

    def described(text):
        registry = Registry(winback_models(stores.home).folder)  # as the Encore did that made it
        card = Card("20260101-old", "2026-01-01T00:00:00+00:00", 1000, "promoted", {})
        registry.store(card, lambda folder: (folder / "model.json").write_text(text))
        registry.promote("20260101-old")

    return described


def test_without_a_model_runs_are_opened(stores):
    assert model_is_usable(stores)
    assert live_model(stores) is None


@pytest.mark.parametrize(
    ("text", "error"), [(json.dumps({"format": "0", "features_version": "2"}), OtherVersion), ("{", BadData)]
)
def test_with_a_model_that_cannot_be_read_none_is_opened_and_training_is_due(stores, described, text, error):
    described(text)
    assert not model_is_usable(stores)
    with pytest.raises(error, match="train"):
        live_model(stores)
