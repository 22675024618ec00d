"""Why a member is, or is not, written to; with nothing written."""

from datetime import timedelta

import pytest

from campaigns.errors import NotFound
from campaigns.why import why
from tests.campaigns.planning.house import emptied, one_database  # noqa: F401 - fixtures
from tests.campaigns.planning.service import DAY, Service, at, member, play, title

NOW = at(DAY, 10)
DAYS = timedelta(days=1)


@pytest.fixture
def service(stores):
    made = Service(stores)
    made.has(titles=[title(f"t{n}") for n in range(4)])
    return made


def verdict(service, member_id, name=None):
    [told] = why(service.stores, member_id, name, NOW)["campaigns"]
    return told["verdict"]


def test_a_member_without_plays_may_be_chosen(service):
    service.has(members=[member("a")])
    service.campaign()
    found = why(service.stores, "a", None, NOW)
    assert (found["member_id"], found["last_play_at"], found["plays_lifetime"]) == ("a", None, 0)
    assert found["campaigns"] == [
        {"campaign": "autumn", "verdict": "may be chosen, at random: there is no model yet", "messages": []}
    ]


def test_the_first_reason_against_is_told(service):
    service.has(
        members=[
            member("a", email_consent=False),
            member("b", country="JP"),
            member("c", email="X@e.com"),
            member("d", email="x@e.com"),
        ]
    )
    service.has(titles=[title(f"t{n}", countries=["GB"]) for n in range(4)], as_of=at(DAY) - DAYS)
    service.campaign()
    assert verdict(service, "a") == "excluded: no_consent"
    assert verdict(service, "b") == "excluded: no_titles"
    assert verdict(service, "d") == "excluded: same_address"
    assert verdict(service, "c").startswith("may be chosen")


def test_who_is_not_lapsed_is_not_in_the_audience(service):
    service.has(members=[member("a")], plays=[play("a", "t1", at(DAY) - DAYS)])
    service.campaign()
    assert verdict(service, "a").startswith("not in the audience")


def test_what_was_planned_is_told_in_order(service):
    service.has(members=[member("a")])
    service.campaign(series={"after_days": [3]})
    service.day(DAY - 3 * DAYS, wall=at(DAY - 3 * DAYS))
    service.day()
    [told] = why(service.stores, "a", None, NOW)["campaigns"]
    assert told["verdict"] == "excluded: already_in_campaign"
    assert [(m["run_date"], m["step"], m["state"]) for m in told["messages"]] == [
        (DAY - 3 * DAYS, 0, "planned"),
        (DAY, 1, "planned"),
    ]


def test_each_running_campaign_answers_and_one_may_be_asked_alone(service):
    service.has(members=[member("a")])
    service.campaign("one")
    service.campaign("two", run={"priority": 1})
    service.campaign("over", run={"end": DAY - DAYS})
    assert [told["campaign"] for told in why(service.stores, "a", None, NOW)["campaigns"]] == ["two", "one"]
    assert [told["campaign"] for told in why(service.stores, "a", "one", NOW)["campaigns"]] == ["one"]


def test_nothing_is_written(service):
    service.has(members=[member("a")])
    service.campaign()
    why(service.stores, "a", None, NOW)
    assert service.rows("SELECT * FROM runs") == []
    assert not (service.stores.home / "runs").exists()


def test_who_is_not_known_is_told_by_name(service):
    service.campaign()
    with pytest.raises(NotFound, match="no member is called 'nobody'"):
        why(service.stores, "nobody", None, NOW)


def test_a_campaign_that_does_not_run_is_told_by_name(service):
    service.has(members=[member("a")])
    service.campaign("draft", state="draft")
    for name in ("draft", "none"):
        with pytest.raises(NotFound, match=f"no running campaign is called '{name}'"):
            why(service.stores, "a", name, NOW)
