from datetime import timedelta

import pytest

from campaigns.delivery import Quota
from campaigns.quota import advised_warm_up, has_mailed, mails_left
from tests.campaigns.making import DAY

BIG = Quota(1_000, 100, 14)


@pytest.fixture
def left(house, stores):
    """What is left for a day, under some warm-up."""

    def left(quota=BIG, warm_up=None, day=DAY):
        settings = stores.settings.model_copy(update={"warm_up": warm_up})
        return mails_left(house.database, settings, quota, day)

    return left


def test_what_waits_has_its_place_in_the_quota_and_shadows_have_none(house, left):
    house.messages(20, house.campaign())
    assert left() == 900 - 18
    assert left(Quota(110, 100, 14)) == 0
    assert left(Quota(-1, 0, 14)) > 10**9


def test_a_warm_up_goes_by_the_days_on_which_mails_were_planned(house, left):
    campaign = house.campaign()
    assert left(warm_up="10, 20") == 10
    for number, ago in enumerate((9, 2)):
        day = DAY - timedelta(days=ago)
        house.message(house.contact(f"m{number}"), campaign, run_date=day, state="delivered")
        house.message(house.contact(f"h{number}"), campaign, run_date=day, state="held_out", arm="holdout")
    assert left(warm_up="10, 20, 30") == 30
    assert left(warm_up="10, 20") == 900
    assert left(warm_up="10, 20, 30", day=DAY - timedelta(days=5)) == 20


def test_a_day_with_shadows_alone_warms_nothing_up(house, left):
    house.message(
        house.contact("a"), house.campaign(), run_date=DAY - timedelta(days=1), state="held_out", arm="holdout"
    )
    assert left(warm_up="10,20") == 10


def test_what_the_day_has_planned_already_counts(house, left):
    campaign = house.campaign()
    for number, state in enumerate(["delivered", "planned", "suppressed", "expired"]):
        house.message(house.contact(f"m{number}"), campaign, state=state)
    assert left(warm_up="10") == 8


@pytest.mark.parametrize(("a_day", "plan"), [(1_000, "200,400,800"), (200, "200"), (401, "200,400")])
def test_the_advised_warm_up_doubles_until_the_account_is_full(a_day, plan):
    assert advised_warm_up(Quota(a_day, 0, 14)) == plan


def test_whether_any_mail_went_out(house):
    assert not has_mailed(house.database)
    house.do(
        """INSERT INTO attempts (message_id, run_date, number, worker, started_at, outcome)
        VALUES (gen_random_uuid(), %s, 1, 1, now(), 'accepted')""",
        [DAY],
    )
    assert has_mailed(house.database)
