"""The queue's promises, on a real PostgreSQL with two connections."""

from datetime import timedelta

import psycopg
import pytest

from campaigns.delivery import Ending, Rules, outbox, suppress_stopped
from campaigns.delivery.outbox import LEASE, SQL
from campaigns.errors import Unavailable
from tests.campaigns.making import DAY, LONG_AGO, NOW, House

RULES = Rules(2, timedelta(days=7), 23, 7)
MINUTE, HOUR, WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(days=7)


def at(now):
    return lambda: now


# --- nobody is mailed twice -------------------------------------------------------------------------------------------


def test_two_workers_claim_disjoint_messages(house, box):
    house.messages(40, house.campaign())
    with outbox(house.database, RULES, at(NOW)) as other:
        mine, theirs = {m.id for m in box.claim(15)}, {m.id for m in other.claim(40)}
        assert (len(mine), len(theirs)) == (15, 25)
        assert not mine & theirs
        assert not box.claim(40)


def test_two_claims_at_the_same_moment_do_not_wait_for_each_other(house):
    house.messages(20, house.campaign())
    with house.database.connect() as first, outbox(house.database, RULES, at(NOW)) as other:
        values = {"now": NOW, "wall": NOW, "day": None, "worker": 99, "limit": 10} | vars(RULES)
        mine = first.execute(SQL["claim"], values).fetchall()  # not committed yet
        assert len(mine) == 10
        assert len(other.claim(20)) == 10


def test_what_is_claimed_is_begun_once(house, box):
    house.messages(3, house.campaign())
    messages = box.claim(3)
    assert set(box.begin(messages).values()) == {1}
    assert box.begin(messages) == {}


def test_a_worker_whose_claim_was_taken_sends_nothing(house, box):
    message = house.message(house.contact("ana"), house.campaign())
    mine = box.claim(1)
    with outbox(house.database, RULES, at(NOW + LEASE + MINUTE)) as other:
        assert other.reclaim() == {"planned": 1}
        theirs = other.claim(1)
        assert box.begin(mine) == {}
        assert other.begin(theirs) == {message: 1}


def test_what_a_dead_worker_claimed_goes_again_and_what_it_was_sending_is_in_doubt(house, database, box):
    house.messages(9, house.campaign())
    dead = psycopg.connect(database.url, autocommit=True)
    worker = type(box)(dead, RULES, at(NOW))
    messages = worker.claim(9)
    worker.begin(messages[:4])
    assert box.reclaim() == {}
    dead.close()
    assert box.reclaim() == {"planned": 5, "in_doubt": 4}
    assert house.states() == {"planned": 5, "in_doubt": 4}


def test_a_worker_that_is_silent_for_too_long_is_given_up_though_its_connection_lives(house, box):
    house.messages(2, house.campaign())
    box.begin(box.claim(2)[:1])
    with outbox(house.database, RULES, at(NOW + LEASE)) as other:
        assert other.reclaim() == {}
    with outbox(house.database, RULES, at(NOW + LEASE + MINUTE)) as other:
        assert other.reclaim() == {"planned": 1, "in_doubt": 1}


def test_a_worker_gives_back_at_its_end_what_it_had_not_begun(house, database):
    house.messages(5, house.campaign())
    with outbox(database, RULES, at(NOW)) as box:
        messages = box.claim(5)
        box.begin(messages[:2])
    assert house.states() == {"planned": 3, "sending": 2}


def test_a_worker_that_lost_its_database_says_so_in_one_line_without_its_address(house, database):
    def lose_it():
        with outbox(database, RULES, at(NOW)) as box:
            house.do("SELECT pg_terminate_backend(%s)", [box.connection.info.backend_pid])
            box.claim(1)

    with pytest.raises(Unavailable) as error:
        lose_it()
    assert "the database" in str(error.value)
    assert "\n" not in str(error.value)
    assert database.url not in str(error.value)


# --- how an attempt ends ----------------------------------------------------------------------------------------------


@pytest.fixture
def begun(house, box):
    """One message that is being sent by `box`."""
    house.message(house.contact("ana"), house.campaign())
    (message,) = box.claim(1)
    box.begin([message])
    return message


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        ("accepted", "sent"),
        ("in_doubt", "in_doubt"),
        ("throttled", "planned"),
        ("stopped", "planned"),
        ("refused", "failed"),
    ],
)
def test_what_the_carrier_says_decides_the_state_and_is_kept(house, box, begun, outcome, state):
    box.end([Ending(begun, 1, outcome, "Come back", "ses-1" if outcome == "accepted" else None, said="so")])
    assert house.row(begun.id)["state"] == state
    assert house.rows("SELECT number, outcome, said, ended_at FROM attempts") == [(1, outcome, "so", NOW)]


def test_what_was_accepted_holds_what_was_sent_and_when(house, box, begun):
    box.end([Ending(begun, 1, "accepted", "Come back", "ses-1")])
    row = house.row(begun.id)
    assert (row["subject"], row["ses_message_id"], row["sent_at"], row["accepted_twice"]) == (
        "Come back",
        "ses-1",
        NOW,
        False,
    )


def test_only_an_end_need_not_wait_for_the_disk(box, begun):
    box.end([Ending(begun, 1, "accepted", "Come back", "ses-1")])
    assert box.connection.execute("SHOW synchronous_commit").fetchone() == ("on",)


@pytest.mark.parametrize(("outcome", "state"), [("accepted", "sent"), ("throttled", "planned"), ("refused", "failed")])
def test_a_worker_that_was_taken_for_dead_still_ends_the_doubt_when_its_answer_comes(house, box, begun, outcome, state):
    with outbox(house.database, RULES, at(NOW + LEASE + MINUTE)) as other:
        assert other.reclaim() == {"in_doubt": 1}
    box.end([Ending(begun, 1, outcome, "s", "ses-1" if outcome == "accepted" else None)])
    assert house.row(begun.id)["state"] == state


@pytest.mark.parametrize("state", ["planned", "expired", "suppressed", "failed"])
def test_an_acceptance_counts_whatever_we_came_to_think_meanwhile(house, box, begun, state):
    house.do("UPDATE messages SET state = %s, reason = 'no_consent'", [state])
    box.end([Ending(begun, 1, "accepted", "s", "ses-1")])
    assert house.state(begun.id) == ("sent", None)


@pytest.mark.parametrize("outcome", ["throttled", "refused", "in_doubt"])
def test_the_late_end_of_an_earlier_attempt_does_not_touch_a_later_one(house, box, begun, outcome):
    house.do("UPDATE messages SET state = 'planned', claimed_by = NULL")
    with outbox(house.database, RULES, at(NOW)) as other:
        assert set(other.begin(other.claim(1)).values()) == {2}
        box.end([Ending(begun, 1, outcome, "s")])
        assert house.row(begun.id)["state"] == "sending"


def test_a_second_acceptance_is_told(house, box, begun):
    box.end([Ending(begun, 1, "accepted", "s", "ses-1")])
    box.end([Ending(begun, 1, "accepted", "s", "ses-1")])
    assert not house.row(begun.id)["accepted_twice"]
    box.end([Ending(begun, 1, "accepted", "s", "ses-0")])
    assert house.row(begun.id)["accepted_twice"]


# --- each check at its time, in both arms alike -----------------------------------------------------------------------


@pytest.fixture
def judge(house):
    """What a claim at a time, under some rules, makes of messages: their states and reasons, a claim as `goes`."""

    def judge(messages, now=NOW, rules=RULES):
        with outbox(house.database, rules, at(now)) as box:
            box.claim(1000)
            found = {name: house.state(message) for name, message in messages.items()}
        return {name: GOES.get(state, state) for name, state in found.items()}

    return judge


GOES = {("claimed", None): "goes", ("held_out", None): "goes"}
ARMS = ("mailed", "holdout")
A_MOMENT = timedelta(microseconds=1)


@pytest.fixture
def in_both_arms(house, judge):
    """Judges one message for each case, in either arm, of a contact of its own, and tells the verdicts of all cases.

    A case is what differs in the contact, in the message, and in what else the member got: (due_at, state, …).
    """

    def in_both_arms(cases, **judging):
        campaign, others = house.campaign(), [house.campaign(f"other-{n}") for n in range(3)]
        messages = {}
        for number, (contact, message, *mails) in enumerate(cases):
            for arm in ARMS:
                member = house.contact(f"{arm}{number}", **contact)
                for other, mail in zip(others, mails, strict=False):
                    house.message(member, other, **mail)
                messages[number, arm] = house.message(member, campaign, arm=arm, **message)
        verdicts = judge(messages, **judging)
        assert [verdicts[n, "mailed"] for n in range(len(cases))] == [verdicts[n, "holdout"] for n in range(len(cases))]
        return [verdicts[n, "mailed"] for n in range(len(cases))]

    return in_both_arms


def test_consent_and_address_are_checked_again_at_its_time(in_both_arms):
    no_consent = [
        {"email_consent": False},
        {"email_consent_at": NOW},
        {"email_consent_expires_at": NOW},
        {"unsubscribed_at": LONG_AGO},
        {"unsubscribed_at": NOW + WEEK},
        {"email_consent_at": None, "signed_up_at": NOW},
    ]
    no_address = [{"email": None}, {"erased_at": LONG_AGO}]
    may = [
        {},
        {"email_consent_at": NOW - A_MOMENT},
        {"email_consent_expires_at": NOW + A_MOMENT},
        {"unsubscribed_at": LONG_AGO - HOUR},
        {"email_consent_at": None},
    ]
    verdicts = in_both_arms([(contact, {}) for contact in no_consent + no_address + may])
    assert verdicts == [("suppressed", "no_consent")] * 6 + [("suppressed", "no_address")] * 2 + ["goes"] * 5


def test_a_contact_that_is_gone_gets_nothing(house, judge):
    assert judge({1: house.message("nobody", house.campaign())}) == {1: ("suppressed", "no_consent")}


def test_a_suppressed_address_gets_nothing_however_it_is_written(house, in_both_arms):
    house.do("INSERT INTO suppressions VALUES (address_hash('ANA@Example.com'), 'bounce', %s)", [NOW + WEEK])
    cases = [({"email": email}, {}) for email in ("ana@example.com", "Ana@EXAMPLE.com", "bo@example.com")]
    assert in_both_arms(cases) == [("suppressed", "suppressed"), ("suppressed", "suppressed"), "goes"]


def test_an_address_with_a_backslash_can_be_kept_and_suppressed(house):
    house.contact("odd", email="a\\b\\x41@example.com")
    assert house.rows("SELECT address_hash = address_hash('A\\B\\X41@example.com') FROM contacts") == [(True,)]


def test_nobody_is_told_that_they_are_missed_once_they_are_back(in_both_arms):
    verdicts = in_both_arms([({}, {"returned_at": back}) for back in (NOW - A_MOMENT, NOW, NOW + MINUTE)])
    assert verdicts == [("suppressed", "returned"), "goes", "goes"]


def test_a_message_expires_twelve_hours_after_it_was_due(in_both_arms):
    verdicts = in_both_arms(
        [({}, {"due_at": NOW}), ({}, {"due_at": NOW + A_MOMENT}), ({}, {"due_at": NOW - WEEK})], now=NOW + 12 * HOUR
    )
    assert verdicts == [("expired", None), "goes", ("expired", None)]


def test_quiet_hours_move_a_late_message_and_its_shadow_alike(house, in_both_arms, judge):
    evening = NOW.replace(hour=22, minute=30)
    assert in_both_arms([({}, {"due_at": evening})], now=evening + HOUR) == [("planned", None)]
    assert house.rows("SELECT due_at, state FROM messages") == [(NOW.replace(day=2, hour=7), "planned")] * 2
    moved = dict(house.rows("SELECT arm, id FROM messages"))
    assert set(judge(moved, NOW.replace(day=2, hour=6, minute=59)).values()) == {("planned", None)}
    assert set(judge(moved, NOW.replace(day=2, hour=7)).values()) == {"goes"}


@pytest.mark.parametrize(
    ("offset", "now", "due"),
    [
        (60, NOW.replace(hour=22), NOW.replace(day=2, hour=6)),  # 23:00 in Berlin → 07:00 there
        (-300, NOW.replace(hour=4), NOW.replace(hour=12)),  # 23:00 of the day before in New York
        (330, NOW.replace(hour=1, minute=29), NOW.replace(hour=1, minute=30)),  # 06:59 in Delhi
    ],
)
def test_quiet_hours_are_those_of_the_member_s_clock(house, judge, offset, now, due):
    message = house.message(house.contact("ana"), house.campaign(), due_at=now - MINUTE, utc_offset=offset)
    assert judge({1: message}, now) == {1: ("planned", None)}
    assert house.row(message)["due_at"] == due


def test_without_quiet_hours_nothing_is_moved(house, judge):
    night = NOW.replace(hour=3)
    message = house.message(house.contact("ana"), house.campaign(), due_at=night)
    assert judge({1: message}, night, Rules(2, WEEK, 0, 0)) == {1: "goes"}


# --- the frequency cap ------------------------------------------------------------------------------------------------

ONE_A_WEEK = Rules(1, WEEK, 23, 7)
CAPPED = ("suppressed", "frequency_cap")


def test_the_cap_counts_mails_within_the_window_and_not_on_its_far_edge(in_both_arms):
    mails = [{"due_at": due, "state": "sent"} for due in (NOW - WEEK, NOW - WEEK + A_MOMENT, NOW, NOW + A_MOMENT)]
    verdicts = in_both_arms([({}, {}, mail) for mail in mails], rules=ONE_A_WEEK)
    assert verdicts == ["goes", CAPPED, CAPPED, "goes"]


def test_the_cap_counts_all_that_went_or_may_have_and_shadows_as_mails(in_both_arms):
    went = ["claimed", "sending", "sent", "delivered", "bounced", "complained", "in_doubt", "held_out"]
    never = ["failed", "suppressed", "expired"]
    arms = {"held_out": "holdout"}
    mails = [{"due_at": NOW - HOUR, "state": s, "arm": arms.get(s, "mailed")} for s in went + never]
    assert in_both_arms([({}, {}, mail) for mail in mails], rules=ONE_A_WEEK) == [CAPPED] * 8 + ["goes"] * 3


def test_as_many_as_the_cap_allows_may_go(in_both_arms):
    mail = {"due_at": NOW - HOUR, "state": "sent"}
    assert in_both_arms([({}, {}), ({}, {}, mail), ({}, {}, mail, mail)]) == ["goes", "goes", CAPPED]


def test_the_cap_counts_when_a_late_mail_went_not_when_it_was_due(in_both_arms):
    late = {"due_at": NOW - WEEK - HOUR, "taken_at": NOW - WEEK + HOUR, "state": "sent"}
    assert in_both_arms([({}, {}, late)], rules=ONE_A_WEEK) == [CAPPED]


def test_of_several_that_are_due_together_the_first_goes(house, judge):
    house.contact("ana")
    cases = [("last", "mailed"), ("second", "mailed"), ("first", "holdout")]
    messages = {
        name: house.message("ana", house.campaign(name), due_at=NOW - n * MINUTE, arm=arm)
        for n, (name, arm) in enumerate(cases)
    }
    assert judge(messages, NOW, ONE_A_WEEK) == {"last": CAPPED, "second": CAPPED, "first": "goes"}


# --- campaigns that don't run -----------------------------------------------------------------------------------------


def test_a_paused_campaign_s_messages_are_held_back_until_they_expire(house, judge):
    campaign = house.campaign(state="paused")
    messages = {arm: house.message(house.contact(arm), campaign, arm=arm) for arm in ARMS}
    assert judge(messages, NOW + 11 * HOUR) == dict.fromkeys(ARMS, ("planned", None))
    house.do("UPDATE campaigns SET state = 'running'")
    assert judge(messages, NOW + 11 * HOUR) == dict.fromkeys(ARMS, "goes")
    house.do("UPDATE campaigns SET state = 'paused'; UPDATE messages SET state = 'planned'")
    assert judge(messages, NOW + 12 * HOUR) == dict.fromkeys(ARMS, ("expired", None))


def test_a_stopped_campaign_s_messages_are_suppressed_at_their_time_and_before(house, judge):
    stopped, stops = house.campaign(state="stopped"), ("suppressed", "campaign_stopped")
    due = {arm: house.message(house.contact(f"due-{arm}"), stopped, arm=arm) for arm in ARMS}
    later = {arm: house.message(house.contact(arm), stopped, arm=arm, due_at=NOW + HOUR) for arm in ARMS}
    other = house.message(house.contact("other"), house.campaign("runs"), due_at=NOW + HOUR)
    assert judge(due) == dict.fromkeys(ARMS, stops)
    assert suppress_stopped(house.database) == 2
    assert {house.state(message) for message in later.values()} == {stops}
    assert house.state(other) == ("planned", None)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("UPDATE campaigns SET state = 'paused'", None),
        ("UPDATE campaigns SET state = 'stopped'", "campaign_stopped"),
        ("UPDATE contacts SET unsubscribed_at = now()", "no_consent"),
        ("INSERT INTO suppressions VALUES (address_hash('ana@example.com'), 'complaint', now())", "suppressed"),
    ],
)
def test_what_changes_between_claim_and_call_still_counts(house, box, change, reason):
    message = house.message(house.contact("ana"), house.campaign())
    messages = box.claim(1)
    house.do(change)
    assert box.begin(messages) == {}
    assert house.state(message) == ("planned", None)
    box.claim(1)
    assert house.state(message) == (("suppressed", reason) if reason else ("planned", None))
    assert house.rows("SELECT FROM attempts") == []


# --- past runs --------------------------------------------------------------------------------------------------------


def test_a_past_run_sends_its_whole_plan_in_due_order_each_at_its_own_time(house, box):
    campaign = house.campaign()
    for n, hours in enumerate([20, 2, 11]):
        due = NOW - timedelta(days=30) + timedelta(hours=hours)
        house.message(house.contact(f"m{n}"), campaign, live=False, due_at=due)
    house.do("UPDATE contacts SET email_consent_expires_at = %s WHERE member_id = 'm0'", [NOW - timedelta(days=29.5)])
    assert box.due() == 3
    claimed = box.claim(10)
    assert [m.member_id for m in sorted(claimed, key=lambda m: m.at) if m.state == "claimed"] == ["m1", "m2"]
    assert {m.member_id: m.at - NOW + timedelta(days=30) for m in claimed if m.member_id == "m1"} == {"m1": 2 * HOUR}
    box.begin(claimed)
    box.end([Ending(m, 1, "accepted", "s", "ses-1") for m in claimed if m.state == "claimed"][:1])
    assert house.rows("SELECT DISTINCT sent_at = due_at FROM messages WHERE sent_at IS NOT NULL") == [(True,)]


def test_a_worker_of_one_day_leaves_the_others_alone(house, database):
    campaign = house.campaign()
    house.message(house.contact("a"), campaign)
    other = house.message(house.contact("b"), campaign, run_date=DAY - timedelta(days=1))
    with outbox(database, RULES, at(NOW), DAY) as box:
        assert (box.due(), len(box.claim(10)), box.due(), box.busy()) == (1, 1, 0, True)
    assert house.state(other) == ("planned", None)


# --- shadows ----------------------------------------------------------------------------------------------------------


def test_a_shadow_never_becomes_a_mail(house, box):
    message = house.message(house.contact("ana"), house.campaign(), arm="holdout")
    (shadow,) = box.claim(1)
    assert (shadow.state, box.begin([shadow])) == ("held_out", {})
    for state in ("claimed", "sending", "sent", "delivered", "bounced", "complained", "failed", "in_doubt"):
        with pytest.raises(psycopg.errors.CheckViolation):
            house.do("UPDATE messages SET state = %s WHERE id = %s", [state, message])


def test_a_member_gets_one_message_a_run_and_step(house):
    campaign = house.campaign()
    house.message("ana", campaign)
    with pytest.raises(psycopg.errors.UniqueViolation, match="campaign_id, run_date, member_id, step"):
        house.message("ana", campaign)
    house.message("ana", campaign, step=1)


# --- what it costs ----------------------------------------------------------------------------------------------------


def plan_of(house, name, values):
    with house.database.connect() as connection:
        rows = connection.execute("EXPLAIN (COSTS OFF) " + SQL[name], values).fetchall()
    return "\n".join(row[0] for row in rows)


def test_claiming_from_a_hundred_thousand_goes_along_the_index(module_database):
    house = House(module_database)  # a plan goes by what a database has seen: one that nothing else was tried in
    campaign = house.campaign()
    house.messages(100_000, campaign, due_at=NOW + HOUR)
    house.messages(300, campaign, prefix="due")
    values = {"now": NOW, "wall": NOW, "day": None, "worker": 1, "limit": 200, "class": 73} | vars(RULES)
    for statement in ("SELECT", "ANALYZE messages, contacts, campaigns"):  # without statistics, and with
        house.do(statement)
        for name in ("claim", "due"):
            plan = plan_of(house, name, values)
            assert "waits_until_due_at_id_idx on messages_2026_12 m" in plan, plan
            assert "Seq Scan on messages_2026_12" not in plan, plan
    with outbox(house.database, RULES, at(NOW)) as box:
        assert sum(len(box.claim(200)) for _ in range(3)) == 300
        assert box.due() == 0
