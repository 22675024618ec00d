"""Users, their roles, and the audit log."""

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from campaigns.errors import NotAllowed
from campaigns.people import Audit, Role, add_user, approvers, record, require
from tests.kept import kept  # noqa: F401 - a fixture

NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture
def session(database):
    with database.session() as session:
        yield session


@pytest.mark.parametrize("held", list(Role))
def test_a_role_may_do_what_it_and_those_below_it_may(session, held):
    add_user(session, "ana@lumen.example", held.name)
    for asked in Role:
        if asked <= held:
            require(session, "ana@lumen.example", asked, "act")
        else:
            with pytest.raises(NotAllowed, match=f"is {held.name}, and this needs {asked.name}"):
                require(session, "ana@lumen.example", asked, "act")


def test_the_operator_holds_every_role(session):
    for role in Role:
        require(session, "operator", role, "act")


def test_a_stranger_may_nothing_and_is_told_how_to_become_a_user(session):
    with pytest.raises(NotAllowed, match=r"encore user add eve@lumen\.example --role viewer"):
        require(session, "eve@lumen.example", Role.viewer, "look")


def test_an_address_is_one_user_however_it_is_spelt(session):
    add_user(session, "Ana@Lumen.example", "admin")
    require(session, " ana@lumen.EXAMPLE ", Role.admin, "act")
    add_user(session, "ana@lumen.example", "viewer")
    assert approvers(session) == 0
    with pytest.raises(NotAllowed):
        require(session, "Ana@Lumen.example", Role.analyst, "act")


def test_approvers_are_those_who_may_approve(session):
    for number, role in enumerate(Role):
        add_user(session, f"user{number}@lumen.example", role.name)
    assert approvers(session) == 2


@pytest.mark.parametrize(
    ("email", "role"), [("a@b.example", "king"), ("a@b.example", "Admin"), ("Operator", "viewer"), ("", "admin")]
)
def test_a_role_that_is_none_and_a_name_that_is_nobodys_are_refused(session, email, role):
    with pytest.raises(NotAllowed):
        add_user(session, email, role)


def test_what_was_done_is_in_the_audit_log(session):
    record(session, "Ana@Lumen.example", "pause", "autumn", NOW, version=3)
    logged = session.exec(select(Audit)).one()
    assert (logged.at, logged.actor, logged.act, logged.subject) == (NOW, "ana@lumen.example", "pause", "autumn")
    assert logged.detail == {"version": 3}
