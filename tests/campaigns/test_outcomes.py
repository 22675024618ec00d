"""Who came back: told to what waits, to training and to reports."""

import json
from datetime import date, timedelta

import pytest

from campaigns import outcomes
from scoring.winback.trials import TRIAL
from tests.campaigns.planning.service import DAY, Service, at, member, play, title
from tests.kept import kept  # noqa: F401 - a fixture

DAYS = timedelta(days=1)


@pytest.fixture
def service(stores):
    made = Service(stores)
    made.has(titles=[title(f"t{n}") for n in range(4)], members=[member(m) for m in ("a", "b", "c:d")])
    return made


def returned(service):
    return {m["member_id"]: m["returned_at"] for m in service.messages() if m["returned_at"]}


def test_waiting_messages_are_told_of_the_first_comeback_since_their_day_began(service):
    service.campaign(holdout={"share": 0.5})
    service.day()
    assert outcomes.mark_returned(service.stores) == 0
    first = at(DAY, 8)
    service.has(
        plays=[play("a", "t1", first), play("a", "t2", at(DAY, 9)), play("b", "t1", at(DAY, -1))],
        outcomes=[{"member_id": "c:d", "kind": "resubscribed", "at": at(DAY)}],
    )
    assert outcomes.mark_returned(service.stores) == 2
    assert returned(service) == {"a": first, "c:d": at(DAY)}
    service.has(plays=[play("a", "t3", at(DAY, 7))])  # told of late, and earlier
    outcomes.mark_returned(service.stores)
    assert returned(service)["a"] == at(DAY, 7)


def test_where_nothing_waits_nobody_is_looked_for(service):
    service.campaign()
    assert outcomes.mark_returned(service.stores) == 0
    service.day()
    service.do("UPDATE messages SET state = 'sent'")
    service.has(plays=[play("a", "t1", at(DAY, 8))])
    assert outcomes.mark_returned(service.stores) == 0
    assert returned(service) == {}


@pytest.mark.parametrize(
    ("state", "arm", "counts"),
    [
        ("sent", "mailed", True),
        ("delivered", "mailed", True),
        ("in_doubt", "mailed", True),
        ("planned", "mailed", False),
        ("suppressed", "mailed", False),
        ("held_out", "holdout", False),
    ],
)
def test_mails_that_went_out_wear_on_a_member(service, state, arm, counts):
    service.campaign()
    service.day()
    service.do("UPDATE messages SET arm = %s, state = %s", [arm, state])
    service.do("UPDATE messages SET sent_at = %s WHERE member_id = 'b'", [at(DAY, 11)])
    found = dict(outcomes.mails(service.stores).iter_rows())
    assert found == ({"a": at(DAY, 9), "b": at(DAY, 11), "c:d": at(DAY, 9)} if counts else {})


def test_entries_are_trials_once_their_window_has_closed(service):
    service.campaign(holdout={"share": 0.4})
    service.day()
    window = timedelta(days=14)
    before = outcomes.trials(service.stores, at(DAY, 9) + window - timedelta(seconds=1), window)
    found = outcomes.trials(service.stores, at(DAY, 9) + window, window).sort("member_id")
    assert before.is_empty()
    assert before.schema == found.schema == TRIAL
    arms = {m: entry["arm"] for m, entry in service.entries().items()}
    assert found.rows() == [
        (m, at(DAY), at(DAY, 9), at(DAY, 9) + window, arm, 0.6, "autumn") for m, arm in sorted(arms.items())
    ]


def test_imported_mailings_are_trials_beside_them(service):
    told = {"campaign": "old", "arm": "mailed", "propensity": 0.5, "run_date": date(2026, 3, 1), "member_id": "a"}
    service.has(mailings=[told])
    found = outcomes.trials(service.stores, at(DAY), timedelta(days=7))
    day = at(date(2026, 3, 1))
    assert found.rows() == [("a", day, day, day + timedelta(days=7), "mailed", 0.5, "old")]


def test_every_entry_is_exported_with_its_first_comeback_within_the_window(service):
    service.campaign(win_back={"within_days": 10}, experiments={"subject": {"arms": {"title": 0.5, "new_since": 0.5}}})
    assert outcomes.entries(service.stores).is_empty()
    service.day()
    due = at(DAY, 9)
    service.has(
        plays=[play("a", "t1", due - timedelta(seconds=1)), play("b", "t1", due + 10 * DAYS), play("c:d", "t1", due)]
    )
    found = outcomes.entries(service.stores)
    assert dict(found.select("member_id", "came_back_at").iter_rows()) == {"a": None, "b": None, "c:d": due}
    row = found.row(0, named=True)
    assert (row["campaign"], row["first_run"], row["due_at"]) == ("autumn", DAY, due)
    assert row["window_closes_at"] == due + 10 * DAYS
    assert set(json.loads(row["arms"])) == {"subject", "popularity", "hero"}


def test_decisions_are_exported_with_all_their_columns_even_before_there_are_any(service):
    nothing = outcomes.decisions(service.stores)
    service.campaign()
    service.day()
    assert outcomes.decisions(service.stores).schema == nothing.schema
    assert nothing.is_empty()


def test_what_members_did_on_the_way_back_is_exported_with_all_its_columns(service):
    for table, schema in outcomes.SIGNALS.items():
        nothing = outcomes.signals(service.stores, table)
        assert nothing.is_empty()
        assert list(nothing.columns) == list(schema)
    search = "INSERT INTO searches (member_id, query, titles, at) VALUES ('a', 'hiden', ARRAY['t1', 't2'], %(at)s)"
    service.do(search, {"at": at(DAY)})
    assert outcomes.signals(service.stores, "searches").rows() == [("a", None, None, "hiden", "t1|t2", at(DAY))]
