from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr

from campaigns.doctor import examine
from campaigns.sending import Carrier
from campaigns.standin import Fail, Quota, serving
from tests.campaigns.making import DAY, NOW

REAL = {
    "transport": "ses",
    "sender": "Kino <hello@kino.example>",
    "postal_address": "Kino, Berlin",
    "public_url": "https://news.kino.example",
    "configuration_set": "win-back",
    "secret_key": SecretStr("x" * 32),
    "warm_up": "200,400",
}


@pytest.fixture
def findings(stores, home):
    """What is found under some settings, by what it is about: (mark, what is said, what mends it)."""

    def findings(quota=None, faults=lambda _: None, **settings):
        changed = replace(stores, settings=stores.settings.model_copy(update=settings))
        with serving(home, quota=quota, faults=faults) as url:
            return {found.what: (found.mark, found.said, found.mend) for found in examine(changed, Carrier(url), NOW)}

    return findings


def marked(found, mark):
    return {what for what, (its, *_) in found.items() if its == mark}


def test_a_new_installation_lacks_data_and_nothing_else(findings):
    found = findings()
    assert marked(found, "warn") == {"members", "titles", "plays", "artworks"}
    assert marked(found, "ok") == {"database", "transport", "quota"}
    assert marked(found, "bad") == set()


def test_a_real_installation_that_is_set_up_is_good(findings):
    assert marked(findings(**REAL), "ok") == {"database", "quota"}
    assert marked(findings(**REAL), "bad") == set()


@pytest.mark.parametrize(
    ("change", "what", "mark", "mend"),
    [
        ({"sender": "Lumen <hello@lumen.example>"}, "sender", "bad", "ENCORE_SENDER"),
        ({"postal_address": "Lumen, 1 Curtain Street, London"}, "postal address", "bad", "ENCORE_POSTAL_ADDRESS"),
        ({"public_url": "http://news.kino.example"}, "public URL", "warn", "ENCORE_PUBLIC_URL"),
        ({"configuration_set": None}, "configuration set", "warn", "ENCORE_CONFIGURATION_SET"),
        ({"secret_key": None}, "ENCORE_SECRET_KEY", "bad", "32 random characters"),
        ({"warm_up": None}, "warm-up", "warn", "set ENCORE_WARM_UP=200,400,800"),
    ],
)
def test_what_a_real_installation_lacks_is_said_with_what_mends_it(findings, change, what, mark, mend):
    found = findings(quota=Quota(14, 1000), **REAL | change)
    assert found[what][0] == mark
    assert mend in found[what][2]
    assert marked(found, "bad") == ({what} if mark == "bad" else set())


def test_an_account_that_refuses_is_bad_and_one_that_is_used_up_is_a_warning(findings):
    denied = findings(faults=lambda _: Fail(403, "AccessDeniedException", "no"))
    assert denied["Amazon SES"][0] == "bad"
    assert "check credentials" in denied["Amazon SES"][2]
    assert findings(quota=Quota(14, 0))["quota"][0] == "warn"


def test_an_account_without_a_limit_says_so(findings):
    assert findings(quota=Quota(14, -1))["quota"][1] == "without a limit a day, 14 a second"


def test_messages_in_doubt_are_told(house, findings):
    message = house.message(house.contact("ana"), house.campaign(), state="in_doubt")
    house.do(
        "INSERT INTO attempts (message_id, run_date, number, worker, started_at) VALUES (%s, %s, 1, 1, %s)",
        [message, DAY, NOW - timedelta(hours=2)],
    )
    assert findings()["in doubt"] == (
        "warn",
        "1 message, the oldest for 2.0 h",
        "encore reconcile, and see that SES's events arrive",
    )
