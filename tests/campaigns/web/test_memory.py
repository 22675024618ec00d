"""What answers are made of, held in memory."""

from datetime import timedelta

import pytest

from campaigns.planning.title_models import title_model
from campaigns.web import memory as module
from campaigns.web.memory import Memory
from tests.campaigns.planning.service import title
from tests.campaigns.web.conftest import NOW


@pytest.fixture
def memory(service):
    return Memory(service.stores)


def test_nothing_is_read_twice_while_nothing_changes(memory):
    held = memory.held()
    memory.renew()
    assert memory.held() is held


def test_what_was_imported_since_is_seen_when_it_is_looked_for(memory, service):
    before = memory.held()
    service.has(titles=[title("t9", name="Newcomer")])
    assert memory.held() is before
    memory.renew()
    assert memory.held().names.find("newcomer")["title_id"].to_list() == ["t9"]


def test_what_leaves_in_a_few_days_is_still_popular_on_a_screen(memory, service):
    service.has(titles=[title("t0", leaves_at=NOW + timedelta(days=4)), title("t1", leaves_at=NOW + timedelta(days=1))])
    places = memory.held().popular[None]
    assert "t0" in places
    assert "t1" not in places


def test_a_model_fitted_since_is_taken_up(memory, service):
    assert memory.held().model is None
    title_model(service.stores, NOW - timedelta(days=1))
    memory.renew()
    assert memory.held().fitted_at == (NOW - timedelta(days=1)).replace(second=0, microsecond=0)


def test_after_a_minute_it_is_looked_after_in_the_background(memory, service, monkeypatch):
    before = memory.held()
    service.has(titles=[title("t9", name="Newcomer")])
    monkeypatch.setattr(module, "EVERY", -1.0)
    assert memory.held() is before  # nobody waits
    with memory._reading:  # until whoever reads has finished
        assert memory._held is not before


def test_what_fails_in_the_background_leaves_what_was_known(memory, service, monkeypatch, caplog):
    before = memory.held()
    service.has(titles=[title("t9")])
    monkeypatch.setattr(module, "EVERY", -1.0)
    monkeypatch.setattr(module, "READ", ("nothing",))
    memory.held()
    with memory._reading:
        monkeypatch.undo()
    assert memory.held() is before
    assert "could not be read" in caplog.text
