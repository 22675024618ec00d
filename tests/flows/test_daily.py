"""What a day came to, and on which days models are trained."""

from collections import Counter
from datetime import date, timedelta

from flows.daily import EVERY, Day, ledger_line, training_is_due
from scoring.winback.versions import winback_models

DAY = date(2026, 12, 1)


def test_a_days_line_adds_up():
    line = ledger_line(Day(DAY, {"eligible": 10, "not_chosen": 3, "chosen": 5, "held_out": 1}, Counter(sent=4)))
    assert line == {"day": "2026-12-01", "eligible": 10, "excluded": 2, "not_chosen": 3, "held_out": 1, "sent": 4}


def test_a_day_on_which_nothing_ran_has_a_line_too():
    assert set(ledger_line(Day(DAY, {}, Counter())).values()) == {"2026-12-01", 0}


def test_training_is_due_once_a_week_while_there_is_no_model(stores):
    week = [DAY + timedelta(days=n) for n in range(EVERY)]
    assert [training_is_due(stores, day) for day in week].count(True) == 1


def test_training_is_due_at_once_where_what_is_in_use_cannot_be_told(stores):
    folder = winback_models(stores.home).folder
    folder.mkdir(parents=True)
    (folder / "live.json").write_text("{")
    assert all(training_is_due(stores, DAY + timedelta(days=n)) for n in range(EVERY))
