"""Who is eligible, and the first reason against everyone who may not be chosen."""

from datetime import timedelta
from uuid import uuid4

import polars as pl
import pytest

from campaigns import contacts
from campaigns.planning.eligibility import REASONS, globally_held_out
from campaigns.planning.partitions import ensure_month
from tests.campaigns.planning.service import DAY, JOINED, at, member, play, title

NOW = at(DAY)
DAYS = timedelta(days=1)


def message(service, campaign, member_id, *, day=DAY, due_at=None, state="planned", arm="mailed", step=0):
    """A message of a campaign, as another run would have planned it."""
    runs = service.rows("SELECT id FROM runs WHERE campaign_id = %s AND run_date = %s", [campaign, day])
    if not runs:
        told = {"campaign_id": campaign, "run_date": day, "campaign_version": 1, "live": True}
        service.stored("runs", told | {"cutoff": at(day), "now": at(day), "frozen": {}})
        runs = service.rows("SELECT id FROM runs WHERE campaign_id = %s AND run_date = %s", [campaign, day])
    ensure_month(service.stores.database, day)
    told = {"id": uuid4(), "campaign_id": campaign, "run_id": runs[0]["id"]}
    told |= {"run_date": day, "member_id": member_id, "step": step, "arm": arm, "state": state, "propensity": 0.9}
    told |= {"live": True, "cutoff": at(day), "due_at": due_at or at(day, 9), "utc_offset": 0, "content": {}}
    service.stored("messages", told | {"template_version": "v1"})


def entry(service, campaign, member_id, **changes):
    told = {"campaign_id": campaign, "member_id": member_id, "arm": "mailed", "first_run": DAY - 10 * DAYS}
    told |= {"due_at": at(DAY - 10 * DAYS, 9), "propensity": 0.9, "explored": False, "last_run": DAY - 10 * DAYS}
    service.stored("entries", told | changes)


# --- lapsed, and in the audience --------------------------------------------------------------------------------------


def test_lapsed_are_those_without_a_play_for_long_enough_and_not_for_too_long(service):
    ages = {"a29": 29, "b30": 30, "c60": 60, "d60": 60.9, "e61": 61}
    service.has(
        members=[member(m) for m in ages], plays=[play(m, "t1", NOW - timedelta(days=age)) for m, age in ages.items()]
    )
    service.campaign(lapsed={"inactive_days": [30, 60]})
    assert list(service.reasons(service.open())) == ["b30", "c60", "d60"]


def test_who_has_never_played_is_counted_from_sign_up(service):
    service.has(members=[member("new", signed_up_at=NOW - 29 * DAYS), member("old", signed_up_at=NOW - 30 * DAYS)])
    service.campaign()
    assert list(service.reasons(service.open())) == ["old"]


def test_cancelled_members_count_until_they_come_back(service):
    left = NOW - 20 * DAYS
    service.has(
        members=[
            member("a", cancelled_at=left),
            member("b", cancelled_at=left),
            member("c"),
            member("d", cancelled_at=NOW + DAYS),
        ],
        outcomes=[{"member_id": "b", "kind": "resubscribed", "at": left + DAYS}],
        plays=[play("a", "t1", NOW - 25 * DAYS)],
    )
    service.campaign(lapsed={"cancelled": True})
    assert list(service.reasons(service.open())) == ["a"]


def test_cancelled_and_inactive_members_may_both_be_asked_for(service):
    service.has(
        members=[member("a", cancelled_at=NOW - DAYS), member("b"), member("c")],
        plays=[play(m, "t1", NOW - 5 * DAYS) for m in "ac"],
    )
    service.campaign(lapsed={"cancelled": True, "inactive_days": [30, 3650]})
    assert list(service.reasons(service.open())) == ["a", "b"]


def test_the_rules_of_the_audience_hold(service):
    service.has(members=[member("a", country="BR"), member("b", country="BR", plan="free"), member("c", country="US")])
    service.campaign(audience={"where": ["country == BR", "plan != free"]})
    assert list(service.reasons(service.open())) == ["a"]


def test_a_run_knows_what_was_true_before_its_day_began(service):
    service.has(members=[member("a"), member("b")])
    service.has(members=[member("a", plan="gold")], as_of=NOW)
    service.has(members=[member("b", plan="gold")], as_of=NOW + timedelta(seconds=1))
    service.campaign(audience={"where": ["plan == gold"]})
    assert list(service.reasons(service.open())) == ["a"]


# --- the reasons ------------------------------------------------------------------------------------------------------


def test_each_reason_is_told_and_the_first_of_the_list_wins(service_with):
    service = service_with(global_holdout=0.5)
    in_holdout, outside = _sides(service)
    all_against = {"email_consent": False, "email": None, "country": "JP"}
    service.has(
        titles=[title(f"t{n}", countries=["GB"]) for n in range(8)],
        as_of=NOW - DAYS,
        members=[
            member(outside[0]),
            member(in_holdout[0], **all_against),
            member(in_holdout[1], **all_against | {"email_consent": True}),
            *(member(m, email="gone@example.com", country="JP") for m in (in_holdout[2],)),
            member(outside[1], email="home@example.com"),
            member(in_holdout[3], email="Home@example.com", country="JP"),
            member(in_holdout[4], country="JP"),
            member(in_holdout[5], country="JP"),
            member(outside[2], country="JP"),
            member(outside[3], country="JP"),
            member(outside[4]),
        ],
    )
    ours, other = service.campaign(), service.campaign("other")
    service.do("INSERT INTO suppressions SELECT address_hash('gone@example.com'), 'complaint', now()")
    for m in (in_holdout[0], in_holdout[1], in_holdout[2], in_holdout[3], in_holdout[4]):
        entry(service, ours, m)
    for m in (*in_holdout[:6], outside[2]):
        message(service, other, m)
        message(service, other, m, day=DAY - 2 * DAYS)
    for m in (outside[3], outside[4]):
        message(service, other, m)
    found = service.reasons(service.open())
    assert found == {
        outside[0]: None,
        in_holdout[0]: "no_consent",
        in_holdout[1]: "no_address",
        in_holdout[2]: "suppressed",
        outside[1]: "same_address" if found[in_holdout[3]] != "same_address" else None,
        in_holdout[3]: found[in_holdout[3]],
        in_holdout[4]: "already_in_campaign",
        in_holdout[5]: "global_holdout",
        outside[2]: "frequency_cap",
        outside[3]: "no_titles",
        outside[4]: "other_campaign",
    }


def _sides(service):
    """Ids in and outside the global holdout."""
    ids = pl.Series("member_id", [f"m{n:03}" for n in range(60)])
    held = globally_held_out(ids, service.stores.settings)
    return ids.filter(held).to_list(), ids.filter(~held).to_list()


def test_the_list_is_the_one_of_the_design():
    assert REASONS[:8] == (
        "no_consent",
        "no_address",
        "suppressed",
        "same_address",
        "already_in_campaign",
        "global_holdout",
        "frequency_cap",
        "no_titles",
    )


def test_a_member_without_a_contact_has_not_agreed(service):
    service.has(members=[member("a")])
    service.do("DELETE FROM contacts")
    service.campaign()
    assert service.reasons(service.open()) == {"a": "no_consent"}


def test_consent_counts_at_the_business_clock(service):
    service.has(members=[member("a", email_consent_at=NOW - DAYS, email_consent_expires_at=NOW + DAYS)])
    service.campaign()
    wall = at(DAY + 5 * DAYS)
    told = {day: service.reasons(service.open(DAY + n * DAYS, wall=wall))["a"] for n, day in enumerate("ab")}
    assert told == {"a": None, "b": "no_consent"}
    assert service.reasons(service.open(DAY - DAYS, wall=wall)) == {"a": "no_consent"}


def test_an_unsubscribe_counts_even_for_a_run_of_the_past(service):
    service.has(members=[member("a")])
    contacts.unsubscribe(service.stores.database, "a", NOW)
    service.campaign()
    assert service.reasons(service.open(DAY - 20 * DAYS, wall=NOW)) == {"a": "no_consent"}


# --- one address ------------------------------------------------------------------------------------------------------


def test_of_those_who_share_an_address_the_first_stays(service):
    service.has(members=[member(m, email="home@example.com") for m in "cab"] + [member("d")])
    service.campaign()
    assert service.reasons(service.open()) == {"a": None, "b": "same_address", "c": "same_address", "d": None}


def test_who_is_not_lapsed_or_not_in_the_audience_keeps_nobody_out(service):
    service.has(
        members=[member(m, email="home@example.com") for m in "ab"]
        + [member("c", email="home@example.com", country="JP")]
    )
    service.has(plays=[play("a", "t1", NOW - DAYS)])
    service.campaign(audience={"where": ["country == GB"]})
    assert service.reasons(service.open()) == {"b": None}


def test_who_may_not_be_written_to_keeps_nobody_out(service):
    service.has(
        members=[member("a", email="home@example.com", email_consent=False), member("b", email="home@example.com")]
    )
    service.campaign()
    assert service.reasons(service.open()) == {"a": "no_consent", "b": None}


def test_an_address_that_the_campaign_has_written_to_stays_with_that_member(service):
    service.has(members=[member(m, email="home@example.com") for m in "ab"])
    entry(service, service.campaign(), "b")
    assert service.reasons(service.open()) == {"a": "same_address", "b": "already_in_campaign"}


def test_members_without_an_address_do_not_share_one(service):
    service.has(members=[member(m, email=None) for m in "ab"])
    service.campaign()
    assert service.reasons(service.open()) == {"a": "no_address", "b": "no_address"}


def test_those_who_share_an_address_may_be_in_different_shards(service, monkeypatch):
    monkeypatch.setattr("scoring.lake.shards.SHARD", 3)
    service.has(members=[member(f"m{n:02}", email="home@example.com") for n in range(10)])
    service.campaign()
    found = service.reasons(service.open())
    assert found.pop("m00") is None
    assert set(found.values()) == {"same_address"}


# --- already here, and again ------------------------------------------------------------------------------------------


def test_a_member_enters_once_unless_the_campaign_says_again(service):
    service.has(members=[member("a"), member("b"), member("c")])
    once, again = service.campaign("once"), service.campaign("again", run={"again_after_days": 180})
    for campaign in (once, again):
        entry(service, campaign, "a", last_run=DAY - 180 * DAYS)
        entry(service, campaign, "b", last_run=DAY - 179 * DAYS)
    assert service.reasons(service.open(name="once")) == {
        "a": "already_in_campaign",
        "b": "already_in_campaign",
        "c": None,
    }
    assert service.reasons(service.open(name="again")) == {"a": None, "b": "already_in_campaign", "c": None}


def test_who_still_waits_for_a_step_is_not_chosen_anew(service):
    service.has(members=[member("a")])
    campaign = service.campaign(run={"again_after_days": 8}, series={"after_days": [7]})
    entry(service, campaign, "a", next_step=1, next_on=DAY - 3 * DAYS)
    assert service.reasons(service.open()) == {"a": "already_in_campaign"}


# --- the frequency cap ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ages", "state", "arm", "reason"),
    [
        ([1, 6.9], "sent", "mailed", "frequency_cap"),
        ([1, 6.9], "held_out", "holdout", "frequency_cap"),
        ([1, 6.9], "planned", "mailed", "frequency_cap"),
        ([1, 6.9], "in_doubt", "mailed", "frequency_cap"),
        ([1, 7.1], "sent", "mailed", None),
        ([1], "sent", "mailed", None),
        ([1, 2, 3], "suppressed", "mailed", None),
        ([1, 2, 3], "expired", "holdout", None),
        ([1, 2, 3], "failed", "mailed", None),
    ],
)
def test_mails_and_shadows_of_all_campaigns_count_for_the_cap(service, ages, state, arm, reason):
    service.has(members=[member("a")])
    other = service.campaign("other")
    service.campaign()
    for age in ages:
        when = NOW - timedelta(days=age)
        message(service, other, "a", day=when.date(), due_at=when, state=state, arm=arm)
    assert service.reasons(service.open()) == {"a": reason}


def test_a_message_of_days_ago_that_is_due_only_now_counts(service):
    service.has(members=[member("a")])
    other = service.campaign("other")
    service.campaign()
    message(service, other, "a", day=DAY - 9 * DAYS, due_at=NOW - timedelta(days=6.5), state="sent")
    message(service, other, "a", day=DAY - DAYS, due_at=NOW + timedelta(hours=9))
    assert service.reasons(service.open()) == {"a": "frequency_cap"}


# --- titles -----------------------------------------------------------------------------------------------------------


def test_no_titles_is_exact_by_rights_and_plays(service):
    service.has(
        titles=[title(f"t{n}", countries=["GB", "BR"] if n < 2 else ["GB"] if n == 2 else ["US"]) for n in range(8)],
        as_of=NOW - DAYS,
        members=[
            member("gb", country="GB"),
            member("br", country="BR"),
            member("jp", country="JP"),
            member("none", country=None),
            member("us", country="US"),
        ],
        plays=[
            *(play("gb", t, JOINED + n * DAYS) for n, t in enumerate(["t0", "t1", "t0", "t7", "gone"])),
            *(play("br", t, JOINED + n * DAYS) for n, t in enumerate(["t0", "t1"])),
            *(play("us", f"t{n}", JOINED + n * DAYS) for n in range(3, 8)),
        ],
    )
    service.campaign()
    found = service.reasons(service.open())
    assert found == {"gb": None, "br": "no_titles", "jp": "no_titles", "none": "no_titles", "us": "no_titles"}


def test_a_title_that_comes_or_goes_counts_on_its_days(service):
    service.has(
        titles=[title(f"t{n}", leaves_at=NOW + DAYS) for n in range(7)] + [title("t7", added_at=NOW + DAYS)],
        as_of=NOW - DAYS,
    )
    service.has(members=[member("a")])
    service.campaign()
    assert service.reasons(service.open()) == {"a": "no_titles"}


# --- whatever the shards ----------------------------------------------------------------------------------------------


def test_the_reasons_are_the_same_in_one_shard_and_in_many(service_with, monkeypatch):
    service = service_with(global_holdout=0.2)
    service.has(
        members=[
            member(f"m{n}", email_consent=n % 5 != 0, email=f"{n % 30}@example.com", country="GB" if n % 3 else "JP")
            for n in range(40)
        ]
    )
    service.campaign()
    whole = service.reasons(service.open())
    monkeypatch.setattr("scoring.lake.shards.SHARD", 7)
    assert service.reasons(service.open(DAY + DAYS)) == whole
    assert len(set(whole.values())) == 4


def test_odd_ids_have_their_reasons(service):
    odd = ["a:b", "日本", "a,b", 'a"b', " a", "a\nb", "🎬"]
    service.has(members=[member(m, email=f"{n}@example.com", email_consent=n != 2) for n, m in enumerate(odd)])
    service.campaign()
    assert service.reasons(service.open()) == {m: None if n != 2 else "no_consent" for n, m in enumerate(odd)}
