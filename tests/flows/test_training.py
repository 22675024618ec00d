"""Where training compares models: at the share of the members that the campaigns' budgets reach."""

from datetime import timedelta

import pytest

from flows.training import has_news, imported_window, share_mailed, train_winback
from scoring.registry import Card
from scoring.winback.versions import winback_models
from tests.campaigns.planning.service import DAY, Service, at, member, title
from tests.kept import kept  # noqa: F401 - a fixture

DAYS = timedelta(days=1)


@pytest.fixture
def service(stores):
    made = Service(stores)
    made.has(titles=[title(f"t{n}") for n in range(4)], members=[member(f"m{n:02}") for n in range(40)])
    return made


def test_it_is_what_the_campaigns_chose_in_the_week_before_of_those_they_could_choose(service):
    service.campaign(run={"daily_budget": 4})
    chosen = sum(service.day(DAY - n * DAYS, wall=at(DAY - n * DAYS))["chosen"] for n in (3, 2))
    assert share_mailed(service.stores, at(DAY)) == pytest.approx(chosen / 40)
    assert share_mailed(service.stores, at(DAY + 10 * DAYS)) == 0.2  # nothing ran in that week


def test_before_any_run_it_is_a_fifth(service):
    assert share_mailed(service.stores, at(DAY)) == 0.2
    service.campaign()
    assert share_mailed(service.stores, at(DAY)) == 0.2


def test_mailings_of_another_system_are_judged_as_the_campaign_does_that_waits_the_shortest(service):
    assert imported_window(service.stores, at(DAY)) == 14 * DAYS
    service.campaign("one", win_back={"within_days": 21})
    assert imported_window(service.stores, at(DAY)) == 21 * DAYS
    service.campaign("two", win_back={"within_days": 7})
    assert imported_window(service.stores, at(DAY)) == 7 * DAYS


def test_nobody_is_mailed_more_than_once(service):
    service.campaign("one", run={"daily_budget": 40})
    service.campaign("two", run={"daily_budget": 40})
    for name in ("one", "two"):
        service.day(DAY - DAYS, name, wall=at(DAY - DAYS))
    assert share_mailed(service.stores, at(DAY)) == 1


def test_without_history_training_is_refused_in_words(service):
    card = train_winback(service.stores, at(DAY))
    assert card.verdict == (
        "refused: only 0 comebacks in the smaller arm, where it takes 50; choose at random until there are more"
    )
    assert winback_models(service.stores.home).versions() == []


def test_there_is_news_only_once_another_window_has_closed(service):
    service.campaign(run={"daily_budget": 4}, win_back={"within_days": 7})
    service.day(DAY - 9 * DAYS, wall=at(DAY - 9 * DAYS))
    assert has_news(service.stores, at(DAY))  # nothing was trained yet
    winback_models(service.stores.home).store(Card("one", at(DAY).isoformat(), 1, "promoted"), lambda _: None)
    assert not has_news(service.stores, at(DAY + DAYS))
    service.day(DAY - 6 * DAYS, wall=at(DAY - 6 * DAYS))
    assert not has_news(service.stores, at(DAY + DAYS))
    assert has_news(service.stores, at(DAY + 3 * DAYS))


def test_a_damaged_card_holds_no_training_up(service):
    models = winback_models(service.stores.home)
    models.store(Card("one", at(DAY).isoformat(), 1, "promoted"), lambda _: None)
    (models.folder / "one" / "card.json").write_text("{")
    assert has_news(service.stores, at(DAY))
