"""Who may move a campaign from which state to which, and what an edit may change."""

import threading
from datetime import UTC, date, datetime

import pytest
from sqlmodel import select

from campaigns import lifecycle
from campaigns.definition import from_values
from campaigns.errors import BadCampaign, NotAllowed, NotFound
from campaigns.people import Audit, add_user
from campaigns.planning import open_run, runnable
from campaigns.settings import Settings
from tests.kept import kept  # noqa: F401 - a fixture

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
DAY = date(2026, 12, 1)
MARKETER, APPROVER, OTHER, ANALYST = "mar@lumen.example", "app@lumen.example", "oth@lumen.example", "ana@lumen.example"
MOVES = ("submit", "approve", "pause", "resume", "stop")
ALLOWED = {
    "draft": {"submit": "submitted", "stop": "stopped"},
    "submitted": {"submit": "submitted", "approve": "running", "stop": "stopped"},
    "running": {"pause": "paused", "stop": "stopped"},
    "paused": {"pause": "paused", "resume": "running", "stop": "stopped"},
    "stopped": {},
}


class Desk:
    """A marketer's desk: every act in a session of its own, as commands and the web do."""

    def __init__(self, database):
        self.database = database

    def apply(self, actor="operator", template="v1", **parts):
        asked = from_values({"name": "autumn"} | parts, "autumn.toml")
        with self.database.session() as session:
            return lifecycle.apply(session, asked, {"source_hash": template}, actor, NOW)

    def move(self, act, actor="operator", name="autumn"):
        with self.database.session() as session:
            return getattr(lifecycle, act)(session, name, actor, NOW)

    def bring_to(self, state):
        self.apply()
        for act in {
            "draft": (),
            "submitted": ("submit",),
            "running": ("submit", "approve"),
            "paused": ("submit", "approve", "pause"),
            "stopped": ("stop",),
        }[state]:
            self.move(act)

    def users(self, **roles):
        with self.database.session() as session:
            for email, role in roles.items():
                add_user(session, f"{email}@lumen.example", role)

    def run(self):
        campaign = runnable(self.database, DAY, "autumn")[0]
        settings = Settings(_env_file=None)
        return open_run(self.database, campaign, DAY, settings=settings, wall=NOW, budget=5, model=None)

    def acts(self):
        with self.database.session() as session:
            return [(row.act, row.actor) for row in session.exec(select(Audit).order_by(Audit.id))]


@pytest.fixture
def desk(database):
    return Desk(database)


@pytest.mark.parametrize("state", list(ALLOWED))
@pytest.mark.parametrize("act", MOVES)
def test_a_move_leads_where_the_picture_says_or_is_refused(desk, state, act):
    desk.bring_to(state)
    if act in ALLOWED[state]:
        assert desk.move(act).state == ALLOWED[state][act]
    else:
        with pytest.raises(NotAllowed, match=f"{act} autumn"):
            desk.move(act)


def test_a_campaign_that_is_not_there_is_told_by_name(desk):
    with pytest.raises(NotFound, match="no campaign is called 'spring'"):
        desk.move("submit", name="spring")


def test_applying_the_same_again_changes_nothing(desk):
    assert desk.apply().version == 1
    assert desk.apply().version == 1
    assert desk.acts() == [("apply", "operator")]


def test_a_change_of_the_file_or_of_the_template_is_a_new_version(desk):
    desk.apply()
    assert desk.apply(run={"daily_budget": 5}).version == 2
    assert desk.apply(run={"daily_budget": 5}, template="v2").version == 3


def test_an_edit_takes_a_submitted_campaign_back_to_draft(desk):
    desk.bring_to("submitted")
    assert desk.apply(run={"daily_budget": 5}).state == "draft"
    with pytest.raises(NotAllowed, match="version 2 is not submitted"):
        desk.move("approve")


def test_a_stopped_campaign_takes_no_edit(desk):
    desk.bring_to("stopped")
    with pytest.raises(NotAllowed, match="another name"):
        desk.apply(run={"daily_budget": 5})


def test_the_approved_version_runs_while_an_edit_waits(desk, database):
    desk.bring_to("running")
    desk.apply(run={"daily_budget": 5})
    assert runnable(database, DAY)[0].asked.run.daily_budget == 20_000
    assert desk.move("submit").state == "running"
    assert runnable(database, DAY)[0].asked.run.daily_budget == 20_000
    desk.move("approve")
    assert runnable(database, DAY)[0].asked.run.daily_budget == 5


def test_a_paused_campaign_stays_paused_when_its_edit_is_approved(desk, database):
    desk.bring_to("paused")
    desk.apply(run={"daily_budget": 5})
    desk.move("submit")
    assert desk.move("approve").state == "paused"
    assert runnable(database, DAY) == []
    desk.move("resume")
    assert runnable(database, DAY)[0].asked.run.daily_budget == 5


def test_what_is_approved_already_is_not_submitted_again(desk):
    desk.bring_to("running")
    with pytest.raises(NotAllowed, match="version 1 is approved already"):
        desk.move("submit")


# --- who --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["apply", *MOVES])
def test_an_analyst_moves_nothing(desk, act):
    desk.bring_to("paused" if act == "resume" else "running")
    desk.users(ana="analyst")
    with pytest.raises(NotAllowed, match="is analyst, and this needs"):
        desk.apply(ANALYST) if act == "apply" else desk.move(act, ANALYST)


def test_a_marketer_does_everything_but_approve(desk):
    desk.users(mar="marketer")
    desk.apply(MARKETER)
    desk.move("submit", MARKETER)
    with pytest.raises(NotAllowed, match="needs approver"):
        desk.move("approve", MARKETER)
    desk.move("approve")
    for act in ("pause", "resume", "stop"):
        desk.move(act, MARKETER)


def test_with_two_approvers_whoever_submitted_may_not_approve(desk):
    desk.users(app="approver", oth="admin")
    desk.apply(APPROVER)
    desk.move("submit", APPROVER)
    with pytest.raises(NotAllowed, match="another approver has to look at it"):
        desk.move("approve", APPROVER)
    assert desk.move("approve", OTHER).state == "running"
    assert desk.acts()[-1] == ("approve", OTHER)


def test_another_spelling_of_an_address_is_not_another_pair_of_eyes(desk):
    desk.users(app="approver", oth="approver")
    desk.apply()
    desk.move("submit", "App@Lumen.Example")
    with pytest.raises(NotAllowed, match="another approver"):
        desk.move("approve", APPROVER)


def test_the_operator_is_one_pair_of_eyes_too(desk):
    desk.users(app="approver", oth="approver")
    desk.bring_to("submitted")
    with pytest.raises(NotAllowed, match="another approver"):
        desk.move("approve", "Operator")


def test_before_there_are_two_approvers_ones_own_approval_is_logged_as_such(desk):
    desk.users(app="approver")
    desk.apply(APPROVER)
    desk.move("submit", APPROVER)
    desk.move("approve", APPROVER)
    assert desk.acts()[-1] == ("self-approved", APPROVER)


def test_every_act_is_in_the_audit_log_with_who_and_what_it_led_to(desk, database):
    desk.users(mar="marketer", app="approver")
    desk.apply(MARKETER)
    desk.move("submit", MARKETER)
    desk.move("approve", APPROVER)
    desk.move("pause", MARKETER)
    desk.move("pause", MARKETER)
    desk.move("resume")
    desk.move("stop", APPROVER)
    assert desk.acts() == [
        ("apply", MARKETER),
        ("submit", MARKETER),
        ("approve", APPROVER),
        ("pause", MARKETER),
        ("resume", "operator"),
        ("stop", APPROVER),
    ]
    with database.session() as session:
        stopped = session.exec(select(Audit).where(Audit.act == "stop")).one()
    assert (stopped.at, stopped.subject, stopped.detail) == (NOW, "autumn", {"version": 1, "state": "stopped"})


def test_what_is_refused_leaves_nothing_behind(desk):
    desk.bring_to("draft")
    with pytest.raises(NotAllowed):
        desk.move("approve")
    assert desk.acts() == [("apply", "operator")]
    assert desk.move("submit").state == "submitted"


# --- what the first run locks -----------------------------------------------------------------------------------------


def test_before_the_first_run_everything_may_change(desk):
    desk.bring_to("running")
    assert desk.apply(holdout={"share": 0.2}, win_back={"within_days": 28}).version == 2


@pytest.mark.parametrize(
    ("where", "parts"),
    [("holdout.share", {"holdout": {"share": 0.2}}), ("win_back.within_days", {"win_back": {"within_days": 28}})],
)
def test_the_first_run_locks_the_share_and_the_window_from_its_opening_on(desk, where, parts):
    desk.bring_to("running")
    desk.run()
    with pytest.raises(BadCampaign, match="is locked at") as caught:
        desk.apply(**parts)
    assert caught.value.where == where
    assert desk.apply(run={"daily_budget": 5}).version == 2


def test_an_edit_from_before_the_first_run_cannot_be_approved_after_it(desk):
    desk.bring_to("running")
    desk.apply(holdout={"share": 0.2})
    desk.move("submit")
    desk.run()
    with pytest.raises(BadCampaign, match=r"holdout\.share: is locked at 0\.1"):
        desk.move("approve")
    assert desk.apply(run={"daily_budget": 5}).version == 3  # measured against what runs, not against the edit


def test_a_run_is_not_opened_in_a_version_that_was_replaced_meanwhile(desk, database):
    desk.bring_to("running")
    before = runnable(database, DAY)[0]
    desk.apply(holdout={"share": 0.2})
    desk.move("submit")
    desk.move("approve")
    settings = Settings(_env_file=None)
    with pytest.raises(NotAllowed, match="start the run again"):
        open_run(database, before, DAY, settings=settings, wall=NOW, budget=5, model=None)


def test_two_who_make_a_campaign_at_once_make_one(desk, database):
    with database.session() as session:
        asked = from_values({"name": "autumn"}, "autumn.toml")
        lifecycle.apply(session, asked, {"source_hash": "v1"}, "operator", NOW)
        second = threading.Thread(target=desk.apply, kwargs={"run": {"daily_budget": 5}})
        second.start()
        second.join(0.2)
        assert second.is_alive()  # it waits for us
        session.commit()
    second.join(10)
    with database.session() as session:
        assert [row.version for row in lifecycle.every(session)] == [2]


def test_versions_are_kept_as_they_were(desk, database):
    desk.apply()
    desk.apply(run={"daily_budget": 5})
    with database.session() as session:
        row = lifecycle.find(session, "autumn")
        assert lifecycle.version(session, row).campaign().run.daily_budget == 5
        assert lifecycle.version(session, row, 1).campaign().run.daily_budget == 20_000
        with pytest.raises(NotFound):
            lifecycle.version(session, row, 9)
