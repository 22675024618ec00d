"""Contacts: what an import may change of them, and what it may not."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from campaigns import contacts
from campaigns.contacts import COLUMNS, Counts
from tests.kept import kept  # noqa: F401 - a fixture

JOINED = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SCHEMA = dict.fromkeys(COLUMNS, pl.String) | {
    "signed_up_at": pl.Datetime("us", "UTC"),
    "email_consent": pl.Boolean,
    "email_consent_at": pl.Datetime("us", "UTC"),
    "email_consent_expires_at": pl.Datetime("us", "UTC"),
    "pixel_consent": pl.Boolean,
}


def told(*members, **changes):
    """Members as an import hands them over."""
    rows = [
        {
            "member_id": member,
            "email": f"{member}@example.com",
            "given_name": "Ana",
            "signed_up_at": JOINED,
            "email_consent": True,
            "email_consent_at": JOINED,
        }
        | changes
        for member in members
    ]
    return pl.DataFrame(rows, schema=SCHEMA)


def refusal(database, member, at=NOW):
    with database.connect() as connection:
        query = "SELECT contact_refusal(k, %s) FROM contacts k WHERE member_id = %s"
        return connection.execute(query, [at, member]).fetchone()[0]


def column(database, member, name):
    with database.connect() as connection:
        return connection.execute(f"SELECT {name} FROM contacts WHERE member_id = %s", [member]).fetchone()[0]


def test_new_changed_and_unchanged_contacts_are_told_apart(database):
    assert contacts.put(database, told("a", "b", "c")) == Counts(3, 0)
    again = pl.concat([told("a"), told("b", email="other@example.com"), told("d")])
    assert contacts.put(database, again) == Counts(1, 1)
    assert contacts.put(database, again) == Counts(0, 0)
    assert column(database, "b", "email") == "other@example.com"


def test_nobody_to_take_in_is_no_error(database):
    assert contacts.put(database, told()) == Counts(0, 0)


def test_empty_consents_are_none(database):
    contacts.put(database, told("a", email_consent=None, pixel_consent=None))
    assert column(database, "a", "email_consent") is False
    assert column(database, "a", "pixel_consent") is False
    assert refusal(database, "a") == "no_consent"


@pytest.mark.parametrize("member", ["a:b", "a,b", 'a"b', "a\\b", "a\tb", "a\nb", "日本", "\\N", " a ", "O'Neil"])
def test_any_id_and_name_is_kept_as_it_is(database, member):
    contacts.put(database, told(member, email="x@example.com", given_name=member))
    assert column(database, member, "given_name") == member


@pytest.mark.parametrize("email", ["a\\b@example.com", "A@Example.com", '"a b"@example.com', "\\x41@example.com"])
def test_any_address_has_a_hash_that_does_not_look_at_case(database, email):
    contacts.put(database, pl.concat([told("a", email=email), told("b", email=email.upper().replace("\\X", "\\x"))]))
    assert column(database, "a", "address_hash") == column(database, "b", "address_hash")


def test_without_an_address_there_is_no_hash(database):
    contacts.put(database, told("a", email=None))
    assert column(database, "a", "address_hash") is None
    assert refusal(database, "a") == "no_address"


# --- unsubscribing ----------------------------------------------------------------------------------------------------


def test_an_unsubscribe_ends_consent(database):
    contacts.put(database, told("a"))
    assert refusal(database, "a") is None
    assert contacts.unsubscribe(database, "a", NOW)
    assert refusal(database, "a", NOW + DAY) == "no_consent"


def test_an_unsubscribe_counts_by_all_that_is_known_whichever_the_clock(database):
    contacts.put(database, told("a"))
    contacts.unsubscribe(database, "a", NOW)
    assert refusal(database, "a", NOW - 30 * DAY) == "no_consent"


@pytest.mark.parametrize("consent_at", [None, JOINED, NOW - DAY, NOW])
def test_an_unsubscribe_beats_an_import_whose_consent_is_not_newer(database, consent_at):
    contacts.put(database, told("a"))
    contacts.unsubscribe(database, "a", NOW)
    contacts.put(database, told("a", email_consent_at=consent_at, given_name="Anna"))
    assert column(database, "a", "given_name") == "Anna"
    assert refusal(database, "a", NOW + 30 * DAY) == "no_consent"


def test_a_newer_consent_beats_an_unsubscribe(database):
    contacts.put(database, told("a"))
    contacts.unsubscribe(database, "a", NOW)
    contacts.put(database, told("a", email_consent_at=NOW + DAY))
    assert refusal(database, "a", NOW + 2 * DAY) is None


def test_a_repeated_unsubscribe_keeps_the_latest(database):
    contacts.put(database, told("a"))
    contacts.unsubscribe(database, "a", NOW)
    contacts.unsubscribe(database, "a", NOW - DAY)
    assert column(database, "a", "unsubscribed_at") == NOW


def test_an_unsubscribe_counts_for_everyone_at_the_address(database):
    contacts.put(database, told("a", "b", email="home@example.com"))
    contacts.put(database, told("c", email="Home@example.com"))
    contacts.put(database, told("d"))
    contacts.unsubscribe(database, "a", NOW)
    assert [refusal(database, member) for member in "abcd"] == ["no_consent", "no_consent", "no_consent", None]
    assert contacts.unsubscribed(database).rows() == [("a", NOW), ("b", NOW), ("c", NOW)]


def test_members_without_an_address_do_not_unsubscribe_each_other(database):
    contacts.put(database, told("a", "b", email=None))
    assert contacts.unsubscribe(database, "a", NOW)
    assert contacts.unsubscribed(database)["member_id"].to_list() == ["a"]


def test_nobody_is_unsubscribed_who_is_not_there(database):
    assert not contacts.unsubscribe(database, "a", NOW)
    assert contacts.unsubscribed(database).is_empty()


# --- windows of consent -----------------------------------------------------------------------------------------------


def test_consent_holds_from_when_it_was_given_until_it_expires(database):
    contacts.put(database, told("a", email_consent_at=NOW, email_consent_expires_at=NOW + 10 * DAY))
    instant = timedelta(microseconds=1)
    assert refusal(database, "a", NOW) == "no_consent"  # what happens at a moment is not yet known at it
    assert refusal(database, "a", NOW + instant) is None
    assert refusal(database, "a", NOW + 10 * DAY - instant) is None
    assert refusal(database, "a", NOW + 10 * DAY) == "no_consent"


def test_consent_without_a_time_was_given_at_sign_up(database):
    contacts.put(database, told("a", email_consent_at=None, signed_up_at=NOW))
    assert refusal(database, "a", NOW - DAY) == "no_consent"
    assert refusal(database, "a", NOW + DAY) is None


def test_consent_can_be_taken_back_by_an_import(database):
    contacts.put(database, told("a"))
    contacts.put(database, told("a", email_consent=False))
    assert refusal(database, "a") == "no_consent"


def test_a_suppressed_address_is_suppressed_for_all_who_have_it_whichever_the_clock(database):
    contacts.put(database, told("a", "b", email="home@example.com"))
    with database.connect() as connection:
        connection.execute(
            "INSERT INTO suppressions SELECT DISTINCT address_hash, 'complaint', %s FROM contacts", [NOW + DAY]
        )
    assert refusal(database, "a", NOW) == refusal(database, "b", NOW) == "suppressed"


# --- erasure ----------------------------------------------------------------------------------------------------------


def test_what_was_erased_stays_erased(database):
    contacts.put(database, told("a"))
    with database.connect() as connection:
        connection.execute("UPDATE contacts SET email = NULL, given_name = NULL, erased_at = %s", [NOW])
    assert contacts.put(database, told("a", email_consent_at=NOW + DAY)) == Counts(0, 0)
    assert column(database, "a", "email") is None
    assert refusal(database, "a", NOW + 2 * DAY) == "no_address"
